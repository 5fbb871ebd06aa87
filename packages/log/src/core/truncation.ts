/**
 * Cutting a log at its end, as a follower must when its leader's log differs, and starting over elsewhere.
 *
 * Source: org.apache.kafka.storage.internals.log.UnifiedLog and LocalLog (truncateTo, truncateFullyAndStartAt).
 */
import type { LogState } from './log-state.ts';
import { rebuildProducers } from './producer-rebuild.ts';
import { condemnSnapshots, createSegment, removeSegments } from './rolling.ts';
import { writeStaged } from './writing.ts';

/** Removes everything from `targetOffset` on; returns whether there was anything. */
export function truncateTo(state: LogState, targetOffset: number): boolean {
  writeStaged(state);
  if (targetOffset >= state.writtenEndOffset) {
    // An epoch may have begun at the end without a record; the leader may have another one there.
    state.epochs.truncateFromEnd(state.writtenEndOffset);
    return false;
  }
  if (state.segments.first!.baseOffset > targetOffset) {
    truncateFullyAndStartAt(state, targetOffset, targetOffset);
    return true;
  }
  const { segments, environment } = state;
  const removed = segments.all().filter((segment) => segment.baseOffset > targetOffset);
  // The last one first: a crash in between leaves a log without a hole.
  removeSegments(state, removed.toReversed());
  condemnSnapshots(state, removed);
  segments.active.truncateTo(targetOffset, environment.clock.nowMs());
  state.epochs.truncateFromEnd(targetOffset);
  state.logStartOffset = Math.min(targetOffset, state.logStartOffset);
  onCut(state, targetOffset);
  rebuild(state, targetOffset);
  if (state.highWatermark > targetOffset) state.setHighWatermark(targetOffset);
  return true;
}

/** Removes everything; the log goes on, empty, at `newOffset`. */
export function truncateFullyAndStartAt(state: LogState, newOffset: number, logStartOffset: number): void {
  writeStaged(state);
  const removed = state.segments.all();
  condemnSnapshots(state, removed);
  removeSegments(state, removed.toReversed());
  state.segments.add(createSegment(state, newOffset));
  state.epochs.clear();
  state.producers.clear(newOffset);
  state.snapshots.deleteAll();
  state.logStartOffset = logStartOffset;
  onCut(state, newOffset);
  rebuild(state, newOffset);
  state.setHighWatermark(newOffset);
}

function onCut(state: LogState, endOffset: number): void {
  state.tail.clear();
  state.cutCount++;
  // What was cut comes back in a loss of power until the next flush.
  state.isDirectoryDirty = true;
  state.setEnd(endOffset);
  state.knownBounds = [];
  if (state.owner !== null) state.environment.onTruncated(state.owner);
}

function rebuild(state: LogState, endOffset: number): void {
  const { segments, producers, snapshots, logStartOffset, environment } = state;
  rebuildProducers(
    {
      segments,
      producers,
      snapshots,
      logStartOffset,
      nowMs: environment.clock.nowMs(),
      producerIdExpirationMs: environment.settings.producerIdExpirationMs,
      isCleanReload: false,
    },
    endOffset,
  );
}
