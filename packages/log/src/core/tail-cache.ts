/**
 * The newest bytes of all logs, in memory within one budget: readers near the end touch no file.
 *
 * ```
 *  log A   [slab 0 … ] [slab 1 … ]        a slab: a buffer that is filled once, with batches that lie one behind the other in the file
 *  log B   [slab 0 … ]                    the oldest slab of all goes first when the budget is spent
 * ```
 * Appends are copied into slabs when they are staged: then a read of many small batches is one view, the write is one piece, and the
 * buffer of the request may be used again at once. For batches over `MAX_COPIED_BATCH` the copy costs more than reading them back from
 * the page cache would; they are written from where they are and are not in memory afterwards. A slab is never written to twice, so
 * views of it stay good.
 */
import type { BatchPlace } from './batch-scan.ts';

/** Batches up to this size are copied. */
export const MAX_COPIED_BATCH = 16 * 1024 + 512;

const LEAST_SLAB = 4 * 1024;
const LARGEST_SLAB = 64 * 1024;

/** The default budget of a process. */
export const DEFAULT_TAIL_CACHE_BYTES = 16 * 1024 * 1024;

/** Which logs have slabs, and how much they take together. */
export class TailCache {
  readonly #maxBytes: number;
  readonly #slabs = new Set<Slab>();
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

  /** A slab came into being: older ones go to make room. */
  add(slab: Slab): void {
    this.#slabs.add(slab);
    this.#bytes += slab.buffer.length;
    for (const oldest of this.#slabs) {
      if (this.#bytes <= this.#maxBytes || oldest === slab) return;
      oldest.tail.drop(oldest);
    }
  }

  remove(slab: Slab): void {
    if (this.#slabs.delete(slab)) this.#bytes -= slab.buffer.length;
  }
}

/** A buffer with the batches of one stretch of a segment. */
export class Slab {
  readonly tail: LogTail;
  readonly buffer: Uint8Array;
  readonly segmentBaseOffset: number;
  /** Where in the segment the buffer begins. */
  readonly startPosition: number;
  used = 0;
  /** Of each batch: its first and last offset, and where it begins in the buffer. */
  readonly baseOffsets: number[] = [];
  readonly lastOffsets: number[] = [];
  readonly starts: number[] = [];

  constructor(tail: LogTail, size: number, segmentBaseOffset: number, startPosition: number) {
    this.tail = tail;
    this.buffer = new Uint8Array(size);
    this.segmentBaseOffset = segmentBaseOffset;
    this.startPosition = startPosition;
  }

  get endPosition(): number {
    return this.startPosition + this.used;
  }

  get lastOffset(): number {
    return this.lastOffsets.at(-1) ?? -1;
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

/** A batch in memory, and the slab that it is in. */
export interface CachedPlace extends BatchPlace {
  readonly slab: Slab;
}

/** The slabs of one log, oldest first. */
export class LogTail {
  readonly #cache: TailCache;
  #slabs: Slab[] = [];

  constructor(cache: TailCache) {
    this.#cache = cache;
  }

  /** Copies a batch that will be at `position` of a segment; returns the copy, or null when it is not worth it. */
  copy(
    batch: Uint8Array,
    baseOffset: number,
    lastOffset: number,
    segmentBaseOffset: number,
    position: number,
  ): Uint8Array | null {
    if (batch.length > MAX_COPIED_BATCH || !this.#cache.isEnabled) return null;
    const slab = this.#slabFor(batch.length, segmentBaseOffset, position);
    const start = slab.used;
    slab.buffer.set(batch, start);
    slab.used = start + batch.length;
    slab.starts.push(start);
    slab.baseOffsets.push(baseOffset);
    slab.lastOffsets.push(lastOffset);
    return slab.buffer.subarray(start, slab.used);
  }

  /** The batch that holds `offset`, when it is in memory. */
  find(offset: number): CachedPlace | null {
    for (let i = this.#slabs.length - 1; i >= 0; i--) {
      const slab = this.#slabs[i]!;
      if (slab.baseOffsets[0]! > offset) continue;
      if (slab.lastOffset < offset) return null;
      const index = slab.indexOf(offset);
      const start = slab.starts[index]!;
      const size = (slab.starts[index + 1] ?? slab.used) - start;
      return { slab, baseOffset: slab.baseOffsets[index]!, position: slab.startPosition + start, size };
    }
    return null;
  }

  /** Forgets everything, because the log was cut or is gone. */
  clear(): void {
    for (const slab of this.#slabs) this.#cache.remove(slab);
    this.#slabs = [];
  }

  drop(slab: Slab): void {
    this.#cache.remove(slab);
    this.#slabs = this.#slabs.filter((other) => other !== slab);
  }

  #slabFor(size: number, segmentBaseOffset: number, position: number): Slab {
    const last = this.#slabs.at(-1);
    const isNext = last?.segmentBaseOffset === segmentBaseOffset && last.endPosition === position;
    if (isNext && last.used + size <= last.buffer.length) return last;
    const wanted = last === undefined ? LEAST_SLAB : Math.min(2 * last.buffer.length, LARGEST_SLAB);
    const slab = new Slab(this, Math.max(wanted, size), segmentBaseOffset, position);
    this.#slabs.push(slab);
    this.#cache.add(slab);
    return slab;
  }
}
