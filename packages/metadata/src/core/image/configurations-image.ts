/**
 * Dynamic configurations by resource: topics, brokers (the name '' is the cluster-wide default), groups, client metrics.
 *
 * Source: org.apache.kafka.image.ConfigurationsImage, org.apache.kafka.common.config.ConfigResource.
 */
import { newConfigRecord } from '@skarab/protocol';
import { PersistentMap } from '../persistent-map.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** Numbers of resource types in requests and records. */
export const ConfigResourceType = {
  UNKNOWN: 0,
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const;
/** A resource type's number. */
export type ConfigResourceType = (typeof ConfigResourceType)[keyof typeof ConfigResourceType];

/** What a configuration belongs to. */
export interface ConfigResource {
  readonly type: ConfigResourceType;
  readonly name: string;
}

/** A resource with its explicitly set configurations. */
export interface ConfigurationImage {
  readonly resource: ConfigResource;
  readonly data: ReadonlyMap<string, string>;
}

/** All resources that have configurations. */
export class ConfigurationsImage {
  readonly #byKey: PersistentMap<ConfigurationImage>;

  constructor(byKey: PersistentMap<ConfigurationImage> = PersistentMap.empty()) {
    this.#byKey = byKey;
  }

  /** Number of resources with configurations. */
  get size(): number {
    return this.#byKey.size;
  }

  /** What is set for a resource; empty when nothing is. */
  get(type: ConfigResourceType, name: string): ReadonlyMap<string, string> {
    return this.#byKey.get(keyOf(type, name))?.data ?? NOTHING;
  }

  /** The cluster-wide defaults of brokers. */
  get clusterDefaults(): ReadonlyMap<string, string> {
    return this.get(ConfigResourceType.BROKER, '');
  }

  /** The image with `resource` at `data`; empty data removes the resource. */
  with(resource: ConfigResource, data: ReadonlyMap<string, string>): ConfigurationsImage {
    const key = keyOf(resource.type, resource.name);
    return new ConfigurationsImage(
      data.size === 0 ? this.#byKey.delete(key) : this.#byKey.set(key, { resource, data }),
    );
  }

  [Symbol.iterator](): Generator<ConfigurationImage> {
    return this.#byKey.values();
  }
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/** A text that tells resources apart; for maps. */
export function keyOf(type: ConfigResourceType, name: string): string {
  return `${type}:${name}`;
}

/** The type with number `id`; `UNKNOWN` for numbers this version does not know. */
export function configResourceTypeOf(id: number): ConfigResourceType {
  return Object.values(ConfigResourceType).find((type) => type === id) ?? ConfigResourceType.UNKNOWN;
}

/** The record that sets (or, with null, deletes) one configuration. */
export function configRecord(resource: ConfigResource, name: string, value: string | null): MetadataRecord {
  const data = newConfigRecord({ resourceType: resource.type, resourceName: resource.name, name, value });
  return { type: 'ConfigRecord', version: 0, data };
}

/** The records of the image. */
export function* configRecords(configs: ConfigurationsImage): Generator<MetadataRecord> {
  for (const { resource, data } of configs) for (const [name, value] of data) yield configRecord(resource, name, value);
}
