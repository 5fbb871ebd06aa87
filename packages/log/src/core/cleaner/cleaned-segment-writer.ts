/**
 * Writes a new segment beside the log's own: `.cleaned` files with indexes, which take the place of old ones once they are durable.
 */
import { CorruptDataError } from '@skarab/base';
import { MAGIC_V2, RecordBatch } from '@skarab/records';
import type { Storage, StorageFile } from '../../ports.ts';
import { readInt64 } from '../big-endian.ts';
import {
  CLEANED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  segmentFileName,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from '../file-names.ts';
import type { LogConfig } from '../log-config.ts';
import { LogSegment } from '../log-segment.ts';
import type { AbortedTxn } from '../transaction-index.ts';

/** Where and how to write. */
export interface CleanedSegmentOptions {
  readonly storage: Storage;
  readonly directory: string;
  readonly baseOffset: number;
  readonly config: LogConfig;
  readonly nowMs: number;
}

const MAX_POSITION = 0x7fffffff;

export class CleanedSegmentWriter {
  readonly #segment: LogSegment;

  /** Errors: `StorageError`. */
  constructor({ storage, directory, baseOffset, config, nowMs }: CleanedSegmentOptions) {
    for (const suffix of [LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX]) {
      storage.delete(`${directory}/${segmentFileName(baseOffset, suffix, CLEANED_SUFFIX)}`);
    }
    this.#segment = new LogSegment({
      ...{ storage, directory, baseOffset, nowMs },
      config: { ...config, preallocate: false },
      rollJitterMs: 0,
      writesBefore: 0,
      transition: CLEANED_SUFFIX,
    });
  }

  get baseOffset(): number {
    return this.#segment.baseOffset;
  }

  get size(): number {
    return this.#segment.size;
  }

  get hasTxnIndex(): boolean {
    return this.#segment.txnIndex.entries.count > 0;
  }

  /** The files to be made durable. */
  get files(): readonly StorageFile[] {
    return this.#segment.files;
  }

  /** Whether its indexes can express an offset. */
  canAppendOffset(offset: number): boolean {
    return this.#segment.offsetIndex.canAppendOffset(offset);
  }

  /** Appends bytes that are no batch, for recovery to find them where they were. Errors: `StorageError`. */
  appendDamaged(bytes: Uint8Array): void {
    this.#segment.log.write([bytes], this.#segment.size);
    this.#segment.size += bytes.length;
  }

  /** Appends batches, all of them together. Errors: `CorruptDataError` when they do not fit into one segment, `StorageError`. */
  append(batches: readonly Uint8Array[]): void {
    const segment = this.#segment;
    const chunks = joinNeighbours(batches);
    const headers = batches.map(headerOf);
    const size = batches.reduce((sum, { length }) => sum + length, segment.size);
    const lastOffset = headers.at(-1)?.lastOffset ?? segment.baseOffset;
    if (size > MAX_POSITION || !segment.offsetIndex.canAppendOffset(lastOffset)) {
      throw new CorruptDataError(`Offset ${lastOffset} at ${size} bytes does not fit into a segment`, {
        file: segment.log.path,
      });
    }
    segment.log.write(chunks, segment.size);
    for (const { lastOffset, maxTimestamp, sizeInBytes } of headers) {
      segment.onBatchWritten(lastOffset, maxTimestamp, sizeInBytes);
    }
  }

  /** Enters aborted transactions whose markers were appended, in their order. */
  appendAborted(txns: readonly AbortedTxn[]): void {
    for (const txn of txns) this.#segment.txnIndex.append(txn);
  }

  /** Completes the indexes. */
  complete(): void {
    this.#segment.becomeInactive();
  }

  /** Gives the files the age of those that they replace. */
  setModifiedMs(modifiedMs: number): void {
    this.#segment.setModifiedMs(modifiedMs);
  }

  close(): void {
    this.#segment.closeFiles();
  }

  /** Removes the files. */
  delete(): void {
    this.#segment.delete();
  }
}

const MAGIC_POSITION = 16;

/** What the indexes want to know of a batch, or of a message of an older format, which is passed over in searches by time. */
function headerOf(bytes: Uint8Array): { lastOffset: number; maxTimestamp: number; sizeInBytes: number } {
  if (bytes[MAGIC_POSITION]! >= MAGIC_V2) return new RecordBatch(bytes);
  return { lastOffset: readInt64(bytes, 0), maxTimestamp: -1, sizeInBytes: bytes.length };
}

/** The same bytes in fewer chunks: views that follow each other in one buffer become one. */
function joinNeighbours(batches: readonly Uint8Array[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (const bytes of batches) {
    const last = chunks.at(-1);
    if (last?.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      chunks[chunks.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + bytes.length);
    } else {
      chunks.push(bytes);
    }
  }
  return chunks;
}
