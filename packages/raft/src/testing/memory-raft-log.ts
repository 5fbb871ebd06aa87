/**
 * The metadata log in memory, whose flushes wait until they are let through: for tests of what is durable when, and of crashes.
 */
import { assert, type StorageError } from '@skarab/base';
import { iterateBatches } from '@skarab/records';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import type { RaftLog } from '../ports.ts';

interface StoredBatch {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

interface EpochStart {
  readonly epoch: number;
  readonly startOffset: number;
}

interface PendingFlush {
  endOffset: number;
  readonly onFlushed: (error: StorageError | null, endOffset: number) => void;
}

/** A log that survives `crash` as far as it was flushed. */
export class MemoryRaftLog implements RaftLog {
  startOffset = 0;
  highWatermark = 0;
  /** When true, flushes are done at once, as by a microtask. */
  flushesByItself = true;
  #epochs: EpochStart[] = [];
  #batches: StoredBatch[] = [];
  #durableEndOffset = 0;
  /** What a loss of power brings back until the next flush: the batches that were durable when the log was cut. */
  #cut: readonly StoredBatch[] | null = null;
  #flushes: PendingFlush[] = [];

  /** Epochs with their first offsets. */
  get epochs(): readonly EpochStart[] {
    return this.#epochs;
  }

  get endOffset(): number {
    return this.#batches.at(-1)?.endOffset ?? this.startOffset;
  }

  get lastEpoch(): number {
    return this.#epochs.at(-1)?.epoch ?? 0;
  }

  get sizeInBytes(): number {
    return this.#batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Flushes that have been asked for and not yet been let through. */
  get pendingFlushes(): number {
    return this.#flushes.length;
  }

  append(batch: Uint8Array, epoch: number): void {
    this.appendFetched(batch, epoch);
  }

  appendFetched(batches: Uint8Array, epoch: number): void {
    for (const batch of iterateBatches(batches)) {
      const { baseOffset, nextOffset: endOffset, partitionLeaderEpoch, position, sizeInBytes } = batch;
      assert(baseOffset === this.endOffset, 'the batch continues the log');
      assert(partitionLeaderEpoch <= epoch && partitionLeaderEpoch >= this.lastEpoch, 'epochs do not go back');
      if (partitionLeaderEpoch > this.lastEpoch) this.beginEpoch(partitionLeaderEpoch, baseOffset);
      const bytes = batch.bytes.slice(position, position + sizeInBytes);
      this.#batches.push({ baseOffset, endOffset, epoch: partitionLeaderEpoch, bytes });
    }
  }

  flush(onFlushed: (error: StorageError | null, endOffset: number) => void): void {
    this.#flushes.push({ endOffset: this.endOffset, onFlushed });
    if (this.flushesByItself) queueMicrotask(() => this.completeFlush());
  }

  /** Lets the oldest flush through, or makes it fail. */
  completeFlush(error: StorageError | null = null): void {
    const flush = this.#flushes.shift();
    if (flush === undefined) return;
    if (error === null) {
      this.#durableEndOffset = Math.max(this.#durableEndOffset, flush.endOffset);
      this.#cut = null;
    }
    flush.onFlushed(error, flush.endOffset);
  }

  read(offset: number, maxBytes: number): Uint8Array {
    assert(offset >= this.startOffset && offset <= this.endOffset, `offset ${offset} is not in the metadata log`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let i = this.#indexOf(offset); i < this.#batches.length; i++) {
      const { bytes } = this.#batches[i]!;
      if (size > 0 && size + bytes.length > maxBytes) break;
      chunks.push(bytes);
      size += bytes.length;
    }
    return new Uint8Array(Buffer.concat(chunks));
  }

  updateHighWatermark(offset: number): void {
    this.highWatermark = offset;
  }

  beginEpoch(epoch: number, startOffset: number): void {
    if (this.lastEpoch === epoch) return;
    this.#epochs = [...this.#epochs.filter((known) => known.startOffset < startOffset), { epoch, startOffset }];
  }

  endOffsetForEpoch(epoch: number): OffsetAndEpoch | null {
    if (epoch === this.#epochs.at(-1)?.epoch) return { offset: this.endOffset, epoch };
    const higher = this.#epochs.find((known) => known.epoch > epoch);
    if (higher === undefined) return null;
    const floor = this.#epochs.findLast((known) => known.epoch <= epoch);
    return { offset: higher.startOffset, epoch: floor?.epoch ?? epoch };
  }

  truncateTo(offset: number): void {
    this.#cut ??= this.#durableBatches();
    this.#batches = this.#batches.filter(({ endOffset }) => endOffset <= offset);
    this.#epochs = this.#epochs.filter(({ startOffset }) => startOffset < offset);
    this.#voidFlushes(offset);
  }

  deleteBefore(offset: number): void {
    this.startOffset = Math.max(this.startOffset, offset);
    this.#batches = this.#batches.filter((batch) => batch.endOffset > this.startOffset);
    this.#cutEpochsAtStart();
  }

  truncateFullyAndStartAt(offset: number): void {
    this.#batches = [];
    this.#epochs = [];
    this.#cut = null;
    this.startOffset = offset;
    this.#voidFlushes(offset);
    this.#durableEndOffset = offset;
  }

  async close(): Promise<void> {}

  /** Up to where the log survives a loss of power, unless it has been cut. */
  get durableEndOffset(): number {
    return this.#durableEndOffset;
  }

  /** What another process would find after the power went. */
  crash<Log extends MemoryRaftLog = MemoryRaftLog>(left: Log = new MemoryRaftLog() as Log): Log {
    left.startOffset = this.startOffset;
    for (const { bytes, epoch, endOffset } of this.#cut ?? this.#durableBatches()) {
      if (endOffset > this.startOffset) left.append(bytes, epoch);
    }
    left.#durableEndOffset = left.endOffset;
    return left;
  }

  #durableBatches(): readonly StoredBatch[] {
    return this.#batches.filter(({ endOffset }) => endOffset <= this.#durableEndOffset);
  }

  #voidFlushes(offset: number): void {
    this.#durableEndOffset = Math.min(this.#durableEndOffset, offset);
    for (const flush of this.#flushes) flush.endOffset = Math.min(flush.endOffset, offset);
  }

  #cutEpochsAtStart(): void {
    const last = this.#epochs.findLastIndex(({ startOffset }) => startOffset <= this.startOffset);
    if (last < 0) return;
    const { epoch } = this.#epochs[last]!;
    this.#epochs = [{ epoch, startOffset: this.startOffset }, ...this.#epochs.slice(last + 1)];
  }

  /** The batch holding `offset`. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#batches[middle]!.endOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
