/**
 * Records that wait to become one batch of the log, or wait for the log's word about it.
 */
import { RECORD_BATCH_OVERHEAD, type SimpleRecord } from '@skarab/records';
import type { EncodedRecord } from './coordinator-shard.ts';
import type { BatchProducer } from './effects.ts';

/** No record adds more than this to its key and value: six varints, attributes, a header count. */
const RECORD_OVERHEAD_UPPER_BOUND = 32;

/** An upper bound for the bytes that records add to a batch. */
export function sizeUpperBound(records: readonly EncodedRecord[]): number {
  let size = 0;
  for (const { key, value } of records) size += RECORD_OVERHEAD_UPPER_BOUND + key.length + (value?.length ?? 0);
  return size;
}

/** What is on its way into the log: a batch, or a marker. */
export interface InFlightAppend {
  readonly appendId: number;
  readonly baseOffset: number;
  readonly nextOffset: number;
}

/** A batch under construction or in flight. */
export class PendingBatch implements InFlightAppend {
  readonly appendId: number;
  readonly baseOffset: number;
  /** When the first record came. */
  readonly createdMs: number;
  readonly records: SimpleRecord[] = [];
  readonly producer: BatchProducer | null;
  readonly #maxBytes: number;
  #size = RECORD_BATCH_OVERHEAD;

  constructor(appendId: number, baseOffset: number, maxBytes: number, nowMs: number, producer: BatchProducer | null) {
    this.appendId = appendId;
    this.baseOffset = baseOffset;
    this.createdMs = nowMs;
    this.#maxBytes = maxBytes;
    this.producer = producer;
  }

  get nextOffset(): number {
    return this.baseOffset + this.records.length;
  }

  /** Whether `size` more bytes fit; anything fits an empty batch, and then the log has the last word. */
  hasRoomFor(size: number): boolean {
    return this.records.length === 0 || this.#size + size <= this.#maxBytes;
  }

  get isFull(): boolean {
    return this.#size >= this.#maxBytes;
  }

  append(record: EncodedRecord, timestamp: number): void {
    this.records.push({ timestamp, key: record.key, value: record.value });
    this.#size += sizeUpperBound([record]);
  }
}
