/**
 * Replays the records of consumer groups: the only code that changes them.
 *
 * A tombstone of what is not there changes nothing: compaction may have left it alone. What cannot follow from a history of records that were
 * decided one after the other is corrupt. Source: GroupMetadataManager.replay.
 */
import { CorruptDataError } from '@skarab/base';
import { ClassicGroup } from '../classic/classic-group.ts';
import type { Group } from '../group.ts';
import { stringSetOrder } from '../java-hash-order.ts';
import type {
  ConsumerGroupCurrentMemberAssignmentRecord,
  ConsumerGroupMemberMetadataRecord,
  ConsumerGroupMetadataRecord,
  ConsumerGroupRecord,
  ConsumerGroupRegularExpressionRecord,
  ConsumerGroupTargetAssignmentMemberRecord,
  ConsumerGroupTargetAssignmentMetadataRecord,
} from '../records/consumer-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { assignmentOf, NO_PARTITIONS } from './assignment.ts';
import { ConsumerGroup, NO_TARGET_EPOCH } from './consumer-group.ts';
import { LEAVE_EPOCH, newConsumerMember, withCurrentAssignment, withMetadata } from './consumer-member.ts';

/** Applies one record. Errors: `CorruptDataError`. */
export function replayConsumerGroupRecord(parts: ShardParts, record: ConsumerGroupRecord): void {
  const { groupId } = record.key;
  const group = persistedGroup(parts, groupId, record.value !== null);
  if (group === null) return;
  switch (record.type) {
    case 'consumerGroupMetadata':
      replayEpoch(parts, group, record);
      break;
    case 'consumerGroupPartitionMetadata':
      group.hasSubscriptionMetadataRecord.set(record.value !== null);
      break;
    case 'consumerGroupMemberMetadata':
      withIndex(parts, group, () => replayMember(group, record));
      break;
    case 'consumerGroupTargetAssignmentMetadata':
      replayTargetEpoch(group, record);
      break;
    case 'consumerGroupTargetAssignmentMember':
      replayTarget(group, record);
      break;
    case 'consumerGroupCurrentMemberAssignment':
      replayCurrentAssignment(group, record);
      break;
    case 'consumerGroupRegularExpression':
      withIndex(parts, group, () => replayRegex(group, record));
      break;
  }
}

/** The group that a record is about; made in the place of one that only holds offsets. Null: there is none, and the record needs none. */
function persistedGroup({ registry, timeline }: ShardParts, groupId: string, isNeeded: boolean): ConsumerGroup | null {
  const group = registry.get(groupId);
  if (group instanceof ConsumerGroup) return group;
  if (group === undefined && !isNeeded) return null;
  if (group !== undefined && !isHolderOfOffsets(group))
    throw new CorruptDataError(`group ${groupId} is not a consumer group`);
  const fresh = new ConsumerGroup(groupId, timeline);
  registry.put(fresh);
  return fresh;
}

/** A classic group that commits without membership made; no record says that it is there. */
function isHolderOfOffsets(group: Group): boolean {
  if (!(group instanceof ClassicGroup)) return false;
  return group.protocolType === null && group.isEmpty && group.pendingJoinMembers.size === 0;
}

function corrupt(group: ConsumerGroup, what: string): CorruptDataError {
  return new CorruptDataError(`consumer group ${group.groupId}: ${what}`);
}

/** Tells the index which topics the group subscribes to before and after a change. */
function withIndex({ topics }: ShardParts, group: ConsumerGroup, change: () => void): void {
  const before = new Set(group.subscriptions.topics());
  change();
  topics.onSubscriptionChanged(group.groupId, before, new Set(group.subscriptions.topics()));
}

function replayEpoch({ registry }: ShardParts, group: ConsumerGroup, { value }: ConsumerGroupMetadataRecord): void {
  if (value !== null) {
    group.setEpoch(value.epoch, value.metadataHash);
    return;
  }
  if (!group.isEmpty) throw corrupt(group, `is deleted with ${group.members.size} members`);
  if (group.targets.size > 0) throw corrupt(group, `is deleted with ${group.targets.size} target assignments`);
  if (group.target.epoch !== NO_TARGET_EPOCH) throw corrupt(group, 'is deleted before its target assignment');
  registry.delete(group.groupId);
}

function replayMember(group: ConsumerGroup, { key, value }: ConsumerGroupMemberMetadataRecord): void {
  const { memberId } = key;
  const member = group.members.get(memberId);
  if (value !== null) {
    group.putMember(withMetadata(member ?? newConsumerMember(memberId), value));
    return;
  }
  if (member === undefined) return;
  if (member.memberEpoch !== LEAVE_EPOCH) throw corrupt(group, `member ${memberId} is deleted with an assignment`);
  if (group.targets.has(memberId)) throw corrupt(group, `member ${memberId} is deleted with a target assignment`);
  group.removeMember(memberId);
}

function replayTargetEpoch(group: ConsumerGroup, { value }: ConsumerGroupTargetAssignmentMetadataRecord): void {
  if (value !== null) group.setTarget({ epoch: value.assignmentEpoch, timestampMs: Number(value.assignmentTimestamp) });
  else if (group.targets.size > 0) throw corrupt(group, `target is deleted with ${group.targets.size} assignments`);
  else group.setTarget({ epoch: NO_TARGET_EPOCH, timestampMs: 0 });
}

function replayTarget(group: ConsumerGroup, { key, value }: ConsumerGroupTargetAssignmentMemberRecord): void {
  if (value === null) group.targets.delete(key.memberId);
  else group.targets.set(key.memberId, assignmentOf(value.topicPartitions));
}

function replayCurrentAssignment(
  group: ConsumerGroup,
  { key, value }: ConsumerGroupCurrentMemberAssignmentRecord,
): void {
  const { memberId } = key;
  const member = group.members.get(memberId);
  if (value !== null) group.putMember(withCurrentAssignment(member ?? newConsumerMember(memberId), value));
  else if (member !== undefined)
    group.putMember({
      ...member,
      memberEpoch: LEAVE_EPOCH,
      previousMemberEpoch: LEAVE_EPOCH,
      assignedPartitions: NO_PARTITIONS,
      partitionsPendingRevocation: NO_PARTITIONS,
    });
}

function replayRegex(group: ConsumerGroup, { key, value }: ConsumerGroupRegularExpressionRecord): void {
  if (value === null) group.setResolvedRegex(key.regularExpression, null);
  else
    group.setResolvedRegex(key.regularExpression, {
      topics: stringSetOrder(value.topics),
      version: Number(value.version),
      timestampMs: Number(value.timestamp),
    });
}
