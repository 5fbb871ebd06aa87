/**
 * Endpoints of a broker as `listeners` and `advertised.listeners` write them: `NAME://host:port`.
 *
 * Source: SocketServerConfigs.listenerListToEndPoints, AbstractKafkaConfig.validate.
 */
import { ConfigError } from '@skarab/base';
import { listToText } from '../java-text.ts';
import { isIpv4, isIpv6 } from './ip-address.ts';
import { ruleError } from './requirement.ts';

/** How connections of a listener are secured. */
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

/** Where a broker listens, or what it tells clients to connect to. */
export interface Endpoint {
  /** The listener's name in upper case. */
  readonly listener: string;
  readonly securityProtocol: SecurityProtocol;
  /** Null binds every address. */
  readonly host: string | null;
  readonly port: number;
}

const endpointPattern = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/;

/** The name of a listener in the form in which names are compared. Errors: ConfigError when it is blank. */
export function normalizeListenerName(name: string): string {
  if (name.trim() === '') throw listenerError('The provided listener name is null or empty string');
  return name.toUpperCase();
}

/**
 * Parses and checks a list of listeners. Advertised ones may share ports (`distinctPorts` false).
 *
 * Errors: ConfigError.
 */
export function parseEndpoints(
  entries: readonly string[],
  protocols: ReadonlyMap<string, SecurityProtocol>,
  distinctPorts: boolean,
): Endpoint[] {
  try {
    const endpoints = entries.map((entry) => parseEndpoint(entry, protocols));
    if (new Set(endpoints.map((one) => one.listener)).size !== endpoints.length) {
      throw listenerError(`Each listener must have a different name, listeners: ${listToText(entries)}`);
    }
    if (distinctPorts) checkPorts(endpoints, listToText(entries));
    return endpoints;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw listenerError(`Error creating broker listeners from '${listToText(entries)}': ${error.message}`);
  }
}

function parseEndpoint(entry: string, protocols: ReadonlyMap<string, SecurityProtocol>): Endpoint {
  const found = endpointPattern.exec(entry);
  if (found === null) throw listenerError(`Unable to parse ${entry} to a broker endpoint`);
  const [, name = '', host = '', portText = ''] = found;
  const listener = normalizeListenerName(name);
  const port = Number(portText);
  if (port > 0x7fff_ffff || port < -0x8000_0000) throw listenerError(`For input string: "${portText}"`);
  const securityProtocol = protocols.get(listener);
  if (securityProtocol === undefined) throw listenerError(`No security protocol defined for listener ${listener}`);
  return { listener, securityProtocol, host: host === '' ? null : host, port };
}

/** A port may be used twice only by an IPv4 and an IPv6 address. */
function checkPorts(endpoints: readonly Endpoint[], listeners: string): void {
  const byPort = Map.groupBy(
    endpoints.filter((one) => one.port !== 0),
    (one) => one.port,
  );
  for (const [port, sharing] of byPort) {
    if (sharing.length > 1) checkSharedPort(port, sharing, listeners);
  }
}

function checkSharedPort(port: number, sharing: readonly Endpoint[], listeners: string): void {
  const hosts = sharing.map((one) => one.host ?? '');
  const v4 = hosts.filter(isIpv4).length;
  const v6 = hosts.filter(isIpv6).length;
  const named = hosts.length - v4 - v6;
  if (named > 1) throw listenerError(`Each listener must have a different port, listeners: ${listeners}`);
  if (v4 + v6 > 2) {
    throw listenerError(
      `Each listener must have a different port unless exactly one listener has an IPv4 address and the other IPv6 address, listeners: ${listeners}, port: ${port}`,
    );
  }
  if (v4 + v6 === 2 && (v4 !== 1 || named > 0)) {
    throw listenerError(
      `If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, listeners: ${listeners}, port: ${port}`,
    );
  }
}

function listenerError(text: string): ConfigError {
  return ruleError('listeners', text);
}
