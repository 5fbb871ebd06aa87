/** A small catalogue of configurations for tests. */
import { ErrorCode } from '@skarab/protocol';
import {
  type ConfigLayers,
  type ConfigSchema,
  ConfigSource,
  type EffectiveConfig,
} from '../src/core/controller/config-schema.ts';
import { ConfigResourceType } from '../src/core/image/configurations-image.ts';

const TOPIC_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['cleanup.policy', 'delete'],
  ['min.insync.replicas', '1'],
  ['retention.ms', '604800000'],
  ['unclean.leader.election.enable', 'false'],
]);

const BROKER_NAMES: ReadonlyMap<string, string> = new Map([
  ['cleanup.policy', 'log.cleanup.policy'],
  ['retention.ms', 'log.retention.ms'],
]);

/** Knows four topic configurations; refuses `retention.ms` that is no number. */
export const testConfigSchema: ConfigSchema = {
  validate: (resource, configs) => {
    if (resource.type !== ConfigResourceType.TOPIC) return null;
    for (const [name, value] of configs) {
      if (!TOPIC_DEFAULTS.has(name)) {
        return { code: ErrorCode.INVALID_CONFIG, message: `Unknown topic config name: ${name}` };
      }
      if (name === 'retention.ms' && !/^-?\d+$/.test(value)) {
        return { code: ErrorCode.INVALID_CONFIG, message: `Invalid value ${value} for configuration retention.ms` };
      }
    }
    return null;
  },
  isList: (_type, name) => name === 'cleanup.policy',
  defaultValue: (_type, name) => TOPIC_DEFAULTS.get(name) ?? null,
  effectiveTopicConfig: effective,
  effectiveTopicConfigs: (layers) => [...TOPIC_DEFAULTS.keys()].map((name) => effective(name, layers)),
};

function effective(name: string, layers: ConfigLayers): EffectiveConfig {
  const brokerName = BROKER_NAMES.get(name) ?? name;
  const sources: [string | undefined, number][] = [
    [layers.topic.get(name), ConfigSource.DYNAMIC_TOPIC_CONFIG],
    [layers.node.get(brokerName), ConfigSource.DYNAMIC_BROKER_CONFIG],
    [layers.cluster.get(brokerName), ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG],
    [layers.static.get(brokerName), ConfigSource.STATIC_BROKER_CONFIG],
    [TOPIC_DEFAULTS.get(name), ConfigSource.DEFAULT_CONFIG],
  ];
  const [value, source] = sources.find(([found]) => found !== undefined) ?? [undefined, ConfigSource.UNKNOWN];
  return { name, value: value ?? null, source, isSensitive: false };
}
