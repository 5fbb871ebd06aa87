/**
 * What a delta means for the replicas of one broker: which to delete, to lead, to follow, and in which directory to keep them.
 *
 * Source: org.apache.kafka.image.LocalReplicaChanges, TopicDelta#localChanges.
 */
import type { Uuid } from '@skarab/base';
import { type PartitionRegistration, replicaDirectory } from '../registration/partition-registration.ts';
import type { TopicDelta } from './topic-delta.ts';
import type { TopicsDelta } from './topics-delta.ts';

/** A partition of a topic, both its name and its id. */
export interface LocalPartition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
}

/** A local replica with the state that it takes part in. */
export interface LocalReplica extends LocalPartition {
  readonly registration: PartitionRegistration;
}

/** The changes for one broker. */
export interface LocalReplicaChanges {
  /** Replicas that are here no longer, of changed and of deleted topics. */
  readonly deletes: readonly LocalPartition[];
  /** Partitions that this broker leads and whose leader epoch changed: a subset of `leaders`. */
  readonly electedLeaders: readonly LocalReplica[];
  /** Partitions that this broker leads and that changed in any way. */
  readonly leaders: readonly LocalReplica[];
  readonly followers: readonly LocalReplica[];
  /** Replicas that are new here or were assigned to another directory. */
  readonly directoryIds: readonly (LocalPartition & { readonly directory: Uuid })[];
}

type Changes = { [K in keyof LocalReplicaChanges]: LocalReplicaChanges[K][number][] };

/** The changes of `delta` that concern `brokerId`. */
export function localReplicaChanges(delta: TopicsDelta, brokerId: number): LocalReplicaChanges {
  const changes: Changes = { deletes: [], electedLeaders: [], leaders: [], followers: [], directoryIds: [] };
  for (const topicDelta of delta.changedTopics.values()) addTopic(changes, topicDelta, brokerId);
  for (const topicId of delta.deletedTopicIds) {
    const topic = delta.image.byId.get(topicId)!;
    for (const [partition, registration] of topic.partitions.entries()) {
      if (registration.replicas.includes(brokerId)) changes.deletes.push({ topic: topic.name, topicId, partition });
    }
  }
  return changes;
}

function addTopic(changes: Changes, delta: TopicDelta, brokerId: number): void {
  const { name, id, partitions } = delta.image;
  for (const [partition, registration] of delta.partitionChanges) {
    addPartition(changes, { topic: name, topicId: id, partition, registration }, partitions[partition], brokerId);
  }
}

function addPartition(
  changes: Changes,
  replica: LocalReplica,
  before: PartitionRegistration | undefined,
  brokerId: number,
): void {
  const { registration, ...where } = replica;
  if (!registration.replicas.includes(brokerId)) {
    if (before?.replicas.includes(brokerId)) changes.deletes.push(where);
    return;
  }
  if (before === undefined || before.partitionEpoch !== registration.partitionEpoch) {
    if (registration.leader === brokerId) {
      changes.leaders.push(replica);
      if (before?.leaderEpoch !== registration.leaderEpoch) changes.electedLeaders.push(replica);
    } else changes.followers.push(replica);
  }
  const directory = replicaDirectory(registration, brokerId)!;
  if (before === undefined || replicaDirectory(before, brokerId) !== directory) {
    changes.directoryIds.push({ ...where, directory });
  }
}
