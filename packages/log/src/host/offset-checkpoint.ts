/**
 * One checkpoint file of a log directory, written durably in the background and only when it would change.
 *
 * Requests that come while a write is under way are answered by one more write with what is true then.
 */
import type { StorageError } from '@skarab/base';
import { decodeOffsets, encodeOffsets, type PartitionOffset } from '../core/checkpoint-text.ts';
import type { Storage } from '../ports.ts';

export class OffsetCheckpoint {
  readonly path: string;
  readonly #storage: Storage;
  readonly #current: () => readonly PartitionOffset[];
  #written: Uint8Array | null = null;
  #writing: Promise<void> | null = null;
  #isWanted = false;

  /** `current`: what the file should say now. */
  constructor(storage: Storage, path: string, current: () => readonly PartitionOffset[]) {
    this.#storage = storage;
    this.path = path;
    this.#current = current;
  }

  /** What the file says, by `<topic>-<partition>`; empty when it is not there. Errors: `CorruptDataError`, `StorageError`. */
  read(): Map<string, PartitionOffset> {
    return decodeOffsets(this.#storage.readFile(this.path), this.path);
  }

  /** Resolves when the file says what is true now, or later. Errors: rejects with `StorageError`. */
  write(): Promise<void> {
    this.#isWanted = true;
    this.#writing ??= this.#run();
    return this.#writing;
  }

  /** As `write`, for those who do not wait. */
  writeSoon(onError: (error: StorageError) => void): void {
    this.write().catch(onError);
  }

  async #run(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        const bytes = encodeOffsets(this.#current());
        if (this.#written !== null && areEqual(bytes, this.#written)) continue;
        this.#written = null;
        await this.#storage.replaceFileDurably(this.path, bytes);
        this.#written = bytes;
      }
    } finally {
      this.#writing = null;
    }
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
