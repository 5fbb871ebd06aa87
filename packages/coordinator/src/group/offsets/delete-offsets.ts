/**
 * Decides what takes offsets away: OffsetDelete, the deletion of a group, and the deletion of topics.
 *
 * Source: OffsetMetadataManager.deleteOffsets, deleteAllOffsets, onTopicsDeleted.
 */
import { type Uuid, ZERO_UUID } from '@skarab/base';
import {
  ErrorCode,
  newOffsetDeleteResponse,
  newOffsetDeleteResponsePartition,
  newOffsetDeleteResponseTopic,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
} from '@skarab/protocol';
import { decided, refused, type Verdict } from '../../runtime/decision.ts';
import { type GroupRecord, offsetCommitTombstone } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { OffsetStore } from './offset-store.ts';

/** A topic that is gone; the id tells it from a later one of the same name. */
export interface DeletedTopic {
  readonly id: Uuid;
  readonly name: string;
}

/** Decides an OffsetDelete; offsets of topics that the group subscribes to stay. */
export function deleteOffsets(
  parts: ShardParts,
  request: OffsetDeleteRequest,
): Verdict<OffsetDeleteResponse, GroupRecord> {
  const { groupId } = request;
  const group = parts.registry.get(groupId);
  const error = group?.validateOffsetDelete() ?? ErrorCode.GROUP_ID_NOT_FOUND;
  if (group === undefined || error !== ErrorCode.NONE) return refused(error);
  const records: GroupRecord[] = [];
  const topics = request.topics.map(({ name, partitions }) => {
    const isSubscribed = group.isSubscribedToTopic(name);
    const errorCode = isSubscribed ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE;
    for (const { partitionIndex } of isSubscribed ? [] : partitions)
      if (hasOffset(parts.offsets, groupId, name, partitionIndex))
        records.push(offsetCommitTombstone(groupId, name, partitionIndex));
    return newOffsetDeleteResponseTopic({
      name,
      partitions: partitions.map(({ partitionIndex }) =>
        newOffsetDeleteResponsePartition({ partitionIndex, errorCode }),
      ),
    });
  });
  return decided(records, newOffsetDeleteResponse({ topics }));
}

function hasOffset(offsets: OffsetStore, groupId: string, topic: string, partition: number): boolean {
  return (
    offsets.committed.get(groupId, topic, partition) !== undefined || offsets.hasPending(groupId, topic, partition)
  );
}

/** Tombstones for every offset of a group, one per partition. */
export function allOffsetTombstones(offsets: OffsetStore, groupId: string): GroupRecord[] {
  const records: GroupRecord[] = [];
  for (const [topic, partitions] of offsets.committed.ofGroup(groupId) ?? [])
    for (const partition of partitions.keys()) records.push(offsetCommitTombstone(groupId, topic, partition));
  for (const [topic, partition] of offsets.pendingPartitions(groupId))
    if (offsets.committed.get(groupId, topic, partition) === undefined)
      records.push(offsetCommitTombstone(groupId, topic, partition));
  return records;
}

/** Tombstones for the offsets of topics that are gone. An offset without a topic id may be any topic's of that name. */
export function deletedTopicTombstones(offsets: OffsetStore, topics: readonly DeletedTopic[]): GroupRecord[] {
  const idsByName = Map.groupBy(topics, ({ name }) => name);
  const records: GroupRecord[] = [];
  for (const entries of [offsets.committed.entries(), offsets.pendingEntries()])
    for (const { groupId, topic, partition, value } of entries) {
      const isDeleted = idsByName.get(topic)?.some(({ id }) => value.topicId === ZERO_UUID || value.topicId === id);
      if (isDeleted === true) records.push(offsetCommitTombstone(groupId, topic, partition));
    }
  return records;
}
