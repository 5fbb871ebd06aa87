/**
 * The records of share groups, and their makers.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers.
 */
import {
  newShareGroupCurrentMemberAssignmentValue,
  newShareGroupMemberMetadataValue,
  newShareGroupMetadataValue,
  newShareGroupStatePartitionMetadataValue,
  newShareGroupTargetAssignmentMemberValue,
  newShareGroupTargetAssignmentMetadataValue,
  type ShareGroupCurrentMemberAssignmentKey,
  type ShareGroupCurrentMemberAssignmentValue,
  type ShareGroupMemberMetadataKey,
  type ShareGroupMemberMetadataValue,
  type ShareGroupMetadataKey,
  type ShareGroupMetadataValue,
  type ShareGroupStatePartitionMetadataKey,
  type ShareGroupStatePartitionMetadataValue,
  type ShareGroupTargetAssignmentMemberKey,
  type ShareGroupTargetAssignmentMemberValue,
  type ShareGroupTargetAssignmentMetadataKey,
  type ShareGroupTargetAssignmentMetadataValue,
} from '@skarab/protocol';
import type { Assignment } from '../consumer/assignment.ts';
import { intSetOrder } from '../java-hash-order.ts';
import type { ClusterImage } from '../metadata/cluster-image.ts';
import type { ShareMember } from '../share/share-member.ts';
import type { ShareStatePartitions, StatePartitions } from '../share/state-partitions.ts';

/** Key and value of a record type; a null value is a tombstone. */
interface Keyed<T extends string, K, V> {
  readonly type: T;
  readonly key: K;
  readonly value: V | null;
}

/** Every record of a share group. */
export type ShareGroupRecord =
  | Keyed<'shareGroupMetadata', ShareGroupMetadataKey, ShareGroupMetadataValue>
  | Keyed<'shareGroupMemberMetadata', ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue>
  | Keyed<
      'shareGroupTargetAssignmentMetadata',
      ShareGroupTargetAssignmentMetadataKey,
      ShareGroupTargetAssignmentMetadataValue
    >
  | Keyed<
      'shareGroupTargetAssignmentMember',
      ShareGroupTargetAssignmentMemberKey,
      ShareGroupTargetAssignmentMemberValue
    >
  | Keyed<
      'shareGroupCurrentMemberAssignment',
      ShareGroupCurrentMemberAssignmentKey,
      ShareGroupCurrentMemberAssignmentValue
    >
  | Keyed<
      'shareGroupStatePartitionMetadata',
      ShareGroupStatePartitionMetadataKey,
      ShareGroupStatePartitionMetadataValue
    >;

/** The state of a member that has what it is to have; share members know no other. */
const STABLE = 0;

export function shareGroupEpochRecord(groupId: string, epoch: number, metadataHash: bigint): ShareGroupRecord {
  return { type: 'shareGroupMetadata', key: { groupId }, value: newShareGroupMetadataValue({ epoch, metadataHash }) };
}

export function shareMemberRecord(groupId: string, member: ShareMember): ShareGroupRecord {
  const { memberId, rackId, clientId, clientHost, subscribedTopicNames } = member;
  return {
    type: 'shareGroupMemberMetadata',
    key: { groupId, memberId },
    value: newShareGroupMemberMetadataValue({
      rackId,
      clientId,
      clientHost,
      subscribedTopicNames: [...subscribedTopicNames],
    }),
  };
}

export function shareTargetRecord(groupId: string, memberId: string, target: Assignment): ShareGroupRecord {
  return {
    type: 'shareGroupTargetAssignmentMember',
    key: { groupId, memberId },
    value: newShareGroupTargetAssignmentMemberValue({ topicPartitions: listed(target) }),
  };
}

export function shareTargetEpochRecord(
  groupId: string,
  assignmentEpoch: number,
  timestampMs: number,
): ShareGroupRecord {
  return {
    type: 'shareGroupTargetAssignmentMetadata',
    key: { groupId },
    value: newShareGroupTargetAssignmentMetadataValue({ assignmentEpoch, assignmentTimestamp: BigInt(timestampMs) }),
  };
}

export function shareCurrentAssignmentRecord(groupId: string, member: ShareMember): ShareGroupRecord {
  const { memberId, memberEpoch, previousMemberEpoch, assignedPartitions } = member;
  return {
    type: 'shareGroupCurrentMemberAssignment',
    key: { groupId, memberId },
    value: newShareGroupCurrentMemberAssignmentValue({
      memberEpoch,
      previousMemberEpoch,
      state: STABLE,
      assignedPartitions: listed(assignedPartitions),
    }),
  };
}

/** Which partitions have a state at the share coordinator, or are about to. */
export function shareStatePartitionsRecord(
  groupId: string,
  { initializing, initialized, deleting }: ShareStatePartitions,
  image: ClusterImage,
): ShareGroupRecord {
  const topics = (byTopic: ReadonlyMap<string, StatePartitions>) =>
    [...byTopic].map(([topicId, { name, partitions }]) => ({
      topicId,
      topicName: name,
      partitions: [...intSetOrder([...partitions])],
    }));
  return {
    type: 'shareGroupStatePartitionMetadata',
    key: { groupId },
    value: newShareGroupStatePartitionMetadataValue({
      initializingTopics: topics(initializing),
      initializedTopics: topics(initialized),
      deletingTopics: [...deleting].map((topicId) => ({
        topicId,
        topicName: image.topicById(topicId)?.name ?? '<UNKNOWN>',
      })),
    }),
  };
}

/** A member is gone. */
export function shareMemberTombstones(groupId: string, memberId: string): ShareGroupRecord[] {
  const key = { groupId, memberId };
  return [
    { type: 'shareGroupCurrentMemberAssignment', key, value: null },
    { type: 'shareGroupTargetAssignmentMember', key, value: null },
    { type: 'shareGroupMemberMetadata', key, value: null },
  ];
}

/** A group is gone, with these members. */
export function shareGroupTombstones(groupId: string, memberIds: readonly string[]): ShareGroupRecord[] {
  const keys = memberIds.map((memberId) => ({ groupId, memberId }));
  return [
    ...keys.map((key): ShareGroupRecord => ({ type: 'shareGroupCurrentMemberAssignment', key, value: null })),
    ...keys.map((key): ShareGroupRecord => ({ type: 'shareGroupTargetAssignmentMember', key, value: null })),
    { type: 'shareGroupTargetAssignmentMetadata', key: { groupId }, value: null },
    ...keys.map((key): ShareGroupRecord => ({ type: 'shareGroupMemberMetadata', key, value: null })),
    { type: 'shareGroupStatePartitionMetadata', key: { groupId }, value: null },
    { type: 'shareGroupMetadata', key: { groupId }, value: null },
  ];
}

function listed(assignment: Assignment) {
  return [...assignment].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions] }));
}
