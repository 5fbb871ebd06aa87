/**
 * The configuration of a node, read from properties: typed values of every configuration, and what is derived from several of them.
 *
 * Immutable: a dynamic update makes a new one (`dynamic-broker-config.ts`). Building one checks it as a starting Kafka would.
 * Source: KafkaConfig, AbstractKafkaConfig.
 */
import { brokerConfigDef, brokerQuotaConfigDef } from '../config-def.ts';
import type { ConfigValue } from '../config-value.ts';
import { ConfigValues } from '../config-values.ts';
import type { BrokerConfigValues } from '../generated/broker-configs.ts';
import type { HostPort } from '../host-port.ts';
import { parseInteger } from '../java-text.ts';
import { parseQuorumBootstrapServers, parseQuorumVoters, type QuorumVoter } from '../quorum-endpoints.ts';
import { brokerWarnings } from './broker-warnings.ts';
import { parseCsvMap } from './csv-map.ts';
import { type InertConfig, inertConfigsIn } from './inert-broker-configs.ts';
import { ListenerConfig } from './listener-config.ts';
import { Listeners } from './listeners.ts';
import { ruleError } from './requirement.ts';
import {
  STANDARD_AUTHORIZER_CONFIGS,
  type StandardAuthorizerSettings,
  standardAuthorizerSettings,
} from './standard-authorizer-settings.ts';
import { checkBrokerConfig } from './validate-broker.ts';

/** A role of a node. */
export type ProcessRole = 'broker' | 'controller';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** The configuration of a broker, a controller, or both in one. */
export class BrokerConfig {
  /** What was configured, as text; node.id and broker.id stand for each other. */
  readonly originals: ReadonlyMap<string, string>;
  readonly values: ConfigValues<BrokerConfigValues>;
  #listeners: Listeners | undefined;

  private constructor(originals: ReadonlyMap<string, string>) {
    this.originals = originals;
    this.values = new ConfigValues(parseValues(originals));
  }

  /**
   * Reads and checks a configuration as Kafka does at its start.
   *
   * Errors: ConfigError with the JVM's text.
   */
  static fromProperties(properties: ReadonlyMap<string, string>): BrokerConfig {
    const config = new BrokerConfig(withSynonymousIds(properties));
    checkBrokerConfig(config);
    return config;
  }

  /** The value of a configuration; a LONG is a number kept within the safe integers. */
  get<K extends keyof BrokerConfigValues & string>(name: K): BrokerConfigValues[K] {
    return this.values.get(name);
  }

  /** The configuration as the listener of that name sees it. */
  forListener(name: string): ListenerConfig {
    return new ListenerConfig(this, name);
  }

  /** Errors: ConfigError, but not after a successful fromProperties. */
  get listeners(): Listeners {
    this.#listeners ??= new Listeners(this);
    return this.#listeners;
  }

  get nodeId(): number {
    return this.get('node.id');
  }

  get processRoles(): ReadonlySet<ProcessRole> {
    return new Set(this.get('process.roles') as ProcessRole[]);
  }

  /** log.dirs, else log.dir. */
  get logDirs(): readonly string[] {
    return this.get('log.dirs') ?? this.get('log.dir').map((dir) => dir.trim());
  }

  /** Directories that take no new replicas; `*` stands for all. */
  get cordonedLogDirs(): readonly string[] {
    const cordoned = this.get('cordoned.log.dirs');
    return cordoned.includes('*') ? this.logDirs : cordoned;
  }

  get metadataLogDir(): string {
    return this.get('metadata.log.dir') ?? this.logDirs[0] ?? '';
  }

  /** Voters of a static quorum by id; empty when the quorum is dynamic. */
  get quorumVoters(): ReadonlyMap<number, QuorumVoter> {
    return parseQuorumVoters(this.get('controller.quorum.voters'), false);
  }

  get quorumBootstrapServers(): readonly HostPort[] {
    return parseQuorumBootstrapServers(this.get('controller.quorum.bootstrap.servers'));
  }

  get logRollTimeMs(): number {
    return this.get('log.roll.ms') ?? this.get('log.roll.hours') * hourMs;
  }

  get logRollTimeJitterMs(): number {
    return this.get('log.roll.jitter.ms') ?? this.get('log.roll.jitter.hours') * hourMs;
  }

  get logFlushIntervalMs(): number {
    return this.get('log.flush.interval.ms') ?? this.get('log.flush.scheduler.interval.ms');
  }

  /** -1 is without limit. */
  get logRetentionTimeMs(): number {
    const minutes = this.get('log.retention.minutes');
    const fallback = minutes === null ? this.get('log.retention.hours') * hourMs : minutes * minuteMs;
    return Math.max(-1, this.get('log.retention.ms') ?? fallback);
  }

  get offsetsRetentionMs(): number {
    return this.get('offsets.retention.minutes') * minuteMs;
  }

  /** Limits of connections by address or host name. Errors: ConfigError. */
  get maxConnectionsPerIpOverrides(): ReadonlyMap<string, number> {
    const name = 'max.connections.per.ip.overrides';
    const limitOf = (text: string): number => {
      const limit = parseInteger(text, 32);
      if (limit === undefined) throw ruleError(name, `For input string: "${text}"`);
      return Number(limit);
    };
    return new Map([...parseCsvMap(name, this.get(name))].map(([host, text]) => [host, limitOf(text)]));
  }

  /** How Kafka's own authorizer is set, whether or not it is the one. Errors: ConfigError. */
  get standardAuthorizer(): StandardAuthorizerSettings {
    return standardAuthorizerSettings(this.originals);
  }

  /** How long the controller waits before a no-op record; undefined is never. */
  get metadataMaxIdleIntervalMs(): number | undefined {
    const intervalMs = this.get('metadata.max.idle.interval.ms');
    return intervalMs > 0 ? intervalMs : undefined;
  }

  /** What to say at the start: faults that do not hinder it, names and values that do nothing. */
  get warnings(): readonly string[] {
    return brokerWarnings(this);
  }

  /** Configurations that are set to other than their default and have no effect here, with the reason. */
  get inertConfigs(): readonly InertConfig[] {
    return inertConfigsIn(this);
  }

  /** Names that no definition knows, not even behind a listener prefix; plugins may read them. */
  get unknownNames(): readonly string[] {
    return [...this.originals.keys()].filter((name) => !isKnownName(name));
  }
}

/** broker.id and node.id are the same thing under two names. */
function withSynonymousIds(properties: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const brokerId = properties.get('broker.id');
  const nodeId = properties.get('node.id');
  if (brokerId === undefined && nodeId !== undefined) return new Map([...properties, ['broker.id', nodeId]]);
  if (brokerId !== undefined && nodeId === undefined) return new Map([...properties, ['node.id', brokerId]]);
  return properties;
}

function parseValues(originals: ReadonlyMap<string, string>): Map<string, ConfigValue> {
  return new Map([...brokerConfigDef.parse(originals), ...brokerQuotaConfigDef.parse(originals)]);
}

function isKnownName(name: string): boolean {
  if (brokerConfigDef.has(name) || brokerQuotaConfigDef.has(name)) return true;
  if (STANDARD_AUTHORIZER_CONFIGS.has(name)) return true;
  if (name === 'config.providers' || name.startsWith('config.providers.')) return true;
  const [, ofListener = ''] = /^listener\.name\.[^.]*\.(.*)$/.exec(name) ?? [];
  return brokerConfigDef.has(ofListener) || brokerConfigDef.has(ofListener.replace(/^[^.]*\./, ''));
}
