/**
 * The records of consumer groups, and their makers.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers.
 */
import type { Uuid } from '@skarab/base';
import {
  type ConsumerGroupCurrentMemberAssignmentKey,
  type ConsumerGroupCurrentMemberAssignmentValue,
  type ConsumerGroupMemberMetadataKey,
  type ConsumerGroupMemberMetadataValue,
  type ConsumerGroupMetadataKey,
  type ConsumerGroupMetadataValue,
  type ConsumerGroupPartitionMetadataKey,
  type ConsumerGroupPartitionMetadataValue,
  type ConsumerGroupRegularExpressionKey,
  type ConsumerGroupRegularExpressionValue,
  type ConsumerGroupTargetAssignmentMemberKey,
  type ConsumerGroupTargetAssignmentMemberValue,
  type ConsumerGroupTargetAssignmentMetadataKey,
  type ConsumerGroupTargetAssignmentMetadataValue,
  newClassicMemberMetadata,
  newClassicProtocol,
  newConsumerGroupCurrentMemberAssignmentValue,
  newConsumerGroupCurrentMemberAssignmentValueTopicPartitions,
  newConsumerGroupMemberMetadataValue,
  newConsumerGroupMetadataValue,
  newConsumerGroupRegularExpressionValue,
  newConsumerGroupTargetAssignmentMemberValue,
  newConsumerGroupTargetAssignmentMemberValueTopicPartition,
  newConsumerGroupTargetAssignmentMetadataValue,
} from '@skarab/protocol';
import type { Assignment, EpochAssignment } from '../consumer/assignment.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';

/** Key and value of a record type; a null value is a tombstone. */
interface Keyed<T extends string, K, V> {
  readonly type: T;
  readonly key: K;
  readonly value: V | null;
}

export type ConsumerGroupMetadataRecord = Keyed<
  'consumerGroupMetadata',
  ConsumerGroupMetadataKey,
  ConsumerGroupMetadataValue
>;
export type ConsumerGroupPartitionMetadataRecord = Keyed<
  'consumerGroupPartitionMetadata',
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupPartitionMetadataValue
>;
export type ConsumerGroupMemberMetadataRecord = Keyed<
  'consumerGroupMemberMetadata',
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue
>;
export type ConsumerGroupTargetAssignmentMetadataRecord = Keyed<
  'consumerGroupTargetAssignmentMetadata',
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue
>;
export type ConsumerGroupTargetAssignmentMemberRecord = Keyed<
  'consumerGroupTargetAssignmentMember',
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue
>;
export type ConsumerGroupCurrentMemberAssignmentRecord = Keyed<
  'consumerGroupCurrentMemberAssignment',
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue
>;
export type ConsumerGroupRegularExpressionRecord = Keyed<
  'consumerGroupRegularExpression',
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue
>;

/** Every record of a consumer group. */
export type ConsumerGroupRecord =
  | ConsumerGroupMetadataRecord
  | ConsumerGroupPartitionMetadataRecord
  | ConsumerGroupMemberMetadataRecord
  | ConsumerGroupTargetAssignmentMetadataRecord
  | ConsumerGroupTargetAssignmentMemberRecord
  | ConsumerGroupCurrentMemberAssignmentRecord
  | ConsumerGroupRegularExpressionRecord;

/** The group's epoch and the hash of its topics. */
export function groupEpochRecord(groupId: string, epoch: number, metadataHash: bigint): ConsumerGroupRecord {
  return {
    type: 'consumerGroupMetadata',
    key: { groupId },
    value: newConsumerGroupMetadataValue({ epoch, metadataHash }),
  };
}

/** What a member says about itself. */
export function memberRecord(groupId: string, member: ConsumerMember): ConsumerGroupRecord {
  const { classic } = member;
  return {
    type: 'consumerGroupMemberMetadata',
    key: { groupId, memberId: member.memberId },
    value: newConsumerGroupMemberMetadataValue({
      instanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: [...member.subscribedTopicNames].sort(),
      subscribedTopicRegex: member.subscribedTopicRegex,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      serverAssignor: member.serverAssignorName,
      classicMemberMetadata:
        classic &&
        newClassicMemberMetadata({
          sessionTimeoutMs: classic.sessionTimeoutMs,
          supportedProtocols: classic.supportedProtocols.map(({ name, metadata }) =>
            newClassicProtocol({ name, metadata }),
          ),
        }),
    }),
  };
}

/** What a member is to have. */
export function targetRecord(groupId: string, memberId: string, target: Assignment): ConsumerGroupRecord {
  const topicPartitions = [...target].map(([topicId, partitions]) =>
    newConsumerGroupTargetAssignmentMemberValueTopicPartition({ topicId, partitions: [...partitions] }),
  );
  return {
    type: 'consumerGroupTargetAssignmentMember',
    key: { groupId, memberId },
    value: newConsumerGroupTargetAssignmentMemberValue({ topicPartitions }),
  };
}

/** The target assignment of a group epoch is complete. */
export function targetEpochRecord(groupId: string, assignmentEpoch: number, timestampMs: number): ConsumerGroupRecord {
  return {
    type: 'consumerGroupTargetAssignmentMetadata',
    key: { groupId },
    value: newConsumerGroupTargetAssignmentMetadataValue({
      assignmentEpoch,
      assignmentTimestamp: BigInt(timestampMs),
    }),
  };
}

/** What a member has. */
export function currentAssignmentRecord(groupId: string, member: ConsumerMember): ConsumerGroupRecord {
  return {
    type: 'consumerGroupCurrentMemberAssignment',
    key: { groupId, memberId: member.memberId },
    value: newConsumerGroupCurrentMemberAssignmentValue({
      memberEpoch: member.memberEpoch,
      previousMemberEpoch: member.previousMemberEpoch,
      state: member.state,
      assignedPartitions: storedPartitions(member.assignedPartitions),
      partitionsPendingRevocation: storedPartitions(member.partitionsPendingRevocation),
    }),
  };
}

function storedPartitions(assignment: EpochAssignment) {
  return [...assignment].map(([topicId, epochs]: [Uuid, ReadonlyMap<number, number>]) =>
    newConsumerGroupCurrentMemberAssignmentValueTopicPartitions({
      topicId,
      partitions: [...epochs.keys()],
      assignmentEpochs: [...epochs.values()],
    }),
  );
}

/** What a regular expression matches. */
export function regexRecord(
  groupId: string,
  regularExpression: string,
  topics: readonly string[],
  version: number,
  timestampMs: number,
): ConsumerGroupRecord {
  return {
    type: 'consumerGroupRegularExpression',
    key: { groupId, regularExpression },
    value: newConsumerGroupRegularExpressionValue({
      topics: [...topics].sort(),
      version: BigInt(version),
      timestamp: BigInt(timestampMs),
    }),
  };
}

/** The last member with a regular expression is gone. */
export function regexTombstone(groupId: string, regularExpression: string): ConsumerGroupRecord {
  return { type: 'consumerGroupRegularExpression', key: { groupId, regularExpression }, value: null };
}

/** The topics in the form of versions before 4.1 are not needed any more. */
export function partitionMetadataTombstone(groupId: string): ConsumerGroupRecord {
  return { type: 'consumerGroupPartitionMetadata', key: { groupId }, value: null };
}

/** A member is gone. */
export function memberTombstones(groupId: string, memberId: string): ConsumerGroupRecord[] {
  const key = { groupId, memberId };
  return [
    { type: 'consumerGroupCurrentMemberAssignment', key, value: null },
    { type: 'consumerGroupTargetAssignmentMember', key, value: null },
    { type: 'consumerGroupMemberMetadata', key, value: null },
  ];
}

/** A group is gone, with these members and regular expressions. */
export function consumerGroupTombstones(
  groupId: string,
  memberIds: readonly string[],
  regexes: readonly string[],
): ConsumerGroupRecord[] {
  const keys = memberIds.map((memberId) => ({ groupId, memberId }));
  return [
    ...keys.map((key): ConsumerGroupRecord => ({ type: 'consumerGroupCurrentMemberAssignment', key, value: null })),
    ...keys.map((key): ConsumerGroupRecord => ({ type: 'consumerGroupTargetAssignmentMember', key, value: null })),
    { type: 'consumerGroupTargetAssignmentMetadata', key: { groupId }, value: null },
    ...keys.map((key): ConsumerGroupRecord => ({ type: 'consumerGroupMemberMetadata', key, value: null })),
    ...regexes.map((regex) => regexTombstone(groupId, regex)),
    partitionMetadataTombstone(groupId),
    { type: 'consumerGroupMetadata', key: { groupId }, value: null },
  ];
}
