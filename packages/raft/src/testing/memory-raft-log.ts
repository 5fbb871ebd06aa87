/**
 * The metadata log in memory, whose flushes wait until they are let through: for tests of what is durable when, and of crashes.
 */
import { assert, type StorageError } from '@skarab/base';
import type { RaftLog } from '../ports.ts';

interface StoredBatch {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

/** A log that survives `crash` as far as it was flushed. */
export class MemoryRaftLog implements RaftLog {
  startOffset = 0;
  highWatermark = 0;
  /** Epochs as `beginEpoch` was told of them. */
  readonly epochs: { readonly epoch: number; readonly startOffset: number }[] = [];
  /** When true, flushes are done at once, as by a microtask. */
  flushesByItself = true;
  #batches: StoredBatch[] = [];
  #durableEndOffset = 0;
  #flushes: ((error: StorageError | null) => void)[] = [];

  get endOffset(): number {
    return this.#batches.at(-1)?.endOffset ?? this.startOffset;
  }

  get lastEpoch(): number {
    return this.#batches.at(-1)?.epoch ?? 0;
  }

  get sizeInBytes(): number {
    return this.#batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Flushes that have been asked for and not yet been let through. */
  get pendingFlushes(): number {
    return this.#flushes.length;
  }

  append(batch: Uint8Array, epoch: number): void {
    const view = new DataView(batch.buffer, batch.byteOffset);
    const baseOffset = Number(view.getBigInt64(0));
    assert(baseOffset === this.endOffset, 'the batch continues the log');
    const endOffset = baseOffset + view.getInt32(23) + 1;
    this.#batches.push({ baseOffset, endOffset, epoch, bytes: batch.slice() });
  }

  flush(onFlushed: (error: StorageError | null, endOffset: number) => void): void {
    const { endOffset } = this;
    this.#flushes.push((error) => {
      if (error === null) this.#durableEndOffset = Math.max(this.#durableEndOffset, endOffset);
      onFlushed(error, endOffset);
    });
    if (this.flushesByItself) queueMicrotask(() => this.completeFlush());
  }

  /** Lets the oldest flush through, or makes it fail. */
  completeFlush(error: StorageError | null = null): void {
    this.#flushes.shift()?.(error);
  }

  read(offset: number, maxBytes: number): Uint8Array {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (const batch of this.#batches) {
      if (batch.endOffset <= offset) continue;
      if (size > 0 && size + batch.bytes.length > maxBytes) break;
      chunks.push(batch.bytes);
      size += batch.bytes.length;
    }
    return new Uint8Array(Buffer.concat(chunks));
  }

  updateHighWatermark(offset: number): void {
    this.highWatermark = offset;
  }

  beginEpoch(epoch: number, startOffset: number): void {
    this.epochs.push({ epoch, startOffset });
  }

  deleteBefore(offset: number): void {
    this.startOffset = Math.max(this.startOffset, offset);
    this.#batches = this.#batches.filter((batch) => batch.endOffset > this.startOffset);
  }

  truncateFullyAndStartAt(offset: number): void {
    this.#batches = [];
    this.startOffset = offset;
    this.#durableEndOffset = offset;
  }

  async close(): Promise<void> {}

  /** What another process would find after the power went. */
  crash(): MemoryRaftLog {
    const left = new MemoryRaftLog();
    left.startOffset = this.startOffset;
    left.#durableEndOffset = this.#durableEndOffset;
    left.#batches = this.#batches.filter(({ endOffset }) => endOffset <= this.#durableEndOffset);
    return left;
  }
}
