/**
 * The log and the snapshots of a replica as its core sees them: where things are, not what is in them.
 *
 * Two replicas find out where their logs part by comparing the last epoch and offset of one with what the other knows of that epoch.
 * Source: org.apache.kafka.raft.RaftLog (validateOffsetAndEpoch, truncateToEndOffset), KafkaRaftLog (endOffsetForEpoch); KIP-595, KIP-630.
 */
import { BOOTSTRAP_SNAPSHOT_ID, compareOffsetAndEpoch, type OffsetAndEpoch } from './offset-and-epoch.ts';

/** What is on this replica's disk, or on its way there. */
export interface LogView {
  readonly startOffset: number;
  readonly endOffset: number;
  /** Epoch of the last record, of the snapshot that an empty log continues, or 0. */
  readonly lastEpoch: number;
  /** The greatest epoch of the log not above `epoch`, and where it ends; null when nothing is known of it. */
  endOffsetForEpoch(epoch: number): OffsetAndEpoch | null;
  readonly earliestSnapshot: OffsetAndEpoch | null;
  readonly latestSnapshot: OffsetAndEpoch | null;
  /** Bytes of a snapshot; null when there is none of this id. */
  snapshotSizeInBytes(id: OffsetAndEpoch): number | null;
}

/** Whether another replica's log may continue here, or what it has to do first. */
export type Validity =
  | { readonly kind: 'valid' }
  /** The logs are the same at most up to `end`. */
  | { readonly kind: 'diverging'; readonly end: OffsetAndEpoch }
  /** The logs are the same at most up to before the start of this one. */
  | { readonly kind: 'snapshot'; readonly id: OffsetAndEpoch };

const VALID: Validity = { kind: 'valid' };

/** Compares the end of another replica's log, `offset` behind a record of `epoch`, with this log. */
export function validateEnd(log: LogView, offset: number, epoch: number): Validity {
  const { earliestSnapshot, latestSnapshot, startOffset } = log;
  // All of a log is worth less than the newest snapshot, except for the one of formatting, which is not handed out.
  if (offset === 0 && latestSnapshot !== null && compareOffsetAndEpoch(latestSnapshot, BOOTSTRAP_SNAPSHOT_ID) !== 0) {
    return { kind: 'snapshot', id: latestSnapshot };
  }
  if (startOffset === 0 && offset === 0) return VALID;
  const isBeforeLog =
    earliestSnapshot !== null &&
    (offset < startOffset ||
      (offset === startOffset && epoch !== earliestSnapshot.epoch) ||
      epoch < earliestSnapshot.epoch);
  if (isBeforeLog && latestSnapshot !== null) return { kind: 'snapshot', id: latestSnapshot };
  const end = endOfEpoch(log, epoch);
  return end.epoch !== epoch || end.offset < offset ? { kind: 'diverging', end } : VALID;
}

/** Where a follower has to cut its log when the leader's parts from it at `end`. */
export function truncationOffset(log: LogView, end: OffsetAndEpoch): number {
  if (end.epoch === 0) return Math.min(end.offset, log.endOffset);
  const local = endOfEpoch(log, end.epoch);
  return local.epoch === end.epoch ? Math.min(local.offset, end.offset) : local.offset;
}

function endOfEpoch(log: LogView, epoch: number): OffsetAndEpoch {
  const end = log.endOffsetForEpoch(epoch);
  if (end === null) return { offset: log.endOffset, epoch: log.lastEpoch };
  const { earliestSnapshot } = log;
  const isFirst = earliestSnapshot !== null && end.offset === earliestSnapshot.offset && end.epoch === epoch;
  return isFirst ? earliestSnapshot : end;
}
