/**
 * Bringing the producers to where they were at an offset: from the newest snapshot below it with what the log recalls of the time before it, and
 * the batches after that.
 *
 * Source: org.apache.kafka.storage.internals.log.UnifiedLog (rebuildProducerState).
 */
import { assert } from '@skarab/base';
import { RecordBatch } from '@skarab/records';
import type { BatchScan } from './batch-scan.ts';
import type { LogSegment } from './log-segment.ts';
import { recallBatches } from './producer-recall.ts';
import type { ProducerSnapshots } from './producer-snapshots.ts';
import type { ProducerState } from './producer-state.ts';
import { applyReplicated } from './segment-recovery.ts';
import type { LogSegments } from './segments.ts';

/** The log whose producers are rebuilt. */
export interface RebuildTarget {
  readonly segments: LogSegments;
  readonly producers: ProducerState;
  readonly snapshots: ProducerSnapshots;
  readonly logStartOffset: number;
  readonly nowMs: number;
  readonly producerIdExpirationMs: number;
  /** The log was closed orderly: without any snapshot there is nothing to know. */
  readonly isCleanReload: boolean;
  /** Producers that have been silent for too long are forgotten although their batches are read, as those of a snapshot are. */
  readonly forgetsExpired?: boolean;
}

/** Rebuilds the producers as of `endOffset`, and takes the snapshots that make the next time cheap. */
export function rebuildProducers(target: RebuildTarget, endOffset: number): void {
  const { segments, producers, snapshots, logStartOffset } = target;
  const active = segments.all().at(-1);
  const previous = active === undefined ? undefined : segments.lower(active.baseOffset);
  const offsetsToSnapshot = [previous?.baseOffset, active?.baseOffset, endOffset].filter(
    (offset) => offset !== undefined,
  );
  if (snapshots.latestOffset === null && target.isCleanReload) {
    for (const offset of offsetsToSnapshot) {
      producers.mapEndOffset = offset;
      snapshots.take(producers);
    }
    return;
  }
  const wasEmpty = producers.isEmpty && producers.mapEndOffset >= endOffset;
  truncateAndReload(target, endOffset);
  if (endOffset > producers.mapEndOffset && !wasEmpty) {
    for (const segment of segments.range(producers.mapEndOffset, endOffset)) {
      const startOffset = Math.max(segment.baseOffset, producers.mapEndOffset, logStartOffset);
      producers.mapEndOffset = startOffset;
      if (offsetsToSnapshot.includes(segment.baseOffset)) snapshots.take(producers);
      takeIn(segment, producers, startOffset, endOffset);
    }
  }
  producers.mapEndOffset = endOffset;
  snapshots.take(producers);
  if (target.forgetsExpired === true) producers.removeExpired(target.nowMs, target.producerIdExpirationMs);
}

/** Cuts what is known of producers to the log's range, and loads it anew if it was known for another end. */
function truncateAndReload(target: RebuildTarget, endOffset: number): void {
  const { producers, snapshots, logStartOffset } = target;
  snapshots.deleteOutside(logStartOffset, endOffset);
  if (endOffset !== producers.mapEndOffset) {
    producers.clear(logStartOffset);
    snapshots.loadLatest(producers, logStartOffset, target.nowMs, target.producerIdExpirationMs);
    recallBatches(target.segments, producers, producers.mapEndOffset);
  } else {
    producers.onLogStartOffset(logStartOffset);
    snapshots.onLogStartOffset(logStartOffset);
  }
}

/** Brings producers up to date with the batches of a segment in [startOffset, endOffset); reads headers, and the records of markers only. */
function takeIn(segment: LogSegment, producers: ProducerState, startOffset: number, endOffset: number): void {
  const scan = segment.scanFrom(startOffset);
  while (scan.next()) {
    const { header, lastOffset } = scan;
    if (lastOffset < startOffset || header === null) continue;
    if (lastOffset >= endOffset) return;
    applyReplicated(header.isControlBatch ? wholeBatch(segment, scan) : header, producers, null);
  }
}

function wholeBatch(segment: LogSegment, { position, size }: BatchScan): RecordBatch {
  const bytes = new Uint8Array(size);
  assert(segment.log.read(bytes, position) === size, `${segment.log.path} ended early`);
  return new RecordBatch(bytes);
}
