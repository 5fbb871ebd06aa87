/**
 * Which segments may go: those before the log's start, those beyond the size, those that are too old.
 *
 * Never beyond the high watermark, and never an empty last segment. Source: org.apache.kafka.storage.internals.log.UnifiedLog
 * (deleteOldSegments).
 */
import { ErrorCode } from '@skarab/protocol';
import type { LogSegment } from './log-segment.ts';
import type { LogState } from './log-state.ts';
import { condemnSnapshots, removeSegments, roll } from './rolling.ts';

/** Why segments are deleted. */
type Reason = 'log start offset' | 'retention size' | 'retention time';

/** Deletes what the configuration lets go; returns the number of segments. */
export function deleteOldSegments(state: LogState): number {
  const deleted = deleteBeforeLogStart(state);
  if (!state.config.delete) return deleted;
  return deleted + deleteBeyondSize(state) + deleteOlder(state);
}

/**
 * Moves the start of the log, because records were deleted on demand or by a leader; nothing happens when it is there already.
 * OFFSET_OUT_OF_RANGE above the high watermark.
 */
export function maybeIncrementLogStartOffset(state: LogState, offset: number): ErrorCode {
  if (offset > state.highWatermark) return ErrorCode.OFFSET_OUT_OF_RANGE;
  if (offset <= state.logStartOffset) return ErrorCode.NONE;
  state.logStartOffset = offset;
  state.recoveryPoint = Math.max(state.recoveryPoint, offset);
  state.epochs.truncateFromStart(offset);
  state.producers.onLogStartOffset(offset);
  state.snapshots.onLogStartOffset(offset);
  return ErrorCode.NONE;
}

function deleteBeforeLogStart(state: LogState): number {
  return deleteWhile(
    state,
    'log start offset',
    (_segment, next) => next !== undefined && next.baseOffset <= state.logStartOffset,
  );
}

function deleteBeyondSize(state: LogState): number {
  const { retentionBytes } = state.config;
  let excess = state.segments.sizeInBytes - retentionBytes;
  if (retentionBytes < 0 || excess < 0) return 0;
  return deleteWhile(state, 'retention size', (segment) => {
    if (excess - segment.size < 0) return false;
    excess -= segment.size;
    return true;
  });
}

function deleteOlder(state: LogState): number {
  const { retentionMs } = state.config;
  if (retentionMs < 0) return 0;
  const nowMs = state.environment.clock.nowMs();
  return deleteWhile(state, 'retention time', (segment) => nowMs - segment.largestTimestamp > retentionMs);
}

function deleteWhile(
  state: LogState,
  reason: Reason,
  isDeletable: (segment: LogSegment, next: LogSegment | undefined) => boolean,
): number {
  const all = state.segments.all();
  const deletable: LogSegment[] = [];
  for (const [index, segment] of all.entries()) {
    const next = all[index + 1];
    const endOffset = next?.baseOffset ?? state.logEnd.offset;
    if (state.highWatermark < endOffset || !isDeletable(segment, next)) break;
    if (next === undefined && segment.size === 0) break;
    deletable.push(segment);
  }
  if (deletable.length > 0) deleteSegments(state, deletable, reason);
  return deletable.length;
}

function deleteSegments(state: LogState, deletable: readonly LogSegment[], reason: Reason): void {
  // There is always a segment that takes appends.
  if (deletable.length === state.segments.count) roll(state);
  const last = deletable.at(-1)!;
  maybeIncrementLogStartOffset(state, state.segments.higher(last.baseOffset)!.baseOffset);
  removeSegments(state, deletable);
  condemnSnapshots(state, deletable);
  const baseOffsets = deletable.map((segment) => segment.baseOffset);
  state.environment.logger.info(
    { log: state.name, baseOffsets, logStartOffset: state.logStartOffset },
    `deleting segments: ${reason}`,
  );
}
