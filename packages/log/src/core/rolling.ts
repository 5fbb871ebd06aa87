/**
 * Beginning a new segment, and letting old ones go.
 *
 * Removal is in two steps, as readers and crashes demand: files are renamed to `.deleted` now and removed after `file.delete.delay.ms`;
 * what a crash leaves behind, loading removes. Source: org.apache.kafka.storage.internals.log.LocalLog, UnifiedLog.
 */
import { assert } from '@skarab/base';
import {
  DELETED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  segmentFileName,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from './file-names.ts';
import { LogSegment } from './log-segment.ts';
import type { LogState } from './log-state.ts';
import { writeStaged } from './writing.ts';

/** A new, empty segment in the log's folder; what files have its names already are removed, unless the folder was made just now. */
export function createSegment(state: LogState, baseOffset: number, { isFolderNew = false } = {}): LogSegment {
  const { environment, directory, config } = state;
  if (!isFolderNew) {
    for (const suffix of [LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX]) {
      environment.storage.delete(`${directory}/${segmentFileName(baseOffset, suffix)}`);
    }
  }
  state.isDirectoryDirty = true;
  return new LogSegment({
    storage: environment.storage,
    directory,
    baseOffset,
    config,
    nowMs: environment.clock.nowMs(),
    rollJitterMs: state.rollJitterMs(),
    writesBefore: environment.recentWrites.total,
  });
}

/** Begins a new segment at the log's end, or further if `expectedNextOffset` is. */
export function roll(state: LogState, expectedNextOffset = 0): LogSegment {
  writeStaged(state);
  const { segments, producers, snapshots, environment, owner } = state;
  const baseOffset = Math.max(expectedNextOffset, state.writtenEndOffset);
  const { active } = segments;
  assert(baseOffset >= active.baseOffset, `roll of ${state.name} to ${baseOffset}, before ${active.baseOffset}`);
  if (baseOffset === active.baseOffset) {
    assert(active.size === 0, `roll of ${state.name} to ${baseOffset}, which exists`);
    return active;
  }
  active.becomeInactive();
  const segment = createSegment(state, baseOffset);
  segments.add(segment);
  // The snapshot belongs to the segment's start, even where that is beyond the last record.
  producers.mapEndOffset = baseOffset;
  snapshots.take(producers);
  if (state.logEnd.offset === state.writtenEndOffset) state.logEnd = state.writtenEnd();
  if (owner !== null) environment.flush(owner, () => {});
  return segment;
}

/** Takes segments out of the log, in this order, and has their files removed later. */
export function removeSegments(state: LogState, removed: readonly LogSegment[]): void {
  for (const segment of removed) {
    state.segments.remove(segment);
    condemn(state, segment);
  }
}

/** Has the files of a segment that is no longer part of the log removed later. */
export function condemn(state: LogState, segment: LogSegment): void {
  if (!segment.isMarked) segment.renameFiles('', DELETED_SUFFIX);
  state.isDirectoryDirty = true;
  state.condemned.add(segment);
  state.environment.later(state.config.fileDeleteDelayMs, () => {
    if (!state.condemned.delete(segment)) return;
    segment.closeFiles();
    state.environment.remove(
      segment.files.map((file) => file.path),
      state.logDir,
    );
  });
}

/** Has the producer snapshots of segments removed later. */
export function condemnSnapshots(state: LogState, segments: readonly LogSegment[]): void {
  for (const { baseOffset } of segments) {
    const path = state.snapshots.markDeleted(baseOffset);
    if (path === null) continue;
    state.environment.later(state.config.fileDeleteDelayMs, () => {
      // The folder may have another name by then.
      state.environment.remove([`${state.directory}${path.slice(path.lastIndexOf('/'))}`], state.logDir);
    });
  }
}
