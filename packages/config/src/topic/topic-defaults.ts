/**
 * What a broker's configuration gives to topics that do not set their own.
 *
 * Source: KafkaConfig.extractLogConfigMap.
 */
import type { BrokerConfig } from '../broker/broker-config.ts';
import type { ConfigKey } from '../config-key.ts';
import type { ConfigValue } from '../config-value.ts';
import { topicConfigKeys } from '../generated/topic-configs.ts';

const cache = new WeakMap<BrokerConfig, ReadonlyMap<string, ConfigValue>>();

/** Values of topic configurations as the broker sets them, by the topic's names; not yet checked against the topic's validators. */
export function topicDefaults(broker: BrokerConfig): ReadonlyMap<string, ConfigValue> {
  const known = cache.get(broker);
  if (known !== undefined) return known;
  const defaults = new Map<string, ConfigValue>();
  for (const key of topicConfigKeys) {
    const value = defaultOf(broker, key);
    if (value !== undefined) defaults.set(key.name, value);
  }
  cache.set(broker, defaults);
  return defaults;
}

/** The first synonym that has a value, in the unit of the topic's configuration. */
function defaultOf(broker: BrokerConfig, key: ConfigKey): ConfigValue | undefined {
  for (const { name, multiplier } of key.synonyms) {
    const value = broker.values.raw(name);
    if (value === null) continue;
    if (key.type !== 'LONG') return value;
    const inUnit = BigInt(value as number | bigint) * BigInt(multiplier);
    return key.name === 'retention.ms' && inUnit < 0n ? -1n : inUnit;
  }
  return undefined;
}
