/**
 * The kinds of things that have configurations, by their numbers on the wire and in the metadata log.
 *
 * Source: ConfigResource.Type, KafkaConfigSchema.
 */
import {
  brokerConfigDef,
  type ConfigDef,
  clientMetricsConfigDef,
  groupConfigDef,
  topicConfigDef,
} from './config-def.ts';

export const ConfigResourceType = {
  UNKNOWN: 0,
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const;

const defs: ReadonlyMap<number, ConfigDef> = new Map([
  [ConfigResourceType.TOPIC, topicConfigDef],
  [ConfigResourceType.BROKER, brokerConfigDef],
  [ConfigResourceType.CLIENT_METRICS, clientMetricsConfigDef],
  [ConfigResourceType.GROUP, groupConfigDef],
]);

/** What is defined for a kind of resource; undefined for kinds without stored configurations. */
export function configDefOf(resourceType: number): ConfigDef | undefined {
  return defs.get(resourceType);
}

/** Whether values can be appended and subtracted. */
export function isListConfig(resourceType: number, name: string): boolean {
  return defs.get(resourceType)?.get(name)?.type === 'LIST';
}

/** The default as text; null when there is none. */
export function defaultConfigText(resourceType: number, name: string): string | null {
  return defs.get(resourceType)?.get(name)?.default ?? null;
}

/** Whether a value must not be shown; so are those of unknown configurations. */
export function isSensitiveConfig(resourceType: number, name: string): boolean {
  return defs.get(resourceType)?.get(name)?.sensitive ?? true;
}
