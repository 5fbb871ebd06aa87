/**
 * What a snapshot does not hold, from the log in front of it: of each producer a snapshot has the last batch, but a client has up to five under
 * way, and sends all of them again that were not answered before a broker stopped. Unknown, they would be refused as out of order, at which
 * clients give up, or begin a new epoch in which they write records anew that the log has.
 *
 * Kafka knows the last batch only.
 */
import { CorruptDataError } from '@skarab/base';
import { incrementSequence } from '@skarab/records';
import { BatchScan } from './batch-scan.ts';
import type { LogSegment } from './log-segment.ts';
import type { ProducerState } from './producer-state.ts';
import { BATCHES_TO_RETAIN, type BatchMetadata, firstSequence } from './producer-state-entry.ts';
import type { LogSegments } from './segments.ts';

/** How far back the log is read: what a dozen producers with Kafka's sizes of batches can have under way. */
const RECALLED_BYTES = 1 << 20;

/** Brings back earlier batches of the producers of a snapshot that was loaded at `endOffset`. Errors: `StorageError`. */
export function recallBatches(segments: LogSegments, producers: ProducerState, endOffset: number): void {
  if (producers.producers.size === 0) return;
  const found = new Map<number, BatchMetadata[]>();
  unlessDamaged(() => {
    for (const scan of scansOfEnd(segments, endOffset)) unlessDamaged(() => collect(scan, producers, found));
  });
  for (const [producerId, batches] of found) {
    const entry = producers.producers.get(producerId)!;
    if (isFollowedBy(batches, entry.batches[0]!)) entry.recall(batches);
  }
}

/** The scans of the last bytes before `endOffset`, in the order of the log. */
function scansOfEnd(segments: LogSegments, endOffset: number): BatchScan[] {
  const scans: BatchScan[] = [];
  let left = RECALLED_BYTES;
  let offset = endOffset;
  for (let segment = segments.lower(offset); segment !== undefined && left > 0; segment = segments.lower(offset)) {
    const { scan, bytes } = scanEnd(segment, offset, left);
    scans.unshift(scan);
    left -= bytes;
    offset = segment.baseOffset;
  }
  return scans;
}

/**
 * A scan that begins about `bytes` before the batch that ends at `offset`; and how far back that is. Errors: `CorruptDataError` when the indexes
 * have to be built anew and cannot be, `StorageError`.
 */
function scanEnd(segment: LogSegment, offset: number, bytes: number): { scan: BatchScan; bytes: number } {
  const { end } = segment.scanFrom(offset - 1);
  if (end <= bytes) return { scan: new BatchScan(segment.log, 0, segment.size), bytes: end };
  const scan = segment.scanFrom(segment.offsetIndex.upperBoundOffset(end - bytes) ?? offset - 1);
  return { scan, bytes: Math.max(0, end - scan.end) };
}

/**
 * Whether the sequence numbers go on. Where they do not, the log had forgotten its producer in between: what was before must not be known again,
 * for the same numbers may come once more as new records.
 */
function isFollowedBy(batches: readonly BatchMetadata[], next: BatchMetadata): boolean {
  const last = batches.at(-1);
  return last === undefined || incrementSequence(last.lastSequence, 1) === firstSequence(next);
}

/** Where the log is damaged, nothing more is recalled of it. */
function unlessDamaged(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
  }
}

/** Adds what precedes the batches that are known. Errors: `CorruptDataError`, `StorageError`. */
function collect(scan: BatchScan, { producers }: ProducerState, found: Map<number, BatchMetadata[]>): void {
  while (scan.next()) {
    const { header } = scan;
    if (header === null || !header.hasProducerId || header.isControlBatch) continue;
    const { producerId, producerEpoch, baseOffset, lastOffset, lastSequence, maxTimestamp: timestamp } = header;
    const entry = producers.get(producerId);
    if (entry === undefined || entry.producerEpoch !== producerEpoch) continue;
    const known = entry.batches[0];
    if (known === undefined || lastOffset >= known.lastOffset) continue;
    const batch = { lastSequence, lastOffset, offsetDelta: lastOffset - baseOffset, timestamp };
    const before = found.get(producerId) ?? [];
    found.set(producerId, isFollowedBy(before, batch) ? [...before, batch].slice(-BATCHES_TO_RETAIN) : [batch]);
  }
}
