/**
 * What DescribeConfigs and CreateTopics say of the configurations of a topic.
 *
 * Source: ConfigHelper.createTopicConfigEntry; KafkaConfigSchema.resolveEffectiveTopicConfigs.
 */
import { brokerSynonymEntries } from '../broker/describe-broker.ts';
import type { DynamicBrokerConfig } from '../broker/dynamic-broker-config.ts';
import { topicConfigDef } from '../config-def.ts';
import type { ConfigKey } from '../config-key.ts';
import { formatValue } from '../config-value.ts';
import {
  ConfigSource,
  type DescribedConfig,
  type DescribeOptions,
  describedConfig,
  isAskedFor,
} from '../described-config.ts';
import { parseInteger, trimJava } from '../java-text.ts';
import { topicValues } from './topic-config.ts';

type Configs = ReadonlyMap<string, string>;

/** Describes a topic with the given overrides on this broker. Errors: ConfigError for overrides that were never valid. */
export function describeTopic(
  overrides: Configs,
  broker: DynamicBrokerConfig,
  options: DescribeOptions = {},
): DescribedConfig[] {
  const values = topicValues(overrides, broker.current);
  return topicConfigDef.keys
    .filter((key) => isShown(key, overrides) && isAskedFor(key.name, options))
    .map((key) => {
      const value = formatValue(values.raw(key.name), key.type);
      const synonym = key.synonyms[0]?.name;
      const inherited = synonym === undefined ? [] : brokerSynonymEntries(broker, synonym);
      const own = { name: key.name, value, source: ConfigSource.TOPIC_CONFIG };
      const synonyms = overrides.has(key.name) ? [own, ...inherited] : inherited;
      return describedConfig({ name: key.name, value, type: key.type, readOnly: false, synonyms }, options);
    });
}

/** The layers from which a controller tells what a new topic will have. */
export interface TopicConfigLayers {
  readonly staticConfigs: Configs;
  readonly clusterConfigs: Configs;
  readonly brokerConfigs: Configs;
}

/** The configurations in force with their source, as CreateTopics answers them: texts as configured, without synonyms. */
export function effectiveTopicConfigs(overrides: Configs, layers: TopicConfigLayers): DescribedConfig[] {
  return topicConfigDef.keys
    .filter((key) => isShown(key, overrides))
    .map((key) => {
      const { value, source } = effectiveTopicConfig(key.name, overrides, layers);
      const synonyms = [{ name: key.name, value, source }];
      return describedConfig({ name: key.name, value, type: key.type, readOnly: false, synonyms }, {});
    });
}

/** One configuration in force, as text, with its source; the name must be a topic configuration's. */
export function effectiveTopicConfig(
  name: string,
  overrides: Configs,
  layers: TopicConfigLayers,
): { readonly value: string | null; readonly source: number } {
  const own = overrides.get(name);
  if (own !== undefined) return { value: own, source: ConfigSource.TOPIC_CONFIG };
  const key = topicConfigDef.get(name);
  const sources: (readonly [Configs, number])[] = [
    [layers.brokerConfigs, ConfigSource.DYNAMIC_BROKER_CONFIG],
    [layers.clusterConfigs, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG],
    [layers.staticConfigs, ConfigSource.STATIC_BROKER_CONFIG],
  ];
  for (const [layer, source] of sources) {
    for (const synonym of key?.synonyms ?? []) {
      const text = layer.get(synonym.name);
      if (text !== undefined) return { value: inUnit(text, synonym.multiplier), source };
    }
  }
  return { value: key?.default ?? null, source: ConfigSource.DEFAULT_CONFIG };
}

/** Hours or minutes as milliseconds; what is no number counts as 0. */
function inUnit(text: string, multiplier: number): string {
  if (multiplier === 1) return text;
  return String((parseInteger(trimJava(text), 32) ?? 0n) * BigInt(multiplier));
}

function isShown(key: ConfigKey, overrides: Configs): boolean {
  return !key.internal || overrides.has(key.name);
}
