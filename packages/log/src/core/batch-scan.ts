/**
 * Walks the headers of the batches in a file by small reads, without touching their records.
 *
 * Also passes over messages v0 and v1 of old segments, of which only offset and size are looked at.
 * Source: org.apache.kafka.common.record.internal.FileLogInputStream, FileRecords.
 */
import { CorruptDataError } from '@skarab/base';
import { HEADER_SIZE_UP_TO_MAGIC, LOG_OVERHEAD, MAGIC_V2, RECORD_BATCH_OVERHEAD, RecordBatch } from '@skarab/records';
import type { StorageFile } from '../ports.ts';
import { readInt32, readInt64 } from './big-endian.ts';

const BLOCK_SIZE = 4096;
const LEAST_RECORD_SIZE = 14;

/** A scan of the batches between two positions of a file; what it says of a batch holds until the next step. */
export class BatchScan {
  /** Where the current batch is. */
  position = 0;
  /** Its size. */
  size = 0;
  readonly #file: StorageFile;
  readonly #end: number;
  readonly #buffer: Uint8Array | undefined;
  #next: number;
  #block: Uint8Array = new Uint8Array(0);
  #blockStart = 0;

  /** `buffer` is for scans that end before another can begin; others get one of their own when they need it. */
  constructor(file: StorageFile, start: number, end: number, buffer?: Uint8Array) {
    this.#file = file;
    this.#next = start;
    this.#end = end;
    this.#buffer = buffer;
  }

  /**
   * Steps to the next batch; returns whether there is a whole one.
   *
   * Errors: `CorruptDataError` for a size that cannot be, `StorageError`.
   */
  next(): boolean {
    const position = this.#next;
    const left = this.#end - position;
    if (left < HEADER_SIZE_UP_TO_MAGIC) return false;
    let at = position - this.#blockStart;
    if (at + Math.min(RECORD_BATCH_OVERHEAD, left) > this.#block.length) {
      this.#load(position, Math.min(BLOCK_SIZE, left));
      at = 0;
      if (this.#block.length < HEADER_SIZE_UP_TO_MAGIC) return false;
    }
    const length = readInt32(this.#block, at + 8);
    const isBatch = this.#block[at + 16]! >= MAGIC_V2;
    if (length < LEAST_RECORD_SIZE || (isBatch && length < RECORD_BATCH_OVERHEAD - LOG_OVERHEAD)) {
      throw new CorruptDataError(`Record batch of ${LOG_OVERHEAD + length} bytes is smaller than its header`, {
        file: this.#file.path,
        position,
      });
    }
    this.position = position;
    this.size = LOG_OVERHEAD + length;
    this.#next = position + this.size;
    return this.size <= left;
  }

  /** A view of the header of the current batch, or null for a message of an older format. */
  get header(): RecordBatch | null {
    const at = this.position - this.#blockStart;
    return this.#block[at + 16]! >= MAGIC_V2 ? new RecordBatch(this.#block, at) : null;
  }

  get lastOffset(): number {
    const at = this.position - this.#blockStart;
    const offset = readInt64(this.#block, at);
    return this.#block[at + 16]! >= MAGIC_V2 ? offset + readInt32(this.#block, at + 23) : offset;
  }

  /** The first offset, or what an older format says instead: its last. */
  get baseOffset(): number {
    return readInt64(this.#block, this.position - this.#blockStart);
  }

  /** The largest timestamp; -1 for older formats. */
  get maxTimestamp(): number {
    return this.header?.maxTimestamp ?? -1;
  }

  #load(position: number, length: number): void {
    const view = this.#file.view(position, length);
    if (view === undefined) {
      const buffer = this.#buffer ?? new Uint8Array(BLOCK_SIZE);
      this.#block = buffer.subarray(0, this.#file.read(buffer.subarray(0, length), position));
    } else {
      this.#block = view;
    }
    this.#blockStart = position;
  }
}

/** Where a batch is in a segment. */
export interface BatchPlace {
  readonly baseOffset: number;
  readonly position: number;
  readonly size: number;
}

const shared = new Uint8Array(BLOCK_SIZE);

/** The first batch from `position` on that ends at `offset` or later, or null. */
export function findBatch(file: StorageFile, offset: number, position: number, end: number): BatchPlace | null {
  const scan = new BatchScan(file, position, end, shared);
  while (scan.next()) {
    if (scan.lastOffset >= offset) return { baseOffset: scan.baseOffset, position: scan.position, size: scan.size };
  }
  return null;
}
