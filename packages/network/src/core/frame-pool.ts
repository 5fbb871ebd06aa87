/**
 * Recycles the buffers of frames, so that a steady stream of produce requests allocates nothing.
 *
 * A frame may be given back once nobody holds a view of it. Small ones are cut off slabs. For large ones, size classes are powers of two from 16 KiB to 4 MiB and a sixteenth: batches are as large as a power of two, and their
 * requests a little larger. At most `maxIdleBytes` are kept; buffers of the class that was not asked for the longest go first, so that
 * yesterday's sizes do not keep today's out. (Memory that is not reused is expensive: the collector runs whenever enough of it has
 * come and gone.)
 */
import { Buffer } from 'node:buffer';
import { FrameSlabs, MAX_SMALL_FRAME } from './frame-slabs.ts';

const MIN_SHIFT = 14;
const MAX_SHIFT = 22;

/** Buffers of one size that nobody uses. */
interface SizeClass {
  readonly size: number;
  readonly idle: ArrayBuffer[];
  /** When a buffer was last asked for, counted in requests. */
  lastUse: number;
}

const sizeOf = (shift: number): number => (1 << shift) + (1 << (shift - 4));

export class FramePool {
  readonly #classes: readonly SizeClass[] = Array.from({ length: MAX_SHIFT - MIN_SHIFT + 1 }, (_, index) => ({
    size: sizeOf(index + MIN_SHIFT),
    idle: [],
    lastUse: 0,
  }));
  readonly #slabs = new FrameSlabs();
  readonly #maxIdleBytes: number;
  #idleBytes = 0;
  #uses = 0;

  constructor(maxIdleBytes: number) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** Bytes of large frames kept for reuse. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** A buffer of exactly `length` bytes with arbitrary content. */
  acquire(length: number): Buffer {
    if (length <= MAX_SMALL_FRAME) return this.#slabs.acquire(length);
    const fitting = this.#classOf(length);
    if (fitting === undefined) return Buffer.allocUnsafeSlow(length);
    fitting.lastUse = ++this.#uses;
    const kept = fitting.idle.pop();
    if (kept === undefined) return Buffer.from(new ArrayBuffer(fitting.size), 0, length);
    this.#idleBytes -= kept.byteLength;
    return Buffer.from(kept, 0, length);
  }

  /** Gives a buffer of `acquire` back; the caller promises that no view of it is left. */
  release(frame: Buffer): void {
    if (this.#slabs.release(frame)) return;
    const memory = frame.buffer as ArrayBuffer;
    const own = this.#classOf(memory.byteLength);
    if (frame.byteOffset !== 0 || own?.size !== memory.byteLength) return;
    while (this.#idleBytes + own.size > this.#maxIdleBytes) {
      if (!this.#dropOneUsedBefore(own)) return;
    }
    this.#idleBytes += own.size;
    own.idle.push(memory);
  }

  /** The smallest class that `length` bytes fit in. */
  #classOf(length: number): SizeClass | undefined {
    const shift = 31 - Math.clz32(length);
    const index = Math.max(0, (length <= sizeOf(shift) ? shift : shift + 1) - MIN_SHIFT);
    return this.#classes[index];
  }

  /** Leaves one buffer to the collector, of the class that was used least recently; false when that is `own`. */
  #dropOneUsedBefore(own: SizeClass): boolean {
    let oldest = own;
    for (const each of this.#classes) if (each.idle.length > 0 && each.lastUse < oldest.lastUse) oldest = each;
    const dropped = oldest === own ? undefined : oldest.idle.pop();
    this.#idleBytes -= dropped?.byteLength ?? 0;
    return dropped !== undefined;
  }
}
