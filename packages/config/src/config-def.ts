/**
 * The set of configurations of one kind of resource: looking one up, parsing one, parsing all.
 *
 * Source: ConfigDef.
 */
import { ConfigError } from '@skarab/base';
import type { ConfigKey } from './config-key.ts';
import { type ConfigValue, defaultValue, parseType } from './config-value.ts';
import { brokerConfigKeys, brokerQuotaConfigKeys } from './generated/broker-configs.ts';
import { clientMetricsConfigKeys } from './generated/client-metrics-configs.ts';
import { groupConfigKeys } from './generated/group-configs.ts';
import { clientQuotaConfigKeys, ipQuotaConfigKeys } from './generated/quota-configs.ts';
import { topicConfigKeys } from './generated/topic-configs.ts';
import { ensureValid } from './validator.ts';

/**
 * Parses and checks one value: the whole of what ConfigDef does to it.
 *
 * Errors: ConfigError with Kafka's text.
 */
export function parseConfigValue(key: ConfigKey, text: string): ConfigValue {
  return checkedValue(key, parseType(key.name, key.type, text));
}

/** Checks a value that is already parsed, such as a broker's for a topic. Errors: ConfigError. */
export function checkedValue(key: ConfigKey, parsed: ConfigValue): ConfigValue {
  // Lists under Kafka's list rule lose their duplicates instead of being refused.
  const value = key.validator?.kind === 'list' && Array.isArray(parsed) ? [...new Set(parsed)] : parsed;
  ensureValid(key, value);
  return value;
}

/** The configurations of one kind of resource. */
export class ConfigDef {
  /** In the order in which Kafka checks them. */
  readonly keys: readonly ConfigKey[];
  readonly #byName: ReadonlyMap<string, ConfigKey>;
  readonly #defaults: ReadonlyMap<string, ConfigValue>;

  constructor(keys: readonly ConfigKey[]) {
    this.keys = keys;
    this.#byName = new Map(keys.map((key) => [key.name, key]));
    this.#defaults = new Map(keys.map((key) => [key.name, defaultValue(key)]));
  }

  /** The configuration of that name, if there is one. */
  get(name: string): ConfigKey | undefined {
    return this.#byName.get(name);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The parsed default; null when there is none or no such configuration. */
  default(name: string): ConfigValue {
    return this.#defaults.get(name) ?? null;
  }

  /**
   * The values of all configurations: the given ones (text is parsed, values are checked), else defaults. Names that are not defined
   * are passed over.
   *
   * Errors: ConfigError for the first configuration that is not allowed, or required and absent.
   */
  parse(given: ReadonlyMap<string, ConfigValue>): Map<string, ConfigValue> {
    const values = new Map<string, ConfigValue>();
    for (const key of this.keys) values.set(key.name, this.#valueOf(key, given.get(key.name)));
    return values;
  }

  #valueOf(key: ConfigKey, given: ConfigValue | undefined): ConfigValue {
    if (given === undefined) {
      if (!key.required) return this.default(key.name);
      const text = `Missing required configuration "${key.name}" which has no default value.`;
      throw new ConfigError(key.name, null, '', text);
    }
    return typeof given === 'string' ? parseConfigValue(key, given) : checkedValue(key, given);
  }
}

export const topicConfigDef: ConfigDef = new ConfigDef(topicConfigKeys);
export const brokerConfigDef: ConfigDef = new ConfigDef(brokerConfigKeys);
/** Broker configurations that exist only as dynamic ones. */
export const brokerQuotaConfigDef: ConfigDef = new ConfigDef(brokerQuotaConfigKeys);
export const groupConfigDef: ConfigDef = new ConfigDef(groupConfigKeys);
export const clientMetricsConfigDef: ConfigDef = new ConfigDef(clientMetricsConfigKeys);
export const clientQuotaConfigDef: ConfigDef = new ConfigDef(clientQuotaConfigKeys);
export const ipQuotaConfigDef: ConfigDef = new ConfigDef(ipQuotaConfigKeys);
