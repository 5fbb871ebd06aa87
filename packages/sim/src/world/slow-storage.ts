/**
 * A storage whose device takes its time: what may wait (syncs, reads ahead, removals) waits, as long as `latencyMs` says each time.
 *
 * A sync takes effect somewhere in the middle of its time: what is written after that is not durable when it is done.
 */
import type { Clock } from '@skarab/base';
import type { DirectoryEntry, FileStatus, Storage, StorageFile } from '@skarab/log';

export class SlowStorage implements Storage {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #latencyMs: () => number;

  constructor(storage: Storage, clock: Clock, latencyMs: () => number) {
    this.#storage = storage;
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  file(path: string): StorageFile {
    const file = this.#storage.file(path);
    return new Proxy(file, {
      get: (target, name) => {
        if (name === 'sync') return () => this.#slowly(() => target.sync());
        if (name === 'readAsync')
          return (into: Uint8Array, position: number) => this.#slowly(() => target.readAsync(into, position));
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  status(path: string): FileStatus | null {
    return this.#storage.status(path);
  }

  list(directory: string): DirectoryEntry[] {
    return this.#storage.list(directory);
  }

  makeDirectory(directory: string): boolean {
    return this.#storage.makeDirectory(directory);
  }

  rename(from: string, to: string): void {
    this.#storage.rename(from, to);
  }

  delete(path: string): boolean {
    return this.#storage.delete(path);
  }

  remove(path: string): Promise<void> {
    return this.#slowly(() => this.#storage.remove(path));
  }

  readFile(path: string): Uint8Array | null {
    return this.#storage.readFile(path);
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    this.#storage.replaceFile(path, bytes);
  }

  replaceFileDurably(path: string, bytes: Uint8Array): Promise<void> {
    return this.#slowly(() => this.#storage.replaceFileDurably(path, bytes));
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#slowly(() => this.#storage.syncDirectory(directory));
  }

  setModifiedMs(path: string, modifiedMs: number): void {
    this.#storage.setModifiedMs(path, modifiedMs);
  }

  space(path: string): { readonly totalBytes: number; readonly usableBytes: number } {
    return this.#storage.space(path);
  }

  lock(directory: string, name: string): (() => void) | null {
    return this.#storage.lock(directory, name);
  }

  close(): void {
    this.#storage.close();
  }

  async #slowly<T>(work: () => Promise<T>): Promise<T> {
    await this.#wait();
    const result = await work();
    await this.#wait();
    return result;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(this.#latencyMs() / 2, resolve));
  }
}
