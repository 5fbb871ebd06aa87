/**
 * Decides about CreateTopics: names, configurations, placement or manual assignments, quotas.
 *
 * Topics of one request succeed or fail one by one, but what succeeds is written as one batch. Error codes and texts are Kafka's.
 * Source: org.apache.kafka.controller.ReplicationControlManager, kafka.server.ControllerApis; KIP-464, KIP-525, KIP-599.
 */
import { type Random, randomUuid, type Uuid } from '@skarab/base';
import {
  type CreatableTopic,
  type CreatableTopicConfigs,
  type CreatableTopicResult,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  ErrorCode,
  newCreatableTopicResult,
  newCreateTopicsResponse,
} from '@skarab/protocol';
import { isReservedDirectory } from '../directory-id.ts';
import { ConfigResourceType } from '../image/configurations-image.ts';
import { topicRecord } from '../image/topics-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { type PartitionRegistration, partitionToRecord } from '../registration/partition-registration.ts';
import { CLUSTER_METADATA_TOPIC, reasonInvalidTopicName } from '../topic-name.ts';
import { AlterConfigOp, type ConfigurationControl } from './configuration-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, type ErrorValue, failure, refuse } from './decision.ts';
import type { PartitionPlanner, Planned } from './partition-planner.ts';
import type { ControllerRequestContext, CreateTopicsAccess } from './request-context.ts';

/** Most partitions one request may create. */
const MAX_PARTITIONS_PER_REQUEST = 10_000;

/** What a topic gets that asks for nothing special (KIP-464). */
export interface TopicDefaults {
  readonly numPartitions: number;
  readonly replicationFactor: number;
}

interface NewTopic {
  readonly records: readonly MetadataRecord[];
  readonly result: CreatableTopicResult;
}

/** Decider of new topics. */
export class TopicCreation {
  readonly #state: ControllerState;
  readonly #configuration: ConfigurationControl;
  readonly #planner: PartitionPlanner;
  readonly #random: Random;
  readonly #defaults: TopicDefaults;

  constructor(
    state: ControllerState,
    configuration: ConfigurationControl,
    planner: PartitionPlanner,
    random: Random,
    defaults: TopicDefaults,
  ) {
    this.#state = state;
    this.#configuration = configuration;
    this.#planner = planner;
    this.#random = random;
    this.#defaults = defaults;
  }

  /** Creates what can be created. */
  createTopics(
    context: ControllerRequestContext,
    request: CreateTopicsRequest,
    access: CreateTopicsAccess,
  ): Decision<CreateTopicsResponse> {
    const { accepted, rejected } = sortOut(request.topics, access);
    if (this.#countPartitions(accepted) > MAX_PARTITIONS_PER_REQUEST) {
      return refuse(ErrorCode.POLICY_VIOLATION, 'Excessively large number of partitions per request.');
    }
    const records: MetadataRecord[] = [];
    const results: CreatableTopicResult[] = [];
    for (const topic of accepted) {
      const created = this.#create(context, topic, access);
      if ('error' in created) results.push(failedResult(topic.name, created.error));
      else {
        for (const record of created.plan.records) records.push(record);
        results.push(created.plan.result);
      }
    }
    const response = newCreateTopicsResponse({ topics: [...results, ...rejected] });
    return decideAtomically(request.validateOnly ? [] : records, response);
  }

  #countPartitions(topics: readonly CreatableTopic[]): number {
    let count = 0;
    for (const { assignments, numPartitions } of topics) {
      if (assignments.length > 0) count += assignments.length;
      else count += numPartitions === -1 ? this.#defaults.numPartitions : Math.max(numPartitions, 0);
    }
    return count;
  }

  #create(context: ControllerRequestContext, topic: CreatableTopic, access: CreateTopicsAccess): Planned<NewTopic> {
    const nameError = this.#reasonNameTaken(topic.name);
    if (nameError !== null) return { error: nameError };
    const configs = this.#configRecords(topic);
    if ('error' in configs) return configs;
    const partitions = topic.assignments.length > 0 ? this.#assignAll(topic) : this.#placeAll(topic);
    if ('error' in partitions) return partitions;
    const throttleMs = context.chargePartitionMutations?.(partitions.plan.length) ?? null;
    if (throttleMs !== null) return { error: failure(ErrorCode.THROTTLING_QUOTA_EXCEEDED) };
    const topicId = this.#newTopicId();
    const options = this.#state.writerOptions;
    const records = [
      topicRecord(topic.name, topicId),
      // Configurations come before partitions, so that a partition never exists without its topic's configuration.
      ...configs.plan,
      ...partitions.plan.map((partition, index) => partitionToRecord(topicId, index, partition, options)),
    ];
    const showConfigs = access.mayDescribeConfigs(topic.name);
    return { plan: { records, result: this.#result(topic, topicId, partitions.plan, showConfigs) } };
  }

  #reasonNameTaken(name: string): ErrorValue | null {
    if (this.#state.image.topics.byName.has(name)) {
      return failure(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
    }
    const colliding = this.#state.index.collidingTopic(name);
    if (colliding !== undefined) {
      return failure(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic '${name}' collides with existing topic: ${colliding}`);
    }
    const reason = reasonInvalidTopicName(name);
    return reason === null ? null : failure(ErrorCode.INVALID_TOPIC_EXCEPTION, reason);
  }

  #configRecords(topic: CreatableTopic): Planned<readonly MetadataRecord[]> {
    const unset = topic.configs.filter(({ value }) => value === null);
    if (unset.length > 0) {
      const names = unset.map(({ name }) => name).join(',');
      return { error: failure(ErrorCode.INVALID_CONFIG, `Null value not supported for topic configs: ${names}`) };
    }
    if (topic.configs.length === 0) return { plan: [] };
    const result = this.#configuration.incrementalAlter(
      { type: ConfigResourceType.TOPIC, name: topic.name },
      topic.configs.map(({ name, value }) => ({ name, value, operation: AlterConfigOp.SET })),
      { existence: null, forwarded: true },
    );
    return 'error' in result ? result : { plan: result.records };
  }

  #assignAll(topic: CreatableTopic): Planned<PartitionRegistration[]> {
    const prefix = 'A manual partition assignment was specified, but';
    if (topic.replicationFactor !== -1) return invalidRequest(`${prefix} replication factor was not set to -1.`);
    if (topic.numPartitions !== -1) return invalidRequest(`${prefix} numPartitions was not set to -1.`);
    const byIndex = new Map<number, PartitionRegistration>();
    let replicationFactor: number | null = null;
    for (const { partitionIndex, brokerIds } of topic.assignments) {
      if (byIndex.has(partitionIndex)) {
        return invalidAssignment(`Found multiple manual partition assignments for partition ${partitionIndex}`);
      }
      const partition = this.#planner.assign(partitionIndex, brokerIds, replicationFactor);
      if ('error' in partition) return partition;
      replicationFactor = brokerIds.length;
      byIndex.set(partitionIndex, partition.plan);
    }
    const plan = [...byIndex.keys()].sort((a, b) => a - b).map((index) => byIndex.get(index)!);
    const isConsecutive = plan.every((partition, index) => byIndex.get(index) === partition);
    if (!isConsecutive) return invalidAssignment('partitions should be a consecutive 0-based integer sequence');
    return { plan };
  }

  #placeAll(topic: CreatableTopic): Planned<PartitionRegistration[]> {
    if (topic.replicationFactor < -1 || topic.replicationFactor === 0) {
      const message = 'Replication factor must be larger than 0, or -1 to use the default value.';
      return { error: failure(ErrorCode.INVALID_REPLICATION_FACTOR, message) };
    }
    if (topic.numPartitions < -1 || topic.numPartitions === 0) {
      const message = 'Number of partitions was set to an invalid non-positive value.';
      return { error: failure(ErrorCode.INVALID_PARTITIONS, message) };
    }
    const count = topic.numPartitions === -1 ? this.#defaults.numPartitions : topic.numPartitions;
    const replicationFactor =
      topic.replicationFactor === -1 ? this.#defaults.replicationFactor : topic.replicationFactor;
    const placed = this.#planner.place(count, replicationFactor);
    if (!('error' in placed)) return placed;
    const message = `Unable to replicate the partition ${replicationFactor} time(s): ${placed.error.message}`;
    return { error: failure(placed.error.code, message) };
  }

  #newTopicId(): Uuid {
    for (;;) {
      const id = randomUuid(this.#random.bytes);
      if (!isReservedDirectory(id) && !this.#state.image.topics.byId.has(id)) return id;
    }
  }

  #result(
    topic: CreatableTopic,
    topicId: Uuid,
    partitions: readonly PartitionRegistration[],
    showConfigs: boolean,
  ): CreatableTopicResult {
    const result = newCreatableTopicResult({
      name: topic.name,
      topicId,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
    });
    if (!showConfigs) return { ...result, topicConfigErrorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED };
    const numPartitions = partitions.length;
    const replicationFactor = partitions[0]!.replicas.length;
    return { ...result, numPartitions, replicationFactor, configs: this.#effectiveConfigs(topic) };
  }

  /** The configurations of the topic as DescribeConfigs would show them (KIP-525). */
  #effectiveConfigs(topic: CreatableTopic): CreatableTopicConfigs[] {
    const set = new Map(topic.configs.map(({ name, value }) => [name, value ?? '']));
    return [...this.#configuration.effectiveTopicConfigs(set)]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, value, source, isSensitive }) => ({
        name,
        value: isSensitive ? null : value,
        readOnly: false,
        configSource: source,
        isSensitive,
      }));
  }
}

/** Takes out what may not even be tried: names given twice, the metadata topic, and what the caller may not create. */
function sortOut(
  topics: readonly CreatableTopic[],
  access: CreateTopicsAccess,
): { readonly accepted: CreatableTopic[]; readonly rejected: CreatableTopicResult[] } {
  const counts = new Map<string, number>();
  for (const { name } of topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const errors = new Map<string, ErrorValue>();
  for (const [name, count] of counts) {
    if (count > 1) errors.set(name, failure(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.'));
    else if (name === CLUSTER_METADATA_TOPIC) {
      const message = `Creation of internal topic ${CLUSTER_METADATA_TOPIC} is prohibited.`;
      errors.set(name, failure(ErrorCode.INVALID_REQUEST, message));
    } else if (!access.mayCreate(name)) {
      errors.set(name, failure(ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'Authorization failed.'));
    }
  }
  return {
    accepted: topics.filter(({ name }) => !errors.has(name)),
    rejected: [...errors].map(([name, error]) => failedResult(name, error)),
  };
}

function failedResult(name: string, error: ErrorValue): CreatableTopicResult {
  return newCreatableTopicResult({ name, errorCode: error.code, errorMessage: error.message });
}

function invalidRequest(message: string): { readonly error: ErrorValue } {
  return { error: failure(ErrorCode.INVALID_REQUEST, message) };
}

function invalidAssignment(message: string): { readonly error: ErrorValue } {
  return { error: failure(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message) };
}
