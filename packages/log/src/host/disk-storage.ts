/**
 * The storage port on the platform's file system.
 *
 * Owns the descriptor cache; knows nothing of logs. Durable replacement writes beside the file, syncs, renames over it and syncs the
 * folder, so that a crash at any point leaves the old or the new file.
 */
import {
  closeSync,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { parentOf } from '../core/file-names.ts';
import type { DirectoryEntry, FileStatus, Storage, StorageFile } from '../ports.ts';
import { DescriptorCache } from './descriptor-cache.ts';
import { lockDirectory } from './directory-lock.ts';
import { DiskFile, syncDescriptor } from './disk-file.ts';
import { isMissing, onDisk, toStorageError } from './storage-errors.ts';

export interface DiskStorageOptions {
  /** Descriptors kept open at most, retained ones aside; default 2,048. */
  readonly maxOpenFiles?: number;
}

/** The platform's file system. */
export class DiskStorage implements Storage {
  readonly #descriptors: DescriptorCache;

  constructor(options: DiskStorageOptions = {}) {
    this.#descriptors = new DescriptorCache(options.maxOpenFiles ?? 2048);
  }

  /** Descriptors open now. */
  get openFileCount(): number {
    return this.#descriptors.openCount;
  }

  file(path: string): StorageFile {
    return new DiskFile(path, this.#descriptors);
  }

  status(path: string): FileStatus | null {
    const found = onDisk('look at', path, () => statSync(path, { throwIfNoEntry: false }));
    if (found === undefined) return null;
    return { size: found.size, modifiedMs: Math.floor(found.mtimeMs), isDirectory: found.isDirectory() };
  }

  list(directory: string): DirectoryEntry[] {
    const entries = onDisk('list', directory, () =>
      this.#descriptors.withRoom(() => readdirSync(directory, { withFileTypes: true })),
    );
    return entries
      .map((entry) => ({
        name: entry.name,
        isDirectory: entry.isDirectory() || this.#isLinkToDirectory(directory, entry),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  makeDirectory(directory: string): boolean {
    return onDisk('create', directory, () => mkdirSync(directory, { recursive: true })) !== undefined;
  }

  rename(from: string, to: string): void {
    onDisk('rename', from, () => renameSync(from, to));
  }

  delete(path: string): boolean {
    try {
      unlinkSync(path);
      return true;
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw toStorageError('delete', path, cause);
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await this.#descriptors.withRoomFor(() => rm(path, { recursive: true, force: true }));
    } catch (cause) {
      throw toStorageError('delete', path, cause);
    }
  }

  readFile(path: string): Uint8Array | null {
    try {
      return this.#descriptors.withRoom(() => readFileSync(path));
    } catch (cause) {
      if (isMissing(cause)) return null;
      throw toStorageError('read', path, cause);
    }
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    onDisk('replace', path, () => {
      this.#descriptors.withRoom(() => writeFileSync(`${path}.tmp`, bytes));
      renameSync(`${path}.tmp`, path);
    });
  }

  async replaceFileDurably(path: string, bytes: Uint8Array): Promise<void> {
    try {
      const fd = this.#descriptors.withRoom(() => openSync(`${path}.tmp`, 'w', 0o644));
      try {
        writeFileSync(fd, bytes);
        await syncDescriptor(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(`${path}.tmp`, path);
    } catch (cause) {
      throw toStorageError('replace', path, cause);
    }
    await this.syncDirectory(parentOf(path));
  }

  async syncDirectory(directory: string): Promise<void> {
    let fd: number;
    try {
      fd = this.#descriptors.withRoom(() => openSync(directory, 'r'));
    } catch (cause) {
      if (isMissing(cause)) return;
      throw toStorageError('sync', directory, cause);
    }
    try {
      await syncFolder(fd);
    } catch (cause) {
      throw toStorageError('sync', directory, cause);
    } finally {
      closeSync(fd);
    }
  }

  setModifiedMs(path: string, modifiedMs: number): void {
    onDisk('touch', path, () => utimesSync(path, modifiedMs / 1000, modifiedMs / 1000));
  }

  space(path: string): { totalBytes: number; usableBytes: number } {
    const { bsize, blocks, bavail } = onDisk('measure', path, () => statfsSync(path));
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
  }

  lock(directory: string, name: string): (() => void) | null {
    return lockDirectory(directory, name);
  }

  close(): void {
    this.#descriptors.closeAll();
  }

  #isLinkToDirectory(directory: string, entry: { name: string; isSymbolicLink(): boolean }): boolean {
    return entry.isSymbolicLink() && this.status(`${directory}/${entry.name}`)?.isDirectory === true;
  }
}

function syncFolder(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(fd, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
