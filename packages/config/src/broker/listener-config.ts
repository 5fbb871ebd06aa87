/**
 * The configuration as one listener sees it: `listener.name.<name>.<key>` before `<key>`, and for SASL mechanisms
 * `listener.name.<name>.<mechanism>.<key>`.
 *
 * Source: AbstractConfig.valuesWithPrefixOverride, ListenerName.configPrefix.
 */
import { brokerConfigDef, parseConfigValue } from '../config-def.ts';
import { ConfigValues } from '../config-values.ts';
import type { BrokerConfigValues } from '../generated/broker-configs.ts';
import type { ListenerSource } from './listeners.ts';

/** Typed reading with a listener's overrides. Errors: getters throw ConfigError for an override that is not allowed. */
export class ListenerConfig {
  readonly #source: ListenerSource;
  /** `listener.name.<name>.` */
  readonly prefix: string;

  constructor(source: ListenerSource, listener: string) {
    this.#source = source;
    this.prefix = `listener.name.${listener.toLowerCase()}.`;
  }

  /** The value for this listener. */
  get<K extends keyof BrokerConfigValues & string>(name: K): BrokerConfigValues[K] {
    return this.#override(this.prefix + name, name) ?? this.#source.values.get(name);
  }

  /** The value for one SASL mechanism of this listener; undefined when it is set neither for the mechanism nor for the listener. */
  getForMechanism<K extends keyof BrokerConfigValues & string>(
    mechanism: string,
    name: K,
  ): BrokerConfigValues[K] | undefined {
    const ofMechanism = `${this.prefix}${mechanism.toLowerCase()}.${name}`;
    return this.#override(ofMechanism, name) ?? this.#override(this.prefix + name, name);
  }

  #override<K extends keyof BrokerConfigValues & string>(fullName: string, name: K): BrokerConfigValues[K] | undefined {
    const text = this.#source.originals.get(fullName);
    const key = brokerConfigDef.get(name);
    if (text === undefined || key === undefined) return undefined;
    return new ConfigValues<BrokerConfigValues>(new Map([[name, parseConfigValue(key, text)]])).get(name);
  }
}
