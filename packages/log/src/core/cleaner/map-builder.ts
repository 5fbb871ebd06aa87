/**
 * Fills the offset map from the dirty section of a log, batch by batch.
 *
 * Data of aborted transactions counts for nothing. When the map has no room left, the walk ends in the middle of a batch and
 * the rest stays dirty. Source: org.apache.kafka.storage.internals.log.Cleaner (buildOffsetMapForSegment).
 */
import { MAGIC_V2, nextBatchSize, RecordBatch, readMessageSet } from '@skarab/records';
import { readInt64 } from '../big-endian.ts';
import { CleanedTransactions } from './cleaned-transactions.ts';
import type { CleanerStats } from './cleaner-stats.ts';
import type { CleaningTask } from './cleaning-task.ts';
import type { OffsetMap } from './offset-map.ts';
import { RecordKeys } from './record-keys.ts';

const MAGIC_POSITION = 16;

export class MapBuilder {
  /** The map has no room for a record that was to be entered. */
  isFull = false;
  readonly #map: OffsetMap;
  readonly #stats: CleanerStats;
  readonly #firstDirtyOffset: number;
  readonly #transactions: CleanedTransactions;

  constructor({ firstDirtyOffset, abortedTransactions }: CleaningTask, map: OffsetMap, stats: CleanerStats) {
    this.#map = map;
    this.#stats = stats;
    this.#firstDirtyOffset = firstDirtyOffset;
    // Transactions that ended before the dirty section would be taken for open ones.
    this.#transactions = new CleanedTransactions(
      abortedTransactions.filter(({ lastOffset }) => lastOffset >= firstDirtyOffset),
    );
  }

  /** Takes in whole batches; returns false once the map is full. Errors: `CorruptDataError`. */
  add(piece: Uint8Array): boolean {
    this.#stats.mapBytesRead += piece.length;
    for (let at = 0; at < piece.length; ) {
      const size = nextBatchSize(piece, at);
      const isBatch = piece[at + MAGIC_POSITION]! >= MAGIC_V2;
      const lastOffset = isBatch
        ? this.#addBatch(new RecordBatch(piece, at))
        : this.#addLegacy(piece.subarray(at, at + size));
      if (this.isFull) return false;
      if (lastOffset >= this.#firstDirtyOffset) this.#map.latestOffset = lastOffset;
      at += size;
    }
    return true;
  }

  #addBatch(batch: RecordBatch): number {
    batch.ensureValid();
    const { lastOffset } = batch;
    if (batch.isControlBatch) {
      this.#transactions.onControl(batch);
      this.#stats.mapRecordsRead++;
    } else if (this.#transactions.onData(batch)) {
      this.#stats.mapRecordsRead += batch.recordCount;
    } else if (lastOffset >= this.#firstDirtyOffset) {
      const records = new RecordKeys(batch);
      while (!this.isFull && records.next()) this.#enter(records.key, records.offset);
    }
    return lastOffset;
  }

  #addLegacy(bytes: Uint8Array): number {
    const lastOffset = readInt64(bytes, 0);
    this.#transactions.onOffset(lastOffset);
    for (const { key, offset } of readMessageSet(bytes)) {
      this.#enter(key, offset);
      if (this.isFull) break;
    }
    return lastOffset;
  }

  #enter(key: Uint8Array | null, offset: number): void {
    if (key !== null && offset >= this.#firstDirtyOffset) {
      if (this.#map.isFull) {
        this.isFull = true;
        return;
      }
      this.#map.put(key, offset);
    }
    this.#stats.mapRecordsRead++;
  }
}
