/**
 * Recycles the buffers of large frames, so that a steady stream of produce requests allocates nothing.
 *
 * Small frames come from the runtime's own pool and are left to the collector; a large one may be given back once nobody holds a
 * view of it. Size classes are powers of two from 16 KiB to 4 MiB; at most `maxIdleBytes` are kept.
 */
import { Buffer } from 'node:buffer';

const MIN_SHIFT = 14;
const MAX_SHIFT = 22;

export class FramePool {
  readonly #idle: ArrayBuffer[][] = Array.from({ length: MAX_SHIFT - MIN_SHIFT + 1 }, () => []);
  readonly #maxIdleBytes: number;
  #idleBytes = 0;

  constructor(maxIdleBytes: number) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** Bytes kept for reuse. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** A buffer of exactly `length` bytes with arbitrary content. */
  acquire(length: number): Buffer {
    if (length <= 1 << (MIN_SHIFT - 1)) return Buffer.allocUnsafe(length);
    const shift = Math.max(MIN_SHIFT, 32 - Math.clz32(length - 1));
    if (shift > MAX_SHIFT) return Buffer.allocUnsafeSlow(length);
    const kept = this.#idle[shift - MIN_SHIFT]!.pop();
    if (kept === undefined) return Buffer.from(new ArrayBuffer(1 << shift), 0, length);
    this.#idleBytes -= kept.byteLength;
    return Buffer.from(kept, 0, length);
  }

  /** Gives a buffer of `acquire` back; the caller promises that no view of it is left. */
  release(frame: Buffer): void {
    const memory = frame.buffer as ArrayBuffer;
    const size = memory.byteLength;
    const shift = 31 - Math.clz32(size);
    if (frame.byteOffset !== 0 || 1 << shift !== size || shift < MIN_SHIFT || shift > MAX_SHIFT) return;
    if (this.#idleBytes + size > this.#maxIdleBytes) return;
    this.#idleBytes += size;
    this.#idle[shift - MIN_SHIFT]!.push(memory);
  }
}
