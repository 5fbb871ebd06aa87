/**
 * Decides about CreatePartitions: more partitions for topics that exist.
 *
 * Source: org.apache.kafka.controller.ReplicationControlManager (createPartitions), kafka.server.ControllerApis; KIP-195, KIP-599.
 */
import {
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  type CreatePartitionsTopic,
  type CreatePartitionsTopicResult,
  ErrorCode,
  newCreatePartitionsResponse,
  newCreatePartitionsTopicResult,
} from '@skarab/protocol';
import type { TopicImage } from '../image/topics-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { type PartitionRegistration, partitionToRecord } from '../registration/partition-registration.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, type ErrorValue, failure } from './decision.ts';
import type { PartitionPlanner, Planned } from './partition-planner.ts';
import type { ControllerRequestContext, TopicPredicate } from './request-context.ts';

/** Decider of more partitions. */
export class PartitionCreation {
  readonly #state: ControllerState;
  readonly #planner: PartitionPlanner;

  constructor(state: ControllerState, planner: PartitionPlanner) {
    this.#state = state;
    this.#planner = planner;
  }

  /** Adds partitions where that is possible. */
  createPartitions(
    context: ControllerRequestContext,
    request: CreatePartitionsRequest,
    mayAlter: TopicPredicate,
  ): Decision<CreatePartitionsResponse> {
    const records: MetadataRecord[] = [];
    const results: CreatePartitionsTopicResult[] = [];
    const seen = new Set<string>();
    const duplicates = new Set(request.topics.map(({ name }) => name).filter((name) => !add(seen, name)));
    for (const name of duplicates)
      results.push(result(name, failure(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')));
    for (const topic of request.topics) {
      if (duplicates.has(topic.name)) continue;
      if (!mayAlter(topic.name)) {
        results.push(result(topic.name, failure(ErrorCode.TOPIC_AUTHORIZATION_FAILED)));
        continue;
      }
      const created = this.#create(context, topic);
      if (!('error' in created)) for (const record of created.plan) records.push(record);
      results.push(result(topic.name, 'error' in created ? created.error : failure(ErrorCode.NONE)));
    }
    return decideAtomically(request.validateOnly ? [] : records, newCreatePartitionsResponse({ results }));
  }

  #create(context: ControllerRequestContext, request: CreatePartitionsTopic): Planned<MetadataRecord[]> {
    const topic = this.#state.image.topics.byName.get(request.name);
    if (topic === undefined) return { error: failure(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) };
    const count = topic.partitions.length;
    if (request.count === count) return invalidPartitions(`Topic already has ${count} partition(s).`);
    if (request.count < count) {
      return invalidPartitions(
        `The topic ${request.name} currently has ${count} partition(s); ${request.count} would not be an increase.`,
      );
    }
    const additional = request.count - count;
    if (request.assignments !== null && request.assignments.length !== additional) {
      const message =
        `Attempted to add ${additional} additional partition(s), but only ${request.assignments.length} ` +
        'assignment(s) were specified.';
      return { error: failure(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message) };
    }
    const throttleMs = context.chargePartitionMutations?.(additional) ?? null;
    if (throttleMs !== null) return { error: failure(ErrorCode.THROTTLING_QUOTA_EXCEEDED) };
    const planned = this.#plan(topic, request, additional);
    if ('error' in planned) return planned;
    const options = this.#state.writerOptions;
    return { plan: planned.plan.map((partition, i) => partitionToRecord(topic.id, count + i, partition, options)) };
  }

  #plan(topic: TopicImage, request: CreatePartitionsTopic, additional: number): Planned<PartitionRegistration[]> {
    const count = topic.partitions.length;
    const replicationFactor = topic.partitions[0]!.replicas.length;
    if (request.assignments === null) return this.#planner.place(additional, replicationFactor);
    const plan: PartitionRegistration[] = [];
    for (const [index, { brokerIds }] of request.assignments.entries()) {
      const partition = this.#planner.assign(count + index, brokerIds, replicationFactor);
      if ('error' in partition) return partition;
      plan.push(partition.plan);
    }
    return { plan };
  }
}

/** True when `name` was not in the set before. */
function add(set: Set<string>, name: string): boolean {
  const before = set.size;
  set.add(name);
  return set.size > before;
}

function result(name: string, error: ErrorValue): CreatePartitionsTopicResult {
  return newCreatePartitionsTopicResult({ name, errorCode: error.code, errorMessage: error.message });
}

function invalidPartitions(message: string): { readonly error: ErrorValue } {
  return { error: failure(ErrorCode.INVALID_PARTITIONS, message) };
}
