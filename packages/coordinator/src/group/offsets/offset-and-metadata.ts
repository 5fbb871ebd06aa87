/**
 * A committed offset as the coordinator keeps it.
 *
 * `committedOffset` is opaque: a client may commit any int64, it is only ever given back, so it stays a bigint.
 * Source: org.apache.kafka.coordinator.group.OffsetAndMetadata.
 */
import type { Uuid } from '@skarab/base';
import type { OffsetCommitRequestPartition, OffsetCommitValue } from '@skarab/protocol';

/** A commit of one partition. */
export interface OffsetAndMetadata {
  readonly committedOffset: bigint;
  /** Leader epoch of the last consumed record. */
  readonly leaderEpoch: number | null;
  readonly metadata: string;
  readonly commitTimestampMs: number;
  /** Only from clients that chose a retention (OffsetCommit v2 to v4). */
  readonly expireTimestampMs: bigint | null;
  readonly topicId: Uuid;
  /** Where the commit lies in the log; -1 before it is there. */
  readonly recordOffset: number;
}

/** The commit that a record holds. */
export function offsetFromRecord(value: OffsetCommitValue, recordOffset: number): OffsetAndMetadata {
  return {
    committedOffset: value.offset,
    leaderEpoch: value.leaderEpoch === -1 ? null : value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: Number(value.commitTimestamp),
    expireTimestampMs: value.expireTimestamp === -1n ? null : value.expireTimestamp,
    topicId: value.topicId,
    recordOffset,
  };
}

/** The commit that a request asks for. */
export function offsetFromRequest(
  partition: Pick<OffsetCommitRequestPartition, 'committedOffset' | 'committedLeaderEpoch' | 'committedMetadata'>,
  topicId: Uuid,
  nowMs: number,
  expireTimestampMs: bigint | null,
): OffsetAndMetadata {
  return {
    committedOffset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch === -1 ? null : partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? '',
    commitTimestampMs: nowMs,
    expireTimestampMs,
    topicId,
    recordOffset: -1,
  };
}
