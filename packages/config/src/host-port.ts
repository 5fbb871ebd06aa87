/**
 * `host:port` as Kafka's configurations write it, with an optional scheme and optional brackets around an IPv6 address.
 *
 * Source: Utils.getHost, getPort and validHostPattern.
 */

/** An address as configured; names are not looked up. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const hostPortPattern = /^(?:[0-9a-zA-Z\-%._]*:\/\/)?\[?([0-9a-zA-Z\-%._:]*)\]?:([0-9]+)$/;
const hostPattern = /^[0-9a-zA-Z\-%._:]*$/;

/** The parts of an address; undefined when it has another form. The port is not bounded here. */
export function parseHostPort(address: string): HostPort | undefined {
  const found = hostPortPattern.exec(address);
  return found === null ? undefined : { host: found[1] ?? '', port: Number(found[2]) };
}

/** Whether a host holds only characters of names and addresses. */
export function isValidHost(host: string): boolean {
  return hostPattern.test(host);
}
