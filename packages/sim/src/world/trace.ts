/**
 * What happened in a run, as one number: two runs with the same number did the same things at the same times.
 */
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

export class Trace {
  #hash = 0;
  #events = 0;

  /** Something happened at `atMs`; `bytes` is what arrived, if something did. */
  add(atMs: number, what: string, bytes?: Uint8Array): void {
    this.#events++;
    this.#hash = crc32(Buffer.from(`${atMs} ${what}`), this.#hash);
    if (bytes !== undefined) this.#hash = crc32(bytes, this.#hash);
  }

  get events(): number {
    return this.#events;
  }

  get hash(): string {
    return this.#hash.toString(16).padStart(8, '0');
  }
}
