/**
 * What every type of group has in common: the seam between the shared parts (registry, offsets, deletion, expiry) and each type's own.
 *
 * Source: org.apache.kafka.coordinator.group.Group.
 */
import type { Uuid } from '@skarab/base';
import type { ErrorCode, ListedGroup } from '@skarab/protocol';
import type { OffsetAndMetadata } from './offsets/offset-and-metadata.ts';
import type { GroupRecord } from './records/group-record.ts';

/** The types of groups, by the names that clients filter with. */
export type GroupType = 'classic' | 'consumer' | 'share' | 'streams';

/** Who commits, and as what. */
export interface CommitOrigin {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationIdOrMemberEpoch: number;
  readonly isTransactional: boolean;
  /** Of the request that commits. */
  readonly apiVersion: number;
}

/** From when on an offset's retention counts. */
export type RetentionBase = (offset: OffsetAndMetadata) => number;

/** A group of any type. */
export interface Group {
  readonly type: GroupType;
  readonly groupId: string;
  /** Whether it has no members. */
  readonly isEmpty: boolean;
  /** The state's name as it is listed. */
  readonly stateName: string;
  asListedGroup(): ListedGroup;
  /** NONE, or why the commit is refused. */
  validateOffsetCommit(origin: CommitOrigin): ErrorCode;
  /** NONE, or why the commit of one partition makes the whole commit refused; asked after `validateOffsetCommit`. */
  validatePartitionCommit(origin: CommitOrigin, topicId: Uuid, partition: number, topic: string): ErrorCode;
  /** NONE, or why the member may not fetch offsets. */
  validateOffsetFetch(memberId: string | null, memberEpoch: number, isCommittedRead: boolean): ErrorCode;
  /** NONE, or why offsets cannot be deleted now. */
  validateOffsetDelete(): ErrorCode;
  /** NONE, or why the group cannot be deleted now. */
  validateDeleteGroup(): ErrorCode;
  /** Topics that the group subscribes to have changed. */
  requestMetadataRefresh(): void;
  isSubscribedToTopic(topic: string): boolean;
  /** When its offsets expire; null: not now. */
  retentionBase(): RetentionBase | null;
  /** The records that delete the group. */
  tombstones(): GroupRecord[];
}
