/**
 * Decides about configurations: incremental and whole changes, and what they mean for topics.
 *
 * A resource changes as a whole or not at all. With eligible leader replicas on, min.insync.replicas is a matter of topics and of the
 * cluster, not of single brokers, and changing it clears the eligible replicas.
 * Source: org.apache.kafka.controller.ConfigurationControlManager; KIP-226, KIP-339, KIP-966, KIP-1066.
 */
import { ErrorCode, newClearElrRecord } from '@skarab/protocol';
import { isCordonedLogDirsSupported, metadataVersionName } from '../feature/metadata-version.ts';
import {
  type ConfigResource,
  ConfigResourceType,
  type ConfigurationsImage,
  configRecord,
} from '../image/configurations-image.ts';
import type { MetadataRecord, MetadataRecordOf } from '../record/metadata-record.ts';
import type { ConfigLayers, ConfigSchema, EffectiveConfig } from './config-schema.ts';
import type { ControllerState } from './controller-state.ts';
import { type ErrorValue, failure } from './decision.ts';

const MIN_INSYNC_REPLICAS = 'min.insync.replicas';
const UNCLEAN_LEADER_ELECTION = 'unclean.leader.election.enable';
const CORDONED_LOG_DIRS = 'cordoned.log.dirs';
const MAX_VALUE_LENGTH = 32767;

/** Numbers of the operations of IncrementalAlterConfigs. */
export const AlterConfigOp = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** One change of one configuration. */
export interface ConfigChange {
  readonly name: string;
  /** One of `AlterConfigOp`. */
  readonly operation: number;
  readonly value: string | null;
}

/** What a change of a resource comes to: records, or why not. */
export type ConfigChangeResult = { readonly records: readonly MetadataRecord[] } | { readonly error: ErrorValue };

/** Says whether a resource exists that configurations may be set for. */
export type ResourceExistence = (resource: ConfigResource) => ErrorValue | null;

/** How the controller's own node and its catalogue see configurations. */
export interface ConfigurationOptions {
  readonly nodeId: number;
  readonly schema: ConfigSchema;
  /** The node's properties file. */
  readonly staticConfig: ReadonlyMap<string, string>;
}

/** How careful to be with a change. */
export interface AlterConfigOptions {
  /** Null for a resource that the same request creates. */
  readonly existence: ResourceExistence | null;
  readonly forwarded: boolean;
}

type ConfigRecordValue = MetadataRecordOf<'ConfigRecord'>;

type EffectiveByTopic = Map<ReadonlyMap<string, string>, Map<string, EffectiveConfig>>;

/** Decider of configurations. */
export class ConfigurationControl {
  readonly #state: ControllerState;
  readonly #options: ConfigurationOptions;
  /** What was worked out of one image's configurations, by what is set for a topic: most topics share that nothing is. */
  #effective: { readonly configs: ConfigurationsImage | null; readonly byTopic: EffectiveByTopic } = {
    configs: null,
    byTopic: new Map(),
  };

  constructor(state: ControllerState, options: ConfigurationOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** Changes single configurations of a resource. */
  incrementalAlter(
    resource: ConfigResource,
    changes: readonly ConfigChange[],
    options: AlterConfigOptions,
  ): ConfigChangeResult {
    const current = this.#current(resource);
    const records: ConfigRecordValue[] = [];
    for (const change of changes) {
      const before = current.get(change.name) ?? null;
      const value = this.#valueAfter(resource, change, before);
      if (typeof value === 'object' && value !== null) return { error: value };
      if (needsRecord(resource, before, value)) records.push(record(resource, change.name, value));
    }
    return this.#validated(resource, records, [], options);
  }

  /** Replaces all configurations of a resource. */
  legacyAlter(
    resource: ConfigResource,
    configs: ReadonlyMap<string, string | null>,
    options: AlterConfigOptions,
  ): ConfigChangeResult {
    const current = this.#current(resource);
    const altered: ConfigRecordValue[] = [];
    for (const [name, value] of configs) {
      if (needsRecord(resource, current.get(name) ?? null, value)) altered.push(record(resource, name, value));
    }
    const dropped = [...current.keys()]
      .filter((name) => !configs.has(name))
      .map((name) => record(resource, name, null));
    return this.#validated(resource, altered, dropped, options);
  }

  /** min.insync.replicas of a topic, at most its replication factor. */
  effectiveMinIsr(topicName: string): number {
    const replicationFactor = this.#state.image.topics.byName.get(topicName)?.partitions[0]?.replicas.length ?? 1;
    return Math.min(Number(this.#topicConfig(topicName, MIN_INSYNC_REPLICAS).value), replicationFactor);
  }

  /** True when a topic would rather lose records than be without a leader. */
  isUncleanElectionEnabled(topicName: string): boolean {
    return this.#topicConfig(topicName, UNCLEAN_LEADER_ELECTION).value?.toLowerCase() === 'true';
  }

  /** All configurations a topic would have that is created with `configs`. */
  effectiveTopicConfigs(configs: ReadonlyMap<string, string>): readonly EffectiveConfig[] {
    return this.#options.schema.effectiveTopicConfigs(this.#layers(configs));
  }

  /** min.insync.replicas as the properties file or the catalogue has it. */
  get staticMinIsr(): string {
    const none = new Map<string, string>();
    const layers = { topic: none, node: none, cluster: none, static: this.#options.staticConfig };
    return this.#options.schema.effectiveTopicConfig(MIN_INSYNC_REPLICAS, layers).value ?? '1';
  }

  /** What has to be written before eligible leader replicas are switched on. */
  elrSafetyRecords(): MetadataRecord[] {
    const records: MetadataRecord[] = [];
    const { configs } = this.#state.image;
    const cluster: ConfigResource = { type: ConfigResourceType.BROKER, name: '' };
    if (!configs.clusterDefaults.has(MIN_INSYNC_REPLICAS)) {
      records.push(configRecord(cluster, MIN_INSYNC_REPLICAS, this.staticMinIsr));
    }
    for (const { resource, data } of configs) {
      const isBroker = resource.type === ConfigResourceType.BROKER && resource.name !== '';
      if (isBroker && data.has(MIN_INSYNC_REPLICAS)) records.push(configRecord(resource, MIN_INSYNC_REPLICAS, null));
    }
    return records;
  }

  #current(resource: ConfigResource): ReadonlyMap<string, string> {
    return this.#state.image.configs.get(resource.type, resource.name);
  }

  #topicConfig(topicName: string, name: string): EffectiveConfig {
    const { configs } = this.#state.image;
    if (this.#effective.configs !== configs) this.#effective = { configs, byTopic: new Map() };
    const topic = configs.get(ConfigResourceType.TOPIC, topicName);
    let known = this.#effective.byTopic.get(topic);
    if (known === undefined) {
      known = new Map();
      this.#effective.byTopic.set(topic, known);
    }
    const config = known.get(name) ?? this.#options.schema.effectiveTopicConfig(name, this.#layers(topic));
    known.set(name, config);
    return config;
  }

  #layers(topic: ReadonlyMap<string, string>): ConfigLayers {
    const { configs } = this.#state.image;
    return {
      topic,
      node: configs.get(ConfigResourceType.BROKER, String(this.#options.nodeId)),
      cluster: configs.clusterDefaults,
      static: this.#options.staticConfig,
    };
  }

  /** The value after one change, null when it is unset, or why the change makes no sense. */
  #valueAfter(resource: ConfigResource, change: ConfigChange, before: string | null): string | null | ErrorValue {
    const { schema } = this.#options;
    switch (change.operation) {
      case AlterConfigOp.SET:
        return change.value;
      case AlterConfigOp.DELETE:
        return null;
      case AlterConfigOp.APPEND:
      case AlterConfigOp.SUBTRACT: {
        const isAppend = change.operation === AlterConfigOp.APPEND;
        if (!schema.isList(resource.type, change.name)) {
          const what = `${isAppend ? 'APPEND' : 'SUBTRACT'} to key ${change.name}`;
          return failure(ErrorCode.INVALID_CONFIG, `Can't ${what} because its type is not LIST.`);
        }
        const parts = splitList(before ?? schema.defaultValue(resource.type, change.name));
        const operand = (change.value ?? '').split(',');
        const added = isAppend ? operand.filter((part) => !parts.includes(part)) : [];
        const kept = isAppend ? parts : parts.filter((part) => !operand.includes(part));
        return [...kept, ...new Set(added)].join(',');
      }
      default:
        return failure(ErrorCode.INVALID_REQUEST, `Unknown operation type ${change.operation}`);
    }
  }

  #validated(
    resource: ConfigResource,
    altered: readonly ConfigRecordValue[],
    dropped: readonly ConfigRecordValue[],
    options: AlterConfigOptions,
  ): ConfigChangeResult {
    const existing = this.#current(resource);
    const configs = new Map(existing);
    for (const { data } of [...altered, ...dropped]) {
      const error = this.#reasonForbidden(data, existing, options.forwarded);
      if (error !== null) return { error };
      if (data.value === null) configs.delete(data.name);
      else configs.set(data.name, data.value);
    }
    const error = this.#options.schema.validate(resource, configs, existing) ?? options.existence?.(resource) ?? null;
    if (error !== null) return { error };
    const records = [...altered, ...dropped];
    return { records: [...records, ...this.#clearElrRecords(records)] };
  }

  #reasonForbidden(
    data: ConfigRecordValue['data'],
    existing: ReadonlyMap<string, string>,
    forwarded: boolean,
  ): ErrorValue | null {
    const isBroker = data.resourceType === ConfigResourceType.BROKER;
    if (isBroker && data.name === MIN_INSYNC_REPLICAS && this.#state.elrEnabled) {
      if (data.resourceName !== '') return invalid(`Broker-level ${data.name} cannot be altered while ELR is enabled.`);
      if (data.value === null) return invalid(`Cluster-level ${data.name} cannot be removed while ELR is enabled.`);
    }
    if (isBroker && data.name === CORDONED_LOG_DIRS) {
      const error = this.#reasonNotCordonable(data.value, existing.get(CORDONED_LOG_DIRS), forwarded);
      if (error !== null) return error;
    }
    if (data.value !== null && data.value.length > MAX_VALUE_LENGTH) {
      return invalid(
        `The configuration value cannot be added because it exceeds the maximum value size of ${MAX_VALUE_LENGTH} bytes.`,
      );
    }
    return null;
  }

  /** Only the broker itself knows its paths; a request that did not pass it may take directories out of the list, not put them in. */
  #reasonNotCordonable(value: string | null, current: string | undefined, forwarded: boolean): ErrorValue | null {
    if (!isCordonedLogDirsSupported(this.#state.metadataVersion)) {
      return invalid(
        `The ${CORDONED_LOG_DIRS} configuration value cannot be set because it requires metadata.version >= ` +
          metadataVersionName(30),
      );
    }
    if (forwarded || value === null || value.trim() === '') return null;
    const allowed = current === undefined ? [] : splitTrimmed(current);
    if (splitTrimmed(value).every((directory) => allowed.includes(directory))) return null;
    return invalid(
      `When updating ${CORDONED_LOG_DIRS} via controllers,  the new value must be a subset of the current configuration value.`,
    );
  }

  #clearElrRecords(records: readonly ConfigRecordValue[]): MetadataRecord[] {
    if (!this.#state.elrEnabled) return [];
    return records
      .filter(({ data }) => data.name === MIN_INSYNC_REPLICAS)
      .map(({ data }) => {
        const topicName = data.resourceType === ConfigResourceType.TOPIC ? data.resourceName : '';
        return { type: 'ClearElrRecord', version: 0, data: newClearElrRecord({ topicName }) };
      });
  }
}

/** Brokers reload files behind their configurations, so theirs are written even when they do not change. */
function needsRecord(resource: ConfigResource, before: string | null, value: string | null): boolean {
  return before !== value || resource.type === ConfigResourceType.BROKER;
}

function record(resource: ConfigResource, name: string, value: string | null): ConfigRecordValue {
  return configRecord(resource, name, value) as ConfigRecordValue;
}

function splitList(value: string | null): string[] {
  return (value ?? '').split(',').filter((part) => part !== '');
}

function splitTrimmed(value: string): string[] {
  return value.split(',').map((part) => part.trim());
}

function invalid(message: string): ErrorValue {
  return failure(ErrorCode.INVALID_CONFIG, message);
}
