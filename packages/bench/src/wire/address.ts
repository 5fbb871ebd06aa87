/**
 * `host:port` as text and as parts.
 */

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The first address of a list of bootstrap servers. */
export function parseAddress(bootstrap: string): Address {
  const first = bootstrap.split(',')[0] ?? '';
  const colon = first.lastIndexOf(':');
  const port = Number(first.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) throw new Error(`not a host and port: '${bootstrap}'`);
  return { host: first.slice(0, colon), port };
}
