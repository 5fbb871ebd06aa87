/**
 * Replays the records of share groups: the only code that changes them.
 *
 * A tombstone of what is not there changes nothing: compaction may have left it alone. Source: GroupMetadataManager.replay.
 */
import { CorruptDataError } from '@skarab/base';
import type { ShareGroupStatePartitionMetadataValue, TopicPartitionsInfo } from '@skarab/protocol';
import { assignmentOf, NO_PARTITIONS } from '../consumer/assignment.ts';
import type { ShareGroupRecord } from '../records/share-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { ShareGroup } from './share-group.ts';
import { newShareMember } from './share-member.ts';
import type { ShareStatePartitions, StatePartitions } from './state-partitions.ts';

const NO_TARGET_EPOCH = -1;
const LEFT_EPOCH = -1;

/** Applies one record. Errors: `CorruptDataError`. */
export function replayShareGroupRecord(parts: ShardParts, record: ShareGroupRecord): void {
  const { groupId } = record.key;
  const group = persistedGroup(parts, groupId, record.value !== null);
  if (group === null) return;
  switch (record.type) {
    case 'shareGroupMetadata':
      if (record.value === null) parts.registry.delete(groupId);
      else group.epoch.set({ groupEpoch: record.value.epoch, metadataHash: record.value.metadataHash });
      break;
    case 'shareGroupMemberMetadata':
      withIndex(parts, group, () => {
        const { memberId } = record.key;
        if (record.value === null) group.removeMember(memberId);
        else {
          const { rackId, clientId, clientHost, subscribedTopicNames } = record.value;
          const before = group.members.get(memberId) ?? newShareMember(memberId);
          const names = [...new Set(subscribedTopicNames)].sort();
          group.putMember({ ...before, rackId, clientId, clientHost, subscribedTopicNames: names });
        }
      });
      break;
    case 'shareGroupTargetAssignmentMetadata':
      group.target.set({
        epoch: record.value?.assignmentEpoch ?? NO_TARGET_EPOCH,
        timestampMs: Number(record.value?.assignmentTimestamp ?? 0n),
      });
      break;
    case 'shareGroupTargetAssignmentMember':
      if (record.value === null) group.targets.delete(record.key.memberId);
      else group.targets.set(record.key.memberId, assignmentOf(record.value.topicPartitions));
      break;
    case 'shareGroupCurrentMemberAssignment': {
      const { memberId } = record.key;
      const before = group.members.get(memberId);
      if (record.value !== null) {
        const { memberEpoch, previousMemberEpoch, assignedPartitions } = record.value;
        const assigned = assignmentOf(assignedPartitions);
        const known = before ?? newShareMember(memberId);
        group.putMember({ ...known, memberEpoch, previousMemberEpoch, assignedPartitions: assigned });
      } else if (before !== undefined)
        group.putMember({
          ...before,
          memberEpoch: LEFT_EPOCH,
          previousMemberEpoch: LEFT_EPOCH,
          assignedPartitions: NO_PARTITIONS,
        });
      break;
    }
    case 'shareGroupStatePartitionMetadata':
      group.states.set(record.value === null ? null : statesOf(record.value));
      break;
  }
}

/** The group that a record is about; null: there is none, and the record needs none. */
function persistedGroup({ registry, timeline }: ShardParts, groupId: string, isNeeded: boolean): ShareGroup | null {
  const group = registry.get(groupId);
  if (group instanceof ShareGroup) return group;
  if (group !== undefined) throw new CorruptDataError(`group ${groupId} is not a share group`);
  if (!isNeeded) return null;
  const fresh = new ShareGroup(groupId, timeline);
  registry.put(fresh);
  return fresh;
}

/** Tells the index which topics the group subscribes to before and after a change. */
function withIndex({ topics }: ShardParts, group: ShareGroup, change: () => void): void {
  const before = new Set(group.subscriptions.topics());
  change();
  topics.onSubscriptionChanged(group.groupId, before, new Set(group.subscriptions.topics()));
}

function statesOf(value: ShareGroupStatePartitionMetadataValue): ShareStatePartitions {
  const byTopic = (topics: readonly TopicPartitionsInfo[]): Map<string, StatePartitions> =>
    new Map(
      topics.map(({ topicId, topicName, partitions }) => [
        topicId,
        { name: topicName, partitions: new Set(partitions) },
      ]),
    );
  return {
    initializing: byTopic(value.initializingTopics),
    initialized: byTopic(value.initializedTopics),
    deleting: new Set(value.deletingTopics.map(({ topicId }) => topicId)),
  };
}
