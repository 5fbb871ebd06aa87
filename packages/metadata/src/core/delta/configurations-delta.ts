/**
 * Configurations set and deleted since an image.
 *
 * Source: org.apache.kafka.image.ConfigurationsDelta, ConfigurationDelta.
 */
import type { ConfigRecord } from '@skarab/protocol';
import {
  type ConfigResource,
  ConfigResourceType,
  type ConfigurationsImage,
  configResourceTypeOf,
  keyOf,
} from '../image/configurations-image.ts';
import { applyChanges, type Changes, removeUnmentioned } from './map-changes.ts';

/** What changed for one resource. */
export interface ConfigurationChanges {
  readonly resource: ConfigResource;
  readonly changes: Changes<string, string>;
}

/** Changes of configurations. */
export class ConfigurationsDelta {
  /** The configurations before. */
  readonly image: ConfigurationsImage;
  readonly #changes = new Map<string, ConfigurationChanges>();

  constructor(image: ConfigurationsImage) {
    this.image = image;
  }

  /** The resources that changed. */
  get changedResources(): Iterable<ConfigurationChanges> {
    return this.#changes.values();
  }

  /** True when something changed for the resource. */
  hasChanged(type: ConfigResourceType, name: string): boolean {
    return this.#changes.has(keyOf(type, name));
  }

  replayConfig(record: ConfigRecord): void {
    const type = configResourceTypeOf(record.resourceType);
    this.#changesOf({ type, name: record.resourceName }).set(record.name, record.value);
  }

  /** Deletes what a removed topic had. */
  replayRemoveTopic(topicName: string): void {
    const resource = { type: ConfigResourceType.TOPIC, name: topicName } as const;
    const before = this.image.get(resource.type, resource.name);
    if (before.size === 0 && !this.hasChanged(resource.type, resource.name)) return;
    const changes = this.#changesOf(resource);
    changes.clear();
    removeUnmentioned(before.keys(), changes);
  }

  finishSnapshot(): void {
    for (const { resource, data } of this.image) removeUnmentioned(data.keys(), this.#changesOf(resource));
  }

  /** The configurations as they are now. */
  apply(): ConfigurationsImage {
    let image = this.image;
    for (const { resource, changes } of this.#changes.values()) {
      image = image.with(resource, applyChanges(this.image.get(resource.type, resource.name), changes));
    }
    return image;
  }

  #changesOf(resource: ConfigResource): Changes<string, string> {
    const key = keyOf(resource.type, resource.name);
    let entry = this.#changes.get(key);
    if (entry === undefined) {
      entry = { resource, changes: new Map() };
      this.#changes.set(key, entry);
    }
    return entry.changes;
  }
}
