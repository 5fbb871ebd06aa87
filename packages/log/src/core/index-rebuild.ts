/**
 * Building the indexes of a segment anew, with entries at the distances that appends would have.
 *
 * Recovery does it while it checks every batch; `enterBatches` goes by the headers alone, for an index that turns out to be wrong while the
 * log is served: reading a segment's headers costs little next to serving from the wrong place.
 */
import { BatchScan } from './batch-scan.ts';
import type { LogSegment } from './log-segment.ts';

/** What an index wants to know of a batch. */
export interface IndexedBatch {
  readonly lastOffset: number;
  readonly maxTimestamp: number;
}

/** Enters batches in the indexes of a segment, which are empty at first. */
export class IndexBuilder {
  readonly #segment: LogSegment;
  readonly #intervalBytes: number;
  #lastEntryPosition = 0;

  constructor(segment: LogSegment, intervalBytes: number) {
    this.#segment = segment;
    this.#intervalBytes = intervalBytes;
  }

  enter({ lastOffset, maxTimestamp }: IndexedBatch, position: number): void {
    const segment = this.#segment;
    if (maxTimestamp > segment.maxTimestamp.timestamp)
      segment.maxTimestamp = { timestamp: maxTimestamp, offset: lastOffset };
    if (position - this.#lastEntryPosition <= this.#intervalBytes) return;
    // Segments of very old brokers may hold offsets that an index cannot express; they are found by scanning.
    if (!segment.offsetIndex.canAppendOffset(lastOffset)) return;
    segment.appendIndexEntry(lastOffset, position);
    this.#lastEntryPosition = position;
  }

  /** All batches are entered. */
  complete(): void {
    const { timeIndex, maxTimestamp } = this.#segment;
    timeIndex.maybeAppend(maxTimestamp.timestamp, maxTimestamp.offset);
  }
}

/** Enters all batches of a segment whose indexes are empty. Errors: `CorruptDataError` where it is damaged, `StorageError`. */
export function enterBatches(segment: LogSegment, intervalBytes: number): void {
  const builder = new IndexBuilder(segment, intervalBytes);
  const scan = new BatchScan(segment.log, 0, segment.size);
  while (scan.next()) builder.enter(scan, scan.position);
  builder.complete();
}
