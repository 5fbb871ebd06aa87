/**
 * The records of `__consumer_offsets` that this coordinator writes and replays, and the makers that choose their versions.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers.
 */
import {
  type GroupMetadataKey,
  type GroupMetadataValue,
  newGroupMetadataKey,
  newGroupMetadataValue,
  newMemberMetadata,
  newOffsetCommitKey,
  newOffsetCommitValue,
  type OffsetCommitKey,
  type OffsetCommitValue,
} from '@skarab/protocol';
import type { OffsetAndMetadata } from '../offsets/offset-and-metadata.ts';
import type { ConsumerGroupRecord } from './consumer-group-records.ts';
import type { ShareGroupRecord } from './share-group-records.ts';
import type { StreamsGroupRecord } from './streams-group-records.ts';

/** An offset committed for one partition by one group; a null value takes it away. */
export interface OffsetCommitRecord {
  readonly type: 'offsetCommit';
  readonly key: OffsetCommitKey;
  readonly value: OffsetCommitValue | null;
  readonly valueVersion: number;
}

/** A classic group's generation; a null value deletes the group. */
export interface GroupMetadataRecord {
  readonly type: 'groupMetadata';
  readonly key: GroupMetadataKey;
  readonly value: GroupMetadataValue | null;
  readonly valueVersion: number;
}

/** Everything that can be replayed. */
export type GroupRecord =
  | OffsetCommitRecord
  | GroupMetadataRecord
  | ConsumerGroupRecord
  | ShareGroupRecord
  | StreamsGroupRecord;

/** The version of GroupMetadataValue that metadata.version 4.3 writes. */
const GROUP_METADATA_VALUE_VERSION = 3;
/** OffsetCommitValue with a topic id. */
const OFFSET_COMMIT_VALUE_VERSION = 4;
/** The only version of OffsetCommitValue with an expiry time. */
const EXPIRING_OFFSET_COMMIT_VALUE_VERSION = 1;

/** A commit of one partition. */
export function offsetCommitRecord(
  groupId: string,
  topic: string,
  partition: number,
  offset: OffsetAndMetadata,
): OffsetCommitRecord {
  const { expireTimestampMs } = offset;
  return {
    type: 'offsetCommit',
    key: newOffsetCommitKey({ group: groupId, topic, partition }),
    value: newOffsetCommitValue({
      offset: offset.committedOffset,
      leaderEpoch: offset.leaderEpoch ?? -1,
      metadata: offset.metadata,
      commitTimestamp: BigInt(offset.commitTimestampMs),
      expireTimestamp: expireTimestampMs ?? -1n,
      topicId: offset.topicId,
    }),
    valueVersion: expireTimestampMs === null ? OFFSET_COMMIT_VALUE_VERSION : EXPIRING_OFFSET_COMMIT_VALUE_VERSION,
  };
}

/** The end of a partition's commit. */
export function offsetCommitTombstone(groupId: string, topic: string, partition: number): OffsetCommitRecord {
  const key = newOffsetCommitKey({ group: groupId, topic, partition });
  return { type: 'offsetCommit', key, value: null, valueVersion: OFFSET_COMMIT_VALUE_VERSION };
}

/** A member as it is persisted. */
export interface PersistedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly subscription: Uint8Array;
  readonly assignment: Uint8Array;
}

/** A group as it is persisted. */
export interface PersistedGroup {
  readonly groupId: string;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly generationId: number;
  readonly leaderId: string | null;
  readonly currentStateTimestampMs: number | null;
  readonly members: readonly PersistedMember[];
}

/** The present generation of a classic group. */
export function groupMetadataRecord(group: PersistedGroup): GroupMetadataRecord {
  return {
    type: 'groupMetadata',
    key: newGroupMetadataKey({ group: group.groupId }),
    value: newGroupMetadataValue({
      protocolType: group.protocolType ?? '',
      generation: group.generationId,
      protocol: group.protocolName,
      leader: group.leaderId,
      currentStateTimestamp: BigInt(group.currentStateTimestampMs ?? -1),
      members: group.members.map(({ rebalanceTimeoutMs, sessionTimeoutMs, ...member }) =>
        newMemberMetadata({
          ...member,
          rebalanceTimeout: rebalanceTimeoutMs,
          sessionTimeout: sessionTimeoutMs,
        }),
      ),
    }),
    valueVersion: GROUP_METADATA_VALUE_VERSION,
  };
}

/** A classic group that was just made, before anybody is in it. */
export function newGroupRecord(groupId: string, nowMs: number): GroupMetadataRecord {
  const nobody = { protocolType: null, protocolName: null, generationId: 0, leaderId: null, members: [] };
  return groupMetadataRecord({ groupId, ...nobody, currentStateTimestampMs: nowMs });
}

/** The end of a classic group. */
export function groupMetadataTombstone(groupId: string): GroupMetadataRecord {
  const key = newGroupMetadataKey({ group: groupId });
  return { type: 'groupMetadata', key, value: null, valueVersion: GROUP_METADATA_VALUE_VERSION };
}
