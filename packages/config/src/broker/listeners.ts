/**
 * Everything a broker's configuration says about listeners: names, protocols, what to bind, what to advertise, which are for controllers.
 *
 * Built once per configuration. Source: KafkaConfig's and AbstractKafkaConfig's listener methods.
 */
import type { ConfigValues } from '../config-values.ts';
import type { BrokerConfigValues } from '../generated/broker-configs.ts';
import { parseQuorumVoters } from '../quorum-endpoints.ts';
import { parseCsvMap } from './csv-map.ts';
import { type Endpoint, normalizeListenerName, parseEndpoints, type SecurityProtocol } from './endpoint.ts';
import { ruleError } from './requirement.ts';

const protocolMap = 'listener.security.protocol.map';
const protocolNames: ReadonlySet<string> = new Set(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']);

/** A configuration before its listeners are known. */
export interface ListenerSource {
  readonly originals: ReadonlyMap<string, string>;
  readonly values: ConfigValues<BrokerConfigValues>;
}

/** The listener that brokers use among themselves. */
export interface InterBrokerListener {
  readonly name: string;
  readonly securityProtocol: SecurityProtocol;
}

/** The listeners of a broker or controller. Errors: the constructor throws ConfigError. */
export class Listeners {
  readonly #source: ListenerSource;
  readonly securityProtocols: ReadonlyMap<string, SecurityProtocol>;
  /** What to bind. */
  readonly all: readonly Endpoint[];

  constructor(source: ListenerSource) {
    this.#source = source;
    this.securityProtocols = effectiveSecurityProtocols(source);
    this.all = parseEndpoints(source.values.get('listeners'), this.securityProtocols, true);
  }

  /** Names as configured; the first is the one brokers connect to. */
  get controllerNames(): readonly string[] {
    return this.#source.values.get('controller.listener.names');
  }

  /** Listeners of the controller role. */
  get controller(): readonly Endpoint[] {
    return this.all.filter((one) => this.controllerNames.includes(one.listener));
  }

  /** Listeners of the broker role. */
  get broker(): readonly Endpoint[] {
    return this.all.filter((one) => !this.controllerNames.includes(one.listener));
  }

  /** What a broker registers for clients and other brokers. Errors: ConfigError. */
  get advertisedBroker(): readonly Endpoint[] {
    return (this.#advertised() ?? this.all).filter((one) => !this.controllerNames.includes(one.listener));
  }

  /** What a controller registers, in the order of controller.listener.names. Errors: ConfigError. */
  get advertisedController(): readonly Endpoint[] {
    const advertised = this.#advertised() ?? [];
    return this.controllerNames.flatMap((name, index) => {
      const sameName = (one: Endpoint): boolean => one.listener === normalizeListenerName(name);
      const bound = this.controller.find(sameName);
      const found =
        advertised.filter((one) => this.controllerNames.includes(one.listener)).find(sameName) ??
        (bound === undefined ? undefined : this.#advertisedFor(bound, index === 0));
      return found === undefined ? [] : [found];
    });
  }

  /** Errors: ConfigError. */
  get interBroker(): InterBrokerListener {
    const { originals, values } = this.#source;
    const name = values.get('inter.broker.listener.name');
    if (name === null) {
      const protocol = values.get('security.inter.broker.protocol') as SecurityProtocol;
      return { name: protocol, securityProtocol: protocol };
    }
    if (originals.has('security.inter.broker.protocol')) {
      const text = 'Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.';
      throw ruleError('inter.broker.listener.name', text);
    }
    const listener = normalizeListenerName(name);
    const securityProtocol = this.securityProtocols.get(listener);
    if (securityProtocol === undefined) {
      const text = `Listener with name ${listener} defined in inter.broker.listener.name not found in ${protocolMap}.`;
      throw ruleError('inter.broker.listener.name', text);
    }
    return { name: listener, securityProtocol };
  }

  /** Listeners that are opened before the broker is ready. Errors: ConfigError. */
  get earlyStart(): ReadonlySet<string> {
    const configured = this.#source.values.get('early.start.listeners');
    if (configured === null) return new Set(this.controller.map((one) => one.listener));
    const names = configured.map((name) => name.trim()).filter((name) => name !== '');
    for (const name of names) {
      if (!this.all.some((one) => one.listener === name)) {
        const text = `early.start.listeners contains listener ${name}, but this is not contained in listeners or controller.listener.names`;
        throw ruleError('early.start.listeners', text);
      }
    }
    return new Set(names);
  }

  #advertised(): Endpoint[] | undefined {
    const entries = this.#source.values.get('advertised.listeners');
    return entries === null ? undefined : parseEndpoints(entries, this.securityProtocols, false);
  }

  /** A controller listener without an advertised one: the address of the static voter, if there is one, in place of a wildcard. */
  #advertisedFor(bound: Endpoint, isDefault: boolean): Endpoint {
    if (isDefault && (bound.host === null || bound.host === '0.0.0.0')) {
      const voters = parseQuorumVoters(this.#source.values.get('controller.quorum.voters'), true);
      const voter = voters.get(this.#source.values.get('node.id'));
      if (voter !== undefined) return { ...bound, host: voter.host, port: voter.port };
    }
    return bound.host === '0.0.0.0' ? { ...bound, host: null } : bound;
  }
}

/** The protocol of each listener name; controller listeners are PLAINTEXT by default where nothing else is secured. */
function effectiveSecurityProtocols({ originals, values }: ListenerSource): Map<string, SecurityProtocol> {
  const protocols = new Map<string, SecurityProtocol>();
  for (const [name, protocol] of parseCsvMap(protocolMap, values.get(protocolMap))) {
    protocols.set(normalizeListenerName(name), parseSecurityProtocol(protocol, protocolMap));
  }
  if (originals.has(protocolMap)) return protocols;
  const controllerNames = values.get('controller.listener.names');
  if (controllerNames.some(isSecured) || values.get('listeners').some((one) => isSecured(listenerNameOf(one)))) {
    return protocols;
  }
  for (const name of controllerNames) protocols.set(name, 'PLAINTEXT');
  return protocols;
}

function parseSecurityProtocol(name: string, option: string): SecurityProtocol {
  const protocol = name.toUpperCase();
  if (protocolNames.has(protocol)) return protocol as SecurityProtocol;
  throw ruleError(option, `Invalid security protocol \`${name}\` defined in ${option}`);
}

function isSecured(name: string): boolean {
  return name === 'SSL' || name === 'SASL_SSL' || name === 'SASL_PLAINTEXT';
}

function listenerNameOf(entry: string): string {
  const colon = entry.indexOf(':');
  if (colon < 0) {
    throw ruleError('listeners', `Unable to parse a listener name from ${entry}`);
  }
  return entry.slice(0, colon).toUpperCase();
}
