/**
 * Finds frames in a byte stream without keeping them: the length and the first few bytes of each, which is all that a load generator
 * looks at. A response of a megabyte costs no copy beyond the socket's own.
 */
import { Buffer } from 'node:buffer';

const LENGTH_BYTES = 4;

export class FrameScanner {
  readonly #head: Buffer;
  readonly #onFrame: (head: Buffer, length: number) => void;
  /** Bytes seen of the current frame, its length field included. */
  #seen = 0;
  /** Bytes of the current frame with its length field, once that is known. */
  #total = Number.POSITIVE_INFINITY;

  /** `onFrame` gets the first `headBytes` behind the length field, in a buffer that the next frame overwrites, and the frame's length. */
  constructor(headBytes: number, onFrame: (head: Buffer, length: number) => void) {
    this.#head = Buffer.alloc(LENGTH_BYTES + headBytes);
    this.#onFrame = onFrame;
  }

  /** Takes what arrived: `chunk[0, length)`. */
  push(chunk: Uint8Array, length: number): void {
    let position = 0;
    while (position < length) {
      if (this.#seen < this.#head.length) this.#fillHead(chunk, position, length);
      if (this.#seen + length - position < LENGTH_BYTES) {
        this.#seen += length - position;
        return;
      }
      if (this.#seen < LENGTH_BYTES) this.#total = LENGTH_BYTES + this.#head.readInt32BE(0);
      const taken = Math.min(this.#total - this.#seen, length - position);
      this.#seen += taken;
      position += taken;
      if (this.#seen < this.#total) return;
      const frameLength = this.#total - LENGTH_BYTES;
      this.#seen = 0;
      this.#total = Number.POSITIVE_INFINITY;
      this.#onFrame(this.#head.subarray(LENGTH_BYTES), frameLength);
    }
  }

  #fillHead(chunk: Uint8Array, position: number, length: number): void {
    const wanted = Math.min(this.#head.length - this.#seen, length - position);
    this.#head.set(chunk.subarray(position, position + wanted), this.#seen);
  }
}
