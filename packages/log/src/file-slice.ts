/**
 * A stretch of a segment file on its way to somebody: read piece by piece, or sent by the kernel.
 *
 * The file's descriptor is held open until `release`, so that the bytes stay readable when the segment is deleted or its folder
 * renamed. If the file is truncated below the slice meanwhile, reading fails and the sender must give up its connection.
 */
import { assert, StorageError } from '@skarab/base';
import type { FileRegion, StorageFile } from './ports.ts';

export class FileSlice {
  readonly byteLength: number;
  readonly #file: StorageFile;
  readonly #position: number;
  readonly #isRecent: boolean;
  #isReleased = false;

  /** `isRecent`: these bytes are probably in the page cache, so reading them will not wait for the device. */
  constructor(file: StorageFile, position: number, byteLength: number, isRecent: boolean) {
    file.retain();
    this.#file = file;
    this.#position = position;
    this.byteLength = byteLength;
    this.#isRecent = isRecent;
  }

  /**
   * Reads bytes from `offset` of the slice into `target`; returns how many: all that fit, or less at the end of the slice.
   * A promise when the device may have to be waited for.
   *
   * Walk: fetch 8 — bytes leave the file while they are sent.
   * Errors: `StorageError`.
   */
  readInto(offset: number, target: Uint8Array): number | Promise<number> {
    const left = this.byteLength - offset;
    const wanted = left < target.length ? target.subarray(0, left) : target;
    const position = this.#position + offset;
    if (this.#isRecent) return this.#checked(this.#file.read(wanted, position), wanted.length);
    return this.#file.readAsync(wanted, position).then((length) => this.#checked(length, wanted.length));
  }

  /** Where the slice is for a zero-copy sender; undefined where there is no descriptor. */
  fileRegion(): FileRegion | undefined {
    return this.#file.region(this.#position);
  }

  /** Whether the bytes are probably in the page cache; a zero-copy sender of others might have to wait for the device. */
  get isRecent(): boolean {
    return this.#isRecent;
  }

  /** Reads everything at once and releases the slice. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.byteLength);
    try {
      this.#checked(this.#file.read(bytes, this.#position), bytes.length);
      return bytes;
    } finally {
      this.release();
    }
  }

  /** Lets the file go; exactly once. */
  release(): void {
    assert(!this.#isReleased, 'a slice is released once');
    this.#isReleased = true;
    this.#file.release();
  }

  #checked(length: number, wanted: number): number {
    if (length === wanted) return length;
    throw new StorageError(this.#file.path, 'EOF', `${this.#file.path} was cut while it was being read`);
  }
}
