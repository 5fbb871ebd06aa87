/**
 * What becomes of each batch: kept as it is, written anew with what is left of it, emptied, or dropped.
 *
 * ```
 *  data     aborted? ── yes ─► nothing of it is left
 *              └── no ─► a record is left if it is the last of its key, and has a value or is a tombstone before its horizon
 *  markers  needed, because data of the transaction was seen? ── yes ─► left
 *              └── no ─► left until its horizon
 *  nothing left: dropped, unless it is the last batch of an active producer or of the cleaning: then emptied
 * ```
 * The horizon is `delete.retention.ms` after the first cleaning that found a tombstone or a marker without need; the batch notes it.
 * Source: org.apache.kafka.storage.internals.log.Cleaner (cleanInto), MemoryRecords (filterTo); KIP-534.
 */
import { compressionTypeOf, type LegacyMessage, type RecordBatch, readMessageSet } from '@skarab/records';
import { readInt64 } from '../big-endian.ts';
import { emptyBatch, emptyBatchAt, rewriteBatch, upgradeMessages } from './batch-rewrite.ts';
import type { CleanedTransactions } from './cleaned-transactions.ts';
import type { CleanerStats } from './cleaner-stats.ts';
import type { CleaningTask, LastRecord } from './cleaning-task.ts';
import type { OffsetMap } from './offset-map.ts';
import { RecordKeys } from './record-keys.ts';

const LEGACY_ATTRIBUTES = 17;
const COMPRESSION_MASK = 7;

/** What is left of the records of a batch. */
interface Retained {
  /** Indexes, in order. */
  readonly indexes: readonly number[];
  readonly isAll: boolean;
  readonly hasTombstones: boolean;
}

export class BatchFilter {
  /** Whether tombstones of older formats stay, which have no horizon of their own; to be set for each segment. */
  retainsLegacyTombstones = true;
  readonly #map: OffsetMap;
  readonly #transactions: CleanedTransactions;
  readonly #stats: CleanerStats;
  readonly #lastRecords: ReadonlyMap<number, LastRecord>;
  readonly #nowMs: number;
  readonly #newHorizonMs: number;
  readonly #upperBoundOffset: number;

  constructor(task: CleaningTask, map: OffsetMap, transactions: CleanedTransactions, stats: CleanerStats) {
    this.#map = map;
    this.#transactions = transactions;
    this.#stats = stats;
    this.#lastRecords = new Map(task.lastRecords.map((last) => [last.producerId, last]));
    this.#nowMs = task.nowMs;
    this.#newHorizonMs = Math.min(task.nowMs + task.config.deleteRetentionMs, Number.MAX_SAFE_INTEGER);
    this.#upperBoundOffset = task.upperBoundOffset;
  }

  /** What is left of a batch: itself, another one, or null. Errors: `CorruptDataError`. */
  filter(batch: RecordBatch): Uint8Array | null {
    // Whatever is written anew gets a CRC that is right.
    batch.ensureValid();
    const { isControlBatch, deleteHorizonMs } = batch;
    const isUseless = isControlBatch ? this.#transactions.onControl(batch) : this.#transactions.onData(batch);
    const isVoid = isUseless && (!isControlBatch || (deleteHorizonMs !== null && deleteHorizonMs <= this.#nowMs));
    if (isVoid) return this.#without(batch);
    const retained = isControlBatch ? this.#retainAll(batch) : this.#retain(batch);
    if (retained.indexes.length === 0) return this.#without(batch);
    this.#stats.recordsWritten += retained.indexes.length;
    const needsHorizon = deleteHorizonMs === null && (retained.hasTombstones || (isControlBatch && isUseless));
    if (retained.isAll && !needsHorizon) return batch.view;
    return rewriteBatch(batch, retained.indexes, needsHorizon ? this.#newHorizonMs : deleteHorizonMs);
  }

  /** What is left of a message of an older format: a batch, or null. Errors: `CorruptDataError`. */
  filterLegacy(bytes: Uint8Array): Uint8Array | null {
    const lastOffset = readInt64(bytes, 0);
    this.#transactions.onOffset(lastOffset);
    const messages = [...readMessageSet(bytes)];
    this.#stats.recordsRead += messages.length;
    const retained = messages.filter((message) => this.#retainsLegacy(message));
    this.#stats.recordsWritten += retained.length;
    if (retained.length === 0) return lastOffset + 1 === this.#upperBoundOffset ? emptyBatchAt(lastOffset) : null;
    const hasTombstones = retained.some(({ value }) => value === null);
    const compression = compressionTypeOf(bytes[LEGACY_ATTRIBUTES]! & COMPRESSION_MASK);
    return upgradeMessages(retained, compression, hasTombstones ? this.#newHorizonMs : null);
  }

  /** A batch of which no record is left. */
  #without(batch: RecordBatch): Uint8Array | null {
    const mustStay = this.#isLastOfProducer(batch) || batch.nextOffset === this.#upperBoundOffset;
    return mustStay ? emptyBatch(batch) : null;
  }

  /** Without this batch, the producer's last sequence number or epoch would be forgotten. */
  #isLastOfProducer({ producerId, producerEpoch, lastOffset, isControlBatch }: RecordBatch): boolean {
    const last = this.#lastRecords.get(producerId);
    if (last === undefined) return false;
    if (last.lastDataOffset >= 0) return lastOffset === last.lastDataOffset;
    return isControlBatch && producerEpoch === last.producerEpoch;
  }

  #retainAll({ recordCount }: RecordBatch): Retained {
    this.#stats.recordsRead += recordCount;
    return { indexes: Array.from({ length: recordCount }, (_, i) => i), isAll: true, hasTombstones: false };
  }

  #retain(batch: RecordBatch): Retained {
    const horizonMs = batch.deleteHorizonMs;
    const retainsTombstones = horizonMs === null || this.#nowMs < horizonMs;
    const records = new RecordKeys(batch);
    const indexes: number[] = [];
    let hasTombstones = false;
    let count = 0;
    for (; records.next(); count++) {
      if (!this.#retains(records.key, records.offset, records.hasValue || retainsTombstones)) continue;
      indexes.push(count);
      if (!records.hasValue) hasTombstones = true;
    }
    this.#stats.recordsRead += count;
    return { indexes, isAll: indexes.length === count, hasTombstones };
  }

  #retainsLegacy({ key, offset, value }: LegacyMessage): boolean {
    return this.#retains(key, offset, value !== null || this.retainsLegacyTombstones);
  }

  #retains(key: Uint8Array | null, offset: number, isPresent: boolean): boolean {
    if (offset > this.#map.latestOffset) return true;
    if (key === null) {
      this.#stats.invalidRecordsRead++;
      return false;
    }
    return isPresent && offset >= this.#map.get(key);
  }
}
