/**
 * How dirty a log is, and whether it is time to clean it.
 *
 * ```
 *  start ..... firstDirtyOffset ..... upperBoundOffset ..... end
 *     clean            cleanable          not to be cleaned: from the segment on that holds the last stable offset, that is too young
 *                                         (min.compaction.lag.ms), or that takes the appends
 * ```
 * Source: org.apache.kafka.storage.internals.log.LogCleanerManager (cleanableOffsets, calculateCleanableBytes), LogToClean.
 */
import type { LogSegment } from '../log-segment.ts';
import type { PartitionLog } from '../partition-log.ts';

/** What a cleaning would do for a log. */
export interface LogToClean {
  readonly log: PartitionLog;
  readonly firstDirtyOffset: number;
  readonly upperBoundOffset: number;
  readonly cleanBytes: number;
  readonly cleanableBytes: number;
  /** Cleanable bytes as a share of the bytes below the upper bound; 0 when there are none. */
  readonly cleanableRatio: number;
  /** For how long records have been waiting beyond `max.compaction.lag.ms`; 0 when none has. */
  readonly compactionDelayMs: number;
  /** The checkpoint was not for this log as it is: `firstDirtyOffset` takes its place. */
  readonly isCheckpointInvalid: boolean;
}

/** Looks at a log, of which `checkpoint` says up to where it was cleaned; null when it never was. Errors: `StorageError`. */
export function assessLog(log: PartitionLog, checkpoint: number | null, nowMs: number): LogToClean {
  const { segments, logStartOffset, logEnd } = log.state;
  const isCheckpointInvalid = checkpoint !== null && (checkpoint < logStartOffset || checkpoint > logEnd.offset);
  const firstDirtyOffset = checkpoint === null || isCheckpointInvalid ? logStartOffset : checkpoint;
  const firstUncleanable = Math.max(firstDirtyOffset, firstUncleanableOffset(log, firstDirtyOffset, nowMs));
  // Only whole segments are cleaned.
  const upperBoundOffset = (segments.inactiveFrom(firstUncleanable)[0] ?? segments.active).baseOffset;
  const cleanBytes = sizeOf(segments.range(-1, firstDirtyOffset));
  const cleanableBytes = sizeOf(segments.range(Math.min(firstDirtyOffset, upperBoundOffset), upperBoundOffset));
  const totalBytes = cleanBytes + cleanableBytes;
  return {
    ...{ log, firstDirtyOffset, upperBoundOffset, cleanBytes, cleanableBytes },
    cleanableRatio: totalBytes === 0 ? 0 : cleanableBytes / totalBytes,
    compactionDelayMs: compactionDelayMs(log, firstDirtyOffset, nowMs),
    isCheckpointInvalid,
  };
}

/** Whether the log is dirty enough, or has waited long enough. */
export function needsCleaning({ log, cleanableBytes, cleanableRatio, compactionDelayMs }: LogToClean): boolean {
  return (compactionDelayMs > 0 && cleanableBytes > 0) || cleanableRatio > log.config.minCleanableDirtyRatio;
}

/** The dirtiest of those that need cleaning, or null. */
export function filthiest(candidates: readonly LogToClean[]): LogToClean | null {
  let found: LogToClean | null = null;
  for (const candidate of candidates) {
    if (!needsCleaning(candidate)) continue;
    if (found === null || candidate.cleanableRatio > found.cleanableRatio) found = candidate;
  }
  return found;
}

function firstUncleanableOffset(log: PartitionLog, firstDirtyOffset: number, nowMs: number): number {
  const { segments, config } = log.state;
  const bound = Math.min(log.lastStableOffset, segments.active.baseOffset);
  if (config.minCompactionLagMs <= 0) return bound;
  const young = segments
    .inactiveFrom(firstDirtyOffset)
    .find((segment) => segment.largestTimestamp > nowMs - config.minCompactionLagMs);
  return young === undefined ? bound : Math.min(bound, young.baseOffset);
}

function compactionDelayMs({ state }: PartitionLog, firstDirtyOffset: number, nowMs: number): number {
  const { maxCompactionLagMs } = state.config;
  // Without a bound, no segment need be asked for its first timestamp.
  if (maxCompactionLagMs >= nowMs) return 0;
  const cleanUntilMs = nowMs - Math.max(maxCompactionLagMs, 0);
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const segment of state.segments.inactiveFrom(firstDirtyOffset)) {
    const timestamp = segment.firstBatchTimestamp;
    if (timestamp > 0) earliestMs = Math.min(earliestMs, timestamp);
  }
  return Math.max(0, cleanUntilMs - earliestMs);
}

function sizeOf(segments: readonly LogSegment[]): number {
  let size = 0;
  for (const segment of segments) size += segment.size;
  return size;
}
