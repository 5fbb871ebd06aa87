/**
 * Cuts a byte stream into Kafka frames: a 4-byte big-endian length, then that many bytes.
 *
 * ```
 *  small frames, and the beginnings of large ones:   socket ─► shared buffer ─ push ─► frame
 *  the rest of a large one:                          socket ─► space of the frame ─ fill ─► nothing to copy
 * ```
 * Shape: reactor; takes what arrived and calls back with each whole frame, in a buffer of its own. Owns no socket.
 * Invariant: never holds more than what arrived, doubled once: a peer that announces 100 MB and sends 10 bytes costs one small buffer.
 */
import { Buffer } from 'node:buffer';

/** Why the stream cannot go on: the length announced is negative or above the limit. */
export interface FrameError {
  readonly length: number;
  readonly maxBytes: number;
}

/** Where the buffers that frames are assembled in come from, and go to when a frame outgrows one. */
export interface FrameMemory {
  acquire(length: number): Buffer;
  release(frame: Buffer): void;
}

/** A producer's `max.request.size` is 1 MiB, and what it sends a little more. */
const FIRST_ALLOCATION_BYTES = (1 << 20) + (1 << 16);
/** Less than this is not worth a read of its own: the shared buffer may take the next frame with it. */
const MIN_SPACE_BYTES = 64 * 1024;

export class FrameAssembler {
  readonly #maxBytes: number;
  readonly #memory: FrameMemory;
  readonly #onFrame: (frame: Buffer) => void;
  readonly #header = Buffer.alloc(4);
  #headerLength = 0;
  #frame: Buffer | undefined;
  #frameLength = 0;
  #received = 0;

  /** `maxBytes` is `socket.request.max.bytes`. */
  constructor(maxBytes: number, memory: FrameMemory, onFrame: (frame: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#memory = memory;
    this.#onFrame = onFrame;
  }

  /** True while a frame has begun and not ended. */
  get isMidFrame(): boolean {
    return this.#headerLength > 0;
  }

  /** Where the next bytes should be received, for `fill`; undefined when they should come by `push`. */
  get space(): Buffer | undefined {
    if (this.#frame === undefined || this.#frameLength - this.#received < MIN_SPACE_BYTES) return undefined;
    return this.#roomFor(this.#received + MIN_SPACE_BYTES).subarray(this.#received);
  }

  /** The next `length` bytes of the stream are in the `space` that was handed out last. */
  fill(length: number): void {
    this.#received += length;
    if (this.#received === this.#frameLength) this.#emit();
  }

  /** Takes `chunk[0, length)`; keeps no view of it. A returned error is final: the connection must be closed. */
  push(chunk: Buffer, length: number): FrameError | undefined {
    let position = 0;
    while (position < length) {
      if (this.#headerLength < 4) {
        const taken = Math.min(4 - this.#headerLength, length - position);
        chunk.copy(this.#header, this.#headerLength, position, position + taken);
        this.#headerLength += taken;
        position += taken;
        if (this.#headerLength < 4) return undefined;
        const announced = this.#header.readInt32BE(0);
        if (announced < 0 || announced > this.#maxBytes) return { length: announced, maxBytes: this.#maxBytes };
        this.#frameLength = announced;
        this.#received = 0;
        this.#frame = undefined;
      }
      position += this.#take(chunk, position, length);
      if (this.#received === this.#frameLength) this.#emit();
    }
    return undefined;
  }

  #take(chunk: Buffer, position: number, length: number): number {
    const taken = Math.min(this.#frameLength - this.#received, length - position);
    chunk.copy(this.#roomFor(this.#received + taken), this.#received, position, position + taken);
    this.#received += taken;
    return taken;
  }

  /** The frame's buffer, large enough for its first `needed` bytes. */
  #roomFor(needed: number): Buffer {
    const frame = this.#frame;
    if (frame === undefined) {
      const wanted = Math.max(Math.min(this.#frameLength, FIRST_ALLOCATION_BYTES), needed);
      this.#frame = this.#memory.acquire(wanted);
    } else if (frame.length < needed) {
      this.#frame = this.#memory.acquire(Math.min(this.#frameLength, Math.max(needed, frame.length * 2)));
      frame.copy(this.#frame, 0, 0, this.#received);
      this.#memory.release(frame);
    }
    return this.#frame!;
  }

  #emit(): void {
    const frame = this.#frame ?? Buffer.alloc(0);
    this.#headerLength = 0;
    this.#frame = undefined;
    this.#onFrame(frame);
  }
}
