/**
 * What the controller needs to know about configurations: a port, fed from the generated catalogue by whoever composes a node.
 *
 * Source: org.apache.kafka.controller.ConfigurationValidator, org.apache.kafka.metadata.KafkaConfigSchema.
 */
import type { ConfigResource, ConfigResourceType } from '../image/configurations-image.ts';
import type { ErrorValue } from './decision.ts';

/** Where an effective value comes from, with the protocol's numbers. */
export const ConfigSource = {
  UNKNOWN: 0,
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
} as const;

/** What is set at each level; the first level that sets a configuration (or a synonym of it) wins, the catalogue's default is last. */
export interface ConfigLayers {
  readonly topic: ReadonlyMap<string, string>;
  /** Dynamic, of this node. */
  readonly node: ReadonlyMap<string, string>;
  /** Dynamic, of all nodes. */
  readonly cluster: ReadonlyMap<string, string>;
  /** The node's properties file. */
  readonly static: ReadonlyMap<string, string>;
}

/** The value of a topic configuration and where it comes from. */
export interface EffectiveConfig {
  readonly name: string;
  readonly value: string | null;
  /** One of `ConfigSource`. */
  readonly source: number;
  readonly isSensitive: boolean;
}

/** Knowledge about configurations. */
export interface ConfigSchema {
  /**
   * Checks what a resource would have after a change.
   * `configs` is all that would be set, `existing` what is set now. Returns null when it is fine.
   */
  validate(
    resource: ConfigResource,
    configs: ReadonlyMap<string, string>,
    existing: ReadonlyMap<string, string>,
  ): ErrorValue | null;
  /** True when values of this configuration are lists, which may be appended to and subtracted from. */
  isList(type: ConfigResourceType, name: string): boolean;
  /** The catalogue's default; null when there is none. */
  defaultValue(type: ConfigResourceType, name: string): string | null;
  /** One topic configuration as the layers make it. Errors: asserts that the catalogue has it. */
  effectiveTopicConfig(name: string, layers: ConfigLayers): EffectiveConfig;
  /** All topic configurations, internal ones only where the topic sets them. */
  effectiveTopicConfigs(layers: ConfigLayers): readonly EffectiveConfig[];
}
