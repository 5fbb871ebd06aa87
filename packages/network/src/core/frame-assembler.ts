/**
 * Cuts a byte stream into Kafka frames: a 4-byte big-endian length, then that many bytes.
 *
 * Shape: reactor; `push` takes what arrived and calls back with each whole frame, copied out of the receive buffer. Owns no socket.
 * Invariant: never holds more than what arrived, doubled once: a peer that announces 100 MB and sends 10 bytes costs one small buffer.
 */
import { Buffer } from 'node:buffer';

/** Why the stream cannot go on: the length announced is negative or above the limit. */
export interface FrameError {
  readonly length: number;
  readonly maxBytes: number;
}

/** Hands out the buffers that frames are assembled in. */
export type AllocateFrame = (length: number) => Buffer;

const FIRST_ALLOCATION_BYTES = 1 << 20;

export class FrameAssembler {
  readonly #maxBytes: number;
  readonly #allocate: AllocateFrame;
  readonly #onFrame: (frame: Buffer) => void;
  readonly #header = Buffer.alloc(4);
  #headerLength = 0;
  #frame: Buffer | undefined;
  #frameLength = 0;
  #received = 0;

  /** `maxBytes` is `socket.request.max.bytes`. */
  constructor(maxBytes: number, allocate: AllocateFrame, onFrame: (frame: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#allocate = allocate;
    this.#onFrame = onFrame;
  }

  /** True while a frame has begun and not ended. */
  get isMidFrame(): boolean {
    return this.#headerLength > 0;
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
    const needed = this.#received + taken;
    let frame = this.#frame;
    if (frame === undefined) {
      const wanted = Math.max(Math.min(this.#frameLength, FIRST_ALLOCATION_BYTES), needed);
      frame = this.#allocate(wanted);
    } else if (frame.length < needed) {
      const grown = this.#allocate(Math.min(this.#frameLength, Math.max(needed, frame.length * 2)));
      frame.copy(grown, 0, 0, this.#received);
      frame = grown;
    }
    chunk.copy(frame, this.#received, position, position + taken);
    this.#frame = frame;
    this.#received = needed;
    return taken;
  }

  #emit(): void {
    const frame = this.#frame ?? Buffer.alloc(0);
    this.#headerLength = 0;
    this.#frame = undefined;
    this.#onFrame(frame);
  }
}
