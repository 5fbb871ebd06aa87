/**
 * Decides about partition reassignments: beginning, changing, cancelling and listing them.
 *
 * Source: org.apache.kafka.controller.ReplicationControlManager (alterPartitionReassignments, listPartitionReassignments); KIP-455, KIP-860.
 */
import {
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
  ErrorCode,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
  newAlterPartitionReassignmentsResponse,
  newListPartitionReassignmentsResponse,
  type OngoingTopicReassignment,
  type ReassignablePartition,
} from '@skarab/protocol';
import type { MetadataImage } from '../image/metadata-image.ts';
import type { TopicImage } from '../image/topics-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { isReassigning, type PartitionRegistration } from '../registration/partition-registration.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, type ErrorValue, failure } from './decision.ts';
import type { Leadership } from './leadership.ts';
import type { PartitionPlanner } from './partition-planner.ts';
import { beginReassignment, type ReassignmentReplicas, revertReassignment } from './reassignment.ts';

type ChangeResult = { readonly record: MetadataRecord | null } | { readonly error: ErrorValue };

/** Decider of reassignments. */
export class Reassignments {
  readonly #state: ControllerState;
  readonly #leadership: Leadership;
  readonly #planner: PartitionPlanner;

  constructor(state: ControllerState, leadership: Leadership, planner: PartitionPlanner) {
    this.#state = state;
    this.#leadership = leadership;
    this.#planner = planner;
  }

  /** Begins, changes or cancels reassignments, partition by partition. */
  alter(request: AlterPartitionReassignmentsRequest): Decision<AlterPartitionReassignmentsResponse> {
    const { allowReplicationFactorChange } = request;
    const records: MetadataRecord[] = [];
    const responses = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((target) => {
        const result = this.#alterOne(name, target, allowReplicationFactorChange);
        const error = 'error' in result ? result.error : failure(ErrorCode.NONE);
        if ('record' in result && result.record !== null) records.push(result.record);
        return { partitionIndex: target.partitionIndex, errorCode: error.code, errorMessage: error.message };
      }),
    }));
    const response = newAlterPartitionReassignmentsResponse({
      allowReplicationFactorChange,
      errorMessage: null,
      responses,
    });
    return decideAtomically(records, response);
  }

  #alterOne(topicName: string, target: ReassignablePartition, mayChangeFactor: boolean): ChangeResult {
    const topic = this.#state.image.topics.byName.get(topicName);
    if (topic === undefined) return unknown(`Unable to find a topic named ${topicName}.`);
    const partition = topic.partitions[target.partitionIndex];
    if (partition === undefined) return unknown(`Unable to find partition ${topicName}:${target.partitionIndex}.`);
    if (target.replicas === null) return this.#cancel(topic, target.partitionIndex, partition);
    const error =
      this.#planner.reasonInvalidAssignment(target.replicas, null) ??
      (mayChangeFactor ? null : reasonFactorChanges(partition, target.replicas));
    if (error !== null) return { error };
    const { replicas, removing, adding } = beginReassignment(partition.replicas, target.replicas);
    const targets = {
      replicas,
      ...(removing.length > 0 && { removing }),
      ...(adding.length > 0 && { adding }),
    };
    return { record: this.#leadership.change(topic, target.partitionIndex, targets) };
  }

  #cancel(topic: TopicImage, partitionId: number, partition: PartitionRegistration): ChangeResult {
    if (!isReassigning(partition)) return { error: failure(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS) };
    const { replicas, isr, unclean } = revertReassignment(reassignmentOf(partition), partition.isr);
    const election = this.#leadership.electionOf(topic.name);
    if (unclean && election !== 'unclean') {
      const message =
        `Unable to revert partition assignment for ${topic.name}:${partitionId} because it would require an ` +
        'unclean leader election.';
      return { error: failure(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message) };
    }
    const targets = { isr, replicas, removing: [], adding: [], election };
    return { record: this.#leadership.change(topic, partitionId, targets) };
  }
}

/** Reassignments that are under way in `image`. */
export function listReassignments(
  image: MetadataImage,
  reassigning: Iterable<{ readonly topicId: string; readonly partition: number }>,
  request: ListPartitionReassignmentsRequest,
): ListPartitionReassignmentsResponse {
  const wanted = new Map<TopicImage, number[]>();
  if (request.topics === null) {
    for (const { topicId, partition } of reassigning) {
      const topic = image.topics.byId.get(topicId);
      if (topic !== undefined) wanted.set(topic, [...(wanted.get(topic) ?? []), partition]);
    }
  } else {
    for (const { name, partitionIndexes } of request.topics) {
      const topic = image.topics.byName.get(name);
      if (topic !== undefined) wanted.set(topic, partitionIndexes);
    }
  }
  const topics = [...wanted].map(([topic, partitions]) => ongoing(topic, partitions));
  return newListPartitionReassignmentsResponse({
    errorMessage: null,
    topics: topics.filter(({ partitions }) => partitions.length > 0),
  });
}

function ongoing(topic: TopicImage, indexes: readonly number[]): OngoingTopicReassignment {
  const partitions = indexes.flatMap((partitionIndex) => {
    const partition = topic.partitions[partitionIndex];
    if (partition === undefined || !isReassigning(partition)) return [];
    const { replicas, addingReplicas, removingReplicas } = partition;
    return [
      {
        partitionIndex,
        replicas: [...replicas],
        addingReplicas: [...addingReplicas],
        removingReplicas: [...removingReplicas],
      },
    ];
  });
  return { name: topic.name, partitions };
}

function reassignmentOf(partition: PartitionRegistration): ReassignmentReplicas {
  const { removingReplicas, addingReplicas, replicas } = partition;
  return { removing: removingReplicas, adding: addingReplicas, replicas };
}

/** The replicas that the partition has or will have once the current reassignment is through must be as many as are wanted. */
function reasonFactorChanges(partition: PartitionRegistration, target: readonly number[]): ErrorValue | null {
  const settled = new Set([...partition.replicas, ...partition.addingReplicas]);
  for (const id of partition.removingReplicas) settled.delete(id);
  if (settled.size === target.length) return null;
  const message = `The replication factor is changed from ${settled.size} to ${target.length}`;
  return failure(ErrorCode.INVALID_REPLICATION_FACTOR, message);
}

function unknown(message: string): { readonly error: ErrorValue } {
  return { error: failure(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message) };
}
