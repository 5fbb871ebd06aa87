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

/** What a scan reads at once, and so the size of the buffers it may be given. */
export const SCAN_BLOCK_SIZE = 4096;
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
  #previousOffset = -1;
  #block: Uint8Array = new Uint8Array(0);
  #blockStart = 0;

  /** `buffer` is for scans that end before another can begin; others get one of their own when they need it. */
  constructor(file: StorageFile, start: number, end: number, buffer?: Uint8Array) {
    this.#file = file;
    this.#next = start;
    this.#end = end;
    this.#buffer = buffer;
  }

  /** Where the scan has come to: behind the last batch, which may not be whole. */
  get end(): number {
    return this.#next;
  }

  /** Whether what lies at the start can be a batch of the segment that begins at `offset` or before it: else an index has misled the scan. */
  beginsAtOrBefore(offset: number, segmentBaseOffset: number): boolean {
    const position = this.#next;
    if (position === 0) return true;
    const at = position < 0 ? -1 : this.#locate(position);
    if (at < 0) return false;
    const baseOffset = readInt64(this.#block, at);
    const length = readInt32(this.#block, at + 8);
    const fits = length >= LEAST_RECORD_SIZE && LOG_OVERHEAD + length <= this.#end - position;
    return fits && baseOffset >= segmentBaseOffset && baseOffset <= offset;
  }

  /**
   * Steps to the next batch; returns whether there is a whole one.
   *
   * Errors: `CorruptDataError` for a size that cannot be or offsets that do not grow, `StorageError`.
   */
  next(): boolean {
    const position = this.#next;
    const at = this.#locate(position);
    if (at < 0) return false;
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
    if (this.#next > this.#end) return false;
    if (this.baseOffset <= this.#previousOffset) {
      throw new CorruptDataError(`Offset ${this.baseOffset} is not behind ${this.#previousOffset}`, {
        file: this.#file.path,
        position,
      });
    }
    this.#previousOffset = this.lastOffset;
    return true;
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

  /** Where in the block the header at a position is, which is read if need be; -1 when the file ends before. */
  #locate(position: number): number {
    const left = this.#end - position;
    if (left < HEADER_SIZE_UP_TO_MAGIC) return -1;
    const at = position - this.#blockStart;
    if (at >= 0 && at + Math.min(RECORD_BATCH_OVERHEAD, left) <= this.#block.length) return at;
    this.#load(position, Math.min(SCAN_BLOCK_SIZE, left));
    return this.#block.length < HEADER_SIZE_UP_TO_MAGIC ? -1 : 0;
  }

  #load(position: number, length: number): void {
    const view = this.#file.view(position, length);
    if (view === undefined) {
      const buffer = this.#buffer ?? new Uint8Array(SCAN_BLOCK_SIZE);
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
