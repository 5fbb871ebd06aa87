/**
 * The records of streams groups, and their makers.
 *
 * Source: org.apache.kafka.coordinator.group.streams.StreamsCoordinatorRecordHelpers.
 */
import {
  GroupRecordType,
  newLastAssignmentConfig,
  newStreamsGroupCurrentMemberAssignmentValue,
  newStreamsGroupCurrentMemberAssignmentValueTaskIds,
  newStreamsGroupMemberMetadataValue,
  newStreamsGroupMemberMetadataValueEndpoint,
  newStreamsGroupMemberMetadataValueKeyValue,
  newStreamsGroupMetadataValue,
  newStreamsGroupTargetAssignmentMemberValue,
  newStreamsGroupTargetAssignmentMemberValueTaskIds,
  newStreamsGroupTargetAssignmentMetadataValue,
  type StreamsGroupCurrentMemberAssignmentKey,
  type StreamsGroupCurrentMemberAssignmentValue,
  type StreamsGroupMemberMetadataKey,
  type StreamsGroupMemberMetadataValue,
  type StreamsGroupMetadataKey,
  type StreamsGroupMetadataValue,
  type StreamsGroupTargetAssignmentMemberKey,
  type StreamsGroupTargetAssignmentMemberValue,
  type StreamsGroupTargetAssignmentMetadataKey,
  type StreamsGroupTargetAssignmentMetadataValue,
  type StreamsGroupTopologyKey,
  type StreamsGroupTopologyValue,
} from '@skarab/protocol';
import type { StreamsMember } from '../streams/streams-member.ts';
import { type EpochTaskSet, sortedTaskIds, type TaskSet, type Tasks } from '../streams/tasks.ts';

/** Key and value of a record type; a null value is a tombstone. */
interface Keyed<T extends string, K, V> {
  readonly type: T;
  readonly key: K;
  readonly value: V | null;
}

export type StreamsGroupMetadataRecord = Keyed<
  'streamsGroupMetadata',
  StreamsGroupMetadataKey,
  StreamsGroupMetadataValue
>;
export type StreamsGroupTopologyRecord = Keyed<
  'streamsGroupTopology',
  StreamsGroupTopologyKey,
  StreamsGroupTopologyValue
>;
export type StreamsGroupMemberMetadataRecord = Keyed<
  'streamsGroupMemberMetadata',
  StreamsGroupMemberMetadataKey,
  StreamsGroupMemberMetadataValue
>;
export type StreamsGroupTargetAssignmentMetadataRecord = Keyed<
  'streamsGroupTargetAssignmentMetadata',
  StreamsGroupTargetAssignmentMetadataKey,
  StreamsGroupTargetAssignmentMetadataValue
>;
export type StreamsGroupTargetAssignmentMemberRecord = Keyed<
  'streamsGroupTargetAssignmentMember',
  StreamsGroupTargetAssignmentMemberKey,
  StreamsGroupTargetAssignmentMemberValue
>;
export type StreamsGroupCurrentMemberAssignmentRecord = Keyed<
  'streamsGroupCurrentMemberAssignment',
  StreamsGroupCurrentMemberAssignmentKey,
  StreamsGroupCurrentMemberAssignmentValue
>;

/** Every record of a streams group. */
export type StreamsGroupRecord =
  | StreamsGroupMetadataRecord
  | StreamsGroupTopologyRecord
  | StreamsGroupMemberMetadataRecord
  | StreamsGroupTargetAssignmentMetadataRecord
  | StreamsGroupTargetAssignmentMemberRecord
  | StreamsGroupCurrentMemberAssignmentRecord;

/** The record types of streams groups, by number; they have had one version so far. */
export const streamsRecordTypes: ReadonlyMap<number, StreamsGroupRecord['type']> = new Map([
  [GroupRecordType.STREAMS_GROUP_METADATA, 'streamsGroupMetadata'],
  [GroupRecordType.STREAMS_GROUP_MEMBER_METADATA, 'streamsGroupMemberMetadata'],
  [GroupRecordType.STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA, 'streamsGroupTargetAssignmentMetadata'],
  [GroupRecordType.STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER, 'streamsGroupTargetAssignmentMember'],
  [GroupRecordType.STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT, 'streamsGroupCurrentMemberAssignment'],
  [GroupRecordType.STREAMS_GROUP_TOPOLOGY, 'streamsGroupTopology'],
]);

const streamsTypes: ReadonlySet<string> = new Set(streamsRecordTypes.values());

/** Whether a record is one of a streams group. */
export function isStreamsGroupRecord<R extends { readonly type: string }>(
  record: R,
): record is Extract<R, StreamsGroupRecord> {
  return streamsTypes.has(record.type);
}

/** What a group's epoch goes with. */
export interface StreamsEpoch {
  readonly epoch: number;
  readonly metadataHash: bigint;
  /** Of the topology whose topics are all there; -1: they are not. */
  readonly validatedTopologyEpoch: number;
  readonly assignmentConfigs: ReadonlyMap<string, string>;
}

/** The group's epoch. */
export function streamsEpochRecord(groupId: string, epoch: StreamsEpoch): StreamsGroupRecord {
  const { assignmentConfigs, ...rest } = epoch;
  return {
    type: 'streamsGroupMetadata',
    key: { groupId },
    value: newStreamsGroupMetadataValue({
      ...rest,
      lastAssignmentConfigs: [...assignmentConfigs].map(([key, value]) => newLastAssignmentConfig({ key, value })),
    }),
  };
}

/** The topology of the group. */
export function streamsTopologyRecord(groupId: string, value: StreamsGroupTopologyValue): StreamsGroupRecord {
  return { type: 'streamsGroupTopology', key: { groupId }, value };
}

/** What a member says about itself. */
export function streamsMemberRecord(groupId: string, member: StreamsMember): StreamsGroupRecord {
  const { memberId, userEndpoint, clientTags } = member;
  return {
    type: 'streamsGroupMemberMetadata',
    key: { groupId, memberId },
    value: newStreamsGroupMemberMetadataValue({
      instanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      topologyEpoch: member.topologyEpoch,
      processId: member.processId,
      userEndpoint: userEndpoint && newStreamsGroupMemberMetadataValueEndpoint({ ...userEndpoint }),
      clientTags: [...clientTags.keys()]
        .sort()
        .map((key) => newStreamsGroupMemberMetadataValueKeyValue({ key, value: clientTags.get(key)! })),
    }),
  };
}

/** What a member is to have. */
export function streamsTargetRecord(groupId: string, memberId: string, target: Tasks): StreamsGroupRecord {
  const stored = (tasks: TaskSet) =>
    sortedTaskIds(tasks).map((taskIds) => newStreamsGroupTargetAssignmentMemberValueTaskIds(taskIds));
  return {
    type: 'streamsGroupTargetAssignmentMember',
    key: { groupId, memberId },
    value: newStreamsGroupTargetAssignmentMemberValue({
      activeTasks: stored(target.active),
      standbyTasks: stored(target.standby),
      warmupTasks: stored(target.warmup),
    }),
  };
}

/** The target assignment of a group epoch is complete. */
export function streamsTargetEpochRecord(
  groupId: string,
  assignmentEpoch: number,
  timestampMs: number,
): StreamsGroupRecord {
  return {
    type: 'streamsGroupTargetAssignmentMetadata',
    key: { groupId },
    value: newStreamsGroupTargetAssignmentMetadataValue({
      assignmentEpoch,
      assignmentTimestamp: BigInt(timestampMs),
    }),
  };
}

/** What a member has. */
export function streamsCurrentRecord(groupId: string, member: StreamsMember): StreamsGroupRecord {
  const { memberId, memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = member;
  return {
    type: 'streamsGroupCurrentMemberAssignment',
    key: { groupId, memberId },
    value: newStreamsGroupCurrentMemberAssignmentValue({
      ...{ memberEpoch, previousMemberEpoch, state },
      activeTasks: storedWithEpochs(assigned.active),
      standbyTasks: storedTasks(assigned.standby),
      warmupTasks: storedTasks(assigned.warmup),
      activeTasksPendingRevocation: storedWithEpochs(pendingRevocation.active),
      standbyTasksPendingRevocation: storedTasks(pendingRevocation.standby),
      warmupTasksPendingRevocation: storedTasks(pendingRevocation.warmup),
    }),
  };
}

function storedTasks(tasks: TaskSet) {
  return sortedTaskIds(tasks).map((taskIds) => newStreamsGroupCurrentMemberAssignmentValueTaskIds(taskIds));
}

function storedWithEpochs(tasks: EpochTaskSet) {
  return [...tasks.keys()].sort().map((subtopologyId) => {
    const epochs = [...tasks.get(subtopologyId)!].sort(([a], [b]) => a - b);
    return newStreamsGroupCurrentMemberAssignmentValueTaskIds({
      subtopologyId,
      partitions: epochs.map(([partition]) => partition),
      assignmentEpochs: epochs.map(([, epoch]) => epoch),
    });
  });
}

/** A member is gone. */
export function streamsMemberTombstones(groupId: string, memberId: string): StreamsGroupRecord[] {
  const key = { groupId, memberId };
  return [
    { type: 'streamsGroupCurrentMemberAssignment', key, value: null },
    { type: 'streamsGroupTargetAssignmentMember', key, value: null },
    { type: 'streamsGroupMemberMetadata', key, value: null },
  ];
}

/** A group without members is gone. */
export function streamsGroupTombstones(groupId: string): StreamsGroupRecord[] {
  const key = { groupId };
  return [
    { type: 'streamsGroupTargetAssignmentMetadata', key, value: null },
    { type: 'streamsGroupMetadata', key, value: null },
    { type: 'streamsGroupTopology', key, value: null },
  ];
}
