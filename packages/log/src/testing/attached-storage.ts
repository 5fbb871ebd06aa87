/**
 * A storage in memory as one process sees it, which can die while the storage lives on.
 */
import { parentOf } from '../core/file-names.ts';
import type { DirectoryEntry, FileStatus, Storage, StorageFile } from '../ports.ts';
import { MemoryFile } from './memory-file.ts';
import type { MemoryStorage } from './memory-storage.ts';

export class AttachedStorage implements Storage {
  readonly #storage: MemoryStorage;
  readonly #check: (path: string) => void;

  /** `check` throws when the process is dead. */
  constructor(storage: MemoryStorage, check: (path: string) => void) {
    this.#storage = storage;
    this.#check = check;
  }

  file(path: string): StorageFile {
    const alive = this.#alive;
    return new MemoryFile(path, {
      open: (at, create) => alive(at).open(at, create),
      write: (at, node, chunks, position) => alive(at).write(at, node, chunks, position),
      truncate: (at, node, size) => alive(at).truncate(at, node, size),
      checkReadable: (at) => alive(at).checkReadable(at),
      missing: (at) => this.#storage.missing(at),
      sync: (at, node) => alive(at).sync(at, node),
      rename: (from, to) => alive(from).rename(from, to),
      delete: (at) => alive(at).delete(at),
    });
  }

  status(path: string): FileStatus | null {
    return this.#alive(path).status(path);
  }

  list(directory: string): DirectoryEntry[] {
    return this.#alive(directory).list(directory);
  }

  makeDirectory(directory: string): boolean {
    return this.#alive(directory).makeDirectory(directory);
  }

  rename(from: string, to: string): void {
    this.#alive(from).rename(from, to);
  }

  delete(path: string): boolean {
    return this.#alive(path).delete(path);
  }

  async remove(path: string): Promise<void> {
    await this.#alive(path).remove(path);
  }

  readFile(path: string): Uint8Array | null {
    return this.#alive(path).readFile(path);
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    this.#alive(path).replaceFile(path, bytes);
  }

  async replaceFileDurably(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = this.file(`${path}.tmp`);
    temporary.truncate(0);
    temporary.write([bytes], 0);
    await temporary.sync();
    this.rename(`${path}.tmp`, path);
    await this.syncDirectory(parentOf(path));
  }

  async syncDirectory(directory: string): Promise<void> {
    await this.#alive(directory).syncDirectory(directory);
  }

  setModifiedMs(path: string, modifiedMs: number): void {
    this.#alive(path).setModifiedMs(path, modifiedMs);
  }

  space(path: string): { readonly totalBytes: number; readonly usableBytes: number } {
    return this.#alive(path).space();
  }

  lock(directory: string, name: string): (() => void) | null {
    return this.#alive(directory).lock(directory, name);
  }

  close(): void {}

  readonly #alive = (path: string): MemoryStorage => {
    this.#check(path);
    return this.#storage;
  };
}
