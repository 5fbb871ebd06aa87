/**
 * The newest batches of all logs, in memory within one budget: where they are, and of small ones the bytes.
 *
 * ```
 *  log A   [stretch with bytes] [stretch without] [stretch with bytes]     a stretch: batches that lie one behind the other in a segment
 *  log B   [stretch with bytes]                                            the oldest stretch of all goes first when the budget is spent
 * ```
 * A reader near the end finds its batch here without touching the index or the file. Batches up to `MAX_COPIED_BATCH` are copied when
 * they are staged: then a read of many of them is one view, their write is one piece, and the request's buffer may be used again at
 * once. For larger ones the copy, and the memory it takes, costs more than reading the bytes back from the page cache; they are written
 * from where they are. The memory of a stretch is used anew only when all of it was written and nobody read it, so views of it stay good.
 */
import { Buffer } from 'node:buffer';
import type { BatchPlace } from './batch-scan.ts';

/** Batches up to this size are copied. */
export const MAX_COPIED_BATCH = 4 * 1024;

const LEAST_BYTES = 4 * 1024;
const MOST_BYTES = 64 * 1024;
/** Batches in a stretch without bytes at most, and what such a stretch counts for. */
const MOST_BATCHES = 64;
const PLACES_BYTES = 4 * 1024;
/** Buffers of dropped stretches that wait to be used anew, at most. */
const MOST_SPARE = 4;

/** The default budget of a process. */
export const DEFAULT_TAIL_CACHE_BYTES = 16 * 1024 * 1024;

/** Which logs have stretches, and how much they take together. */
export class TailCache {
  readonly #maxBytes: number;
  readonly #stretches = new Set<Stretch>();
  /** Each of the largest size. */
  readonly #spare: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number = DEFAULT_TAIL_CACHE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes taken. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEnabled(): boolean {
    return this.#maxBytes > 0;
  }

  /** A stretch came into being: older ones go to make room. */
  add(stretch: Stretch): void {
    this.#stretches.add(stretch);
    this.#bytes += stretch.cost;
    for (const oldest of this.#stretches) {
      if (this.#bytes <= this.#maxBytes || oldest === stretch) return;
      oldest.tail.dropOldest();
    }
  }

  remove(stretch: Stretch): void {
    if (!this.#stretches.delete(stretch)) return;
    this.#bytes -= stretch.cost;
    const { buffer } = stretch;
    if (buffer?.length === MOST_BYTES && this.#spare.length < MOST_SPARE && stretch.isUnseen) this.#spare.push(buffer);
  }

  /** Memory for a stretch; null for none. */
  memory(capacity: number): Uint8Array | null {
    if (capacity === 0) return null;
    return (capacity === MOST_BYTES ? this.#spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(capacity);
  }
}

/** Batches that lie one behind the other in a segment, with or without their bytes. */
export class Stretch {
  readonly tail: LogTail;
  readonly segmentBaseOffset: number;
  /** Where in the segment the first batch is. */
  readonly startPosition: number;
  /** Bytes of the batches, from the start position on; null when they are not kept. */
  readonly buffer: Uint8Array | null;
  /** Of each batch: its first and last offset, and where it begins, from the start position. */
  readonly baseOffsets: number[] = [];
  readonly lastOffsets: number[] = [];
  readonly starts: number[] = [];
  size = 0;
  #wasRead = false;

  constructor(tail: LogTail, buffer: Uint8Array | null, segmentBaseOffset: number, startPosition: number) {
    this.tail = tail;
    this.buffer = buffer;
    this.segmentBaseOffset = segmentBaseOffset;
    this.startPosition = startPosition;
  }

  /** What it counts for in the budget. */
  get cost(): number {
    return this.buffer?.length ?? PLACES_BYTES;
  }

  get lastOffset(): number {
    return this.lastOffsets.at(-1) ?? -1;
  }

  /** Whether nobody can have a view of the bytes. */
  get isUnseen(): boolean {
    return !this.#wasRead && this.lastOffset < this.tail.writtenEndOffset;
  }

  /** A view of `length` bytes from `start` on, when they are kept. */
  read(start: number, length: number): Uint8Array | null {
    if (this.buffer === null || start + length > this.size) return null;
    this.#wasRead = true;
    return this.buffer.subarray(start, start + length);
  }

  /** Whether a batch at this place continues the stretch and there is room. */
  canTake(sizeInBytes: number, isCopied: boolean, segmentBaseOffset: number, position: number): boolean {
    if (this.segmentBaseOffset !== segmentBaseOffset || this.startPosition + this.size !== position) return false;
    if (this.buffer === null) return !isCopied && this.starts.length < MOST_BATCHES;
    return isCopied && this.size + sizeInBytes <= this.buffer.length;
  }

  add(baseOffset: number, lastOffset: number, sizeInBytes: number): void {
    this.baseOffsets.push(baseOffset);
    this.lastOffsets.push(lastOffset);
    this.starts.push(this.size);
    this.size += sizeInBytes;
  }

  /** Index of the batch that holds `offset` or is the next one. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.lastOffsets.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.lastOffsets[middle]! >= offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** A batch that the cache knows, and its stretch. */
export interface CachedPlace extends BatchPlace {
  readonly stretch: Stretch;
}

/** Bytes from the start of a cached batch on, when all of them are in memory. */
export function cachedBytes({ stretch, position }: CachedPlace, length: number): Uint8Array | null {
  return stretch.read(position - stretch.startPosition, length);
}

/** The stretches of one log, oldest first. */
export class LogTail {
  readonly #cache: TailCache;
  readonly #writtenEndOffset: () => number;
  #stretches: Stretch[] = [];

  /** `writtenEndOffset` tells up to where the log is in its files. */
  constructor(cache: TailCache, writtenEndOffset: () => number) {
    this.#cache = cache;
    this.#writtenEndOffset = writtenEndOffset;
  }

  get writtenEndOffset(): number {
    return this.#writtenEndOffset();
  }

  /** Notes a batch that will be at `position` of a segment; returns its copy if it is copied, else the bytes as they came. */
  add(
    bytes: Uint8Array,
    baseOffset: number,
    lastOffset: number,
    segmentBaseOffset: number,
    position: number,
  ): Uint8Array {
    if (!this.#cache.isEnabled) return bytes;
    const stretch = this.#stretchFor(bytes.length, segmentBaseOffset, position);
    const start = stretch.size;
    stretch.add(baseOffset, lastOffset, bytes.length);
    if (stretch.buffer === null) return bytes;
    stretch.buffer.set(bytes, start);
    return stretch.buffer.subarray(start, stretch.size);
  }

  /** The batch that holds `offset`, when it is known. */
  find(offset: number): CachedPlace | null {
    for (let i = this.#stretches.length - 1; i >= 0; i--) {
      const stretch = this.#stretches[i]!;
      if (stretch.baseOffsets[0]! > offset) continue;
      if (stretch.lastOffset < offset) return null;
      const index = stretch.indexOf(offset);
      const start = stretch.starts[index]!;
      const size = (stretch.starts[index + 1] ?? stretch.size) - start;
      return { stretch, baseOffset: stretch.baseOffsets[index]!, position: stretch.startPosition + start, size };
    }
    return null;
  }

  /** Forgets everything, because the log was cut or is gone. */
  clear(): void {
    for (const stretch of this.#stretches) this.#cache.remove(stretch);
    this.#stretches = [];
  }

  dropOldest(): void {
    const oldest = this.#stretches.shift();
    if (oldest !== undefined) this.#cache.remove(oldest);
  }

  #stretchFor(size: number, segmentBaseOffset: number, position: number): Stretch {
    const isCopied = size <= MAX_COPIED_BATCH;
    const last = this.#stretches.at(-1);
    if (last?.canTake(size, isCopied, segmentBaseOffset, position)) return last;
    const grown = Math.min(Math.max(2 * (last?.buffer?.length ?? 0), LEAST_BYTES), MOST_BYTES);
    const memory = this.#cache.memory(isCopied ? grown : 0);
    const stretch = new Stretch(this, memory, segmentBaseOffset, position);
    this.#stretches.push(stretch);
    this.#cache.add(stretch);
    return stretch;
  }
}
