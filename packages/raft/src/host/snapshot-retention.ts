/**
 * Which old snapshots may go, and with them the log before the next one: those that are too old, or too much together.
 *
 * The newest snapshot always stays, so there are at least two before anything goes.
 * Source: kafka-raft KafkaRaftLog (cleanSnapshotsRetentionSize, cleanSnapshotsRetentionMs); KIP-630.
 */
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import type { RaftLog } from '../ports.ts';
import type { SnapshotFiles } from './snapshot-files.ts';

/** Bounds; negative ones do not bind. */
export interface RetentionLimits {
  /** `metadata.max.retention.bytes`: log and snapshots together. */
  readonly maxBytes: number;
  /** `metadata.max.retention.ms`. */
  readonly maxMs: number;
}

/** Kafka's defaults. */
export const DEFAULT_RETENTION: RetentionLimits = { maxBytes: 100 * 1024 * 1024, maxMs: 7 * 24 * 60 * 60 * 1000 };

/** The oldest snapshot to keep when anything has to go, or null. */
export function firstToKeep(
  snapshots: SnapshotFiles,
  log: RaftLog,
  limits: RetentionLimits,
  nowMs: number,
): OffsetAndEpoch | null {
  const { ids } = snapshots;
  let total = log.sizeInBytes;
  for (const id of ids) total += snapshots.sizeOf(id);
  let kept = 0;
  for (; kept < ids.length - 1; kept++) {
    const id = ids[kept]!;
    const isTooMuch = limits.maxBytes >= 0 && total > limits.maxBytes;
    const isTooOld = limits.maxMs >= 0 && nowMs - snapshots.timestampOf(id) > limits.maxMs;
    if (!isTooMuch && !isTooOld) break;
    total -= snapshots.sizeOf(id);
  }
  return kept === 0 ? null : ids[kept]!;
}
