/**
 * The storage port in memory: the log of test brokers, and the ground of the faulty storage.
 *
 * Reads hand out views of the stored bytes without a copy. `StorageObserver` sees every change before it happens and may forbid it.
 */
import { StorageError } from '@skarab/base';
import { parentOf } from '../core/file-names.ts';
import type { DirectoryEntry, FileStatus, Storage, StorageFile } from '../ports.ts';
import { AttachedStorage } from './attached-storage.ts';
import { MemoryFile, type MemoryFileSystem } from './memory-file.ts';
import { MemoryFolder, MemoryNode } from './memory-node.ts';

/** The operations that an observer can tell apart. */
export type StorageOperation = 'write' | 'read' | 'truncate' | 'sync' | 'rename' | 'delete' | 'create';

/** Sees what happens to a storage. */
export interface StorageObserver {
  /** Before an operation; throws to make it fail. */
  before(operation: StorageOperation, path: string): void;
  /** Before bytes are written; returns how many of them arrive (the write then fails if not all do). */
  onWrite(path: string, node: MemoryNode, bytes: Uint8Array, position: number): number;
  onTruncate(node: MemoryNode, size: number): void;
  onSync(node: MemoryNode): void;
  /** After a name came, went or moved; `undo` takes it back. */
  onNames(undo: () => void): void;
  onSyncDirectory(): void;
}

export interface MemoryStorageOptions {
  /** For modification times; default is the system's clock. */
  readonly nowMs?: () => number;
}

export class MemoryStorage implements Storage, MemoryFileSystem {
  readonly #root = new MemoryFolder();
  readonly #locks = new Set<string>();
  readonly #nowMs: () => number;
  protected observer: StorageObserver | undefined;
  #generation = 0;

  constructor(options: MemoryStorageOptions = {}) {
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /**
   * The storage as one process sees it: after the next `detach` every call fails with EBADF, so that what a dead process had under way
   * does not go on. Calls on this object itself always work.
   */
  openForProcess(): Storage {
    const generation = this.#generation;
    return new AttachedStorage(this, (path) => {
      if (generation !== this.#generation) throw failure(path, 'EBADF');
    });
  }

  /** The process is dead: what it has written stays, what it still does fails, and its locks are free. */
  detach(): void {
    this.#generation++;
    this.releaseLocks();
  }

  file(path: string): StorageFile {
    return new MemoryFile(path, this);
  }

  status(path: string): FileStatus | null {
    const found = this.#lookUp(path);
    if (found === undefined) return null;
    if (found instanceof MemoryFolder) return { size: 0, modifiedMs: 0, isDirectory: true };
    return { size: found.size, modifiedMs: found.modifiedMs, isDirectory: false };
  }

  list(directory: string): DirectoryEntry[] {
    this.observer?.before('read', directory);
    const { entries } = this.#folder(directory);
    return [...entries]
      .map(([name, entry]) => ({ name, isDirectory: entry instanceof MemoryFolder }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  makeDirectory(directory: string): boolean {
    let folder = this.#root;
    let isNew = false;
    for (const name of partsOf(directory)) {
      const found = folder.entries.get(name);
      if (found instanceof MemoryNode) throw failure(directory, 'ENOTDIR');
      isNew = found === undefined;
      folder = found ?? this.#create(folder, name, new MemoryFolder());
    }
    return isNew;
  }

  rename(from: string, to: string): void {
    this.observer?.before('rename', from);
    const [source, sourceName] = this.#place(from);
    const [target, targetName] = this.#place(to);
    const moved = source.entries.get(sourceName);
    if (moved === undefined) throw failure(from, 'ENOENT');
    const replaced = target.entries.get(targetName);
    if (replaced === moved) return;
    if (replaced instanceof MemoryFolder && replaced.entries.size > 0) throw failure(to, 'ENOTEMPTY');
    source.entries.delete(sourceName);
    target.entries.set(targetName, moved);
    this.observer?.onNames(() => {
      source.entries.set(sourceName, moved);
      if (replaced === undefined) target.entries.delete(targetName);
      else target.entries.set(targetName, replaced);
    });
  }

  delete(path: string): boolean {
    this.observer?.before('delete', path);
    if (this.#lookUp(path) === undefined) return false;
    const [folder, name] = this.#place(path);
    this.#remove(folder, name);
    return true;
  }

  async remove(path: string): Promise<void> {
    this.delete(path);
  }

  readFile(path: string): Uint8Array | null {
    this.observer?.before('read', path);
    const found = this.#lookUp(path);
    if (found instanceof MemoryFolder) throw failure(path, 'EISDIR');
    return found?.view(0, found.size) ?? null;
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    const temporary = this.file(`${path}.tmp`);
    temporary.truncate(0);
    temporary.write([bytes], 0);
    this.rename(`${path}.tmp`, path);
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
    this.observer?.before('sync', directory);
    this.observer?.onSyncDirectory();
  }

  setModifiedMs(path: string, modifiedMs: number): void {
    const node = this.open(path, false);
    if (node === undefined) throw failure(path, 'ENOENT');
    node.modifiedMs = modifiedMs;
  }

  space(): { totalBytes: number; usableBytes: number } {
    return { totalBytes: Number.MAX_SAFE_INTEGER, usableBytes: Number.MAX_SAFE_INTEGER };
  }

  lock(directory: string, name: string): (() => void) | null {
    const path = `${directory}/${name}`;
    if (this.#locks.has(path)) return null;
    this.#locks.add(path);
    return () => this.#locks.delete(path);
  }

  close(): void {}

  open(path: string, create: boolean): MemoryNode | undefined {
    const found = this.#lookUp(path);
    if (found instanceof MemoryFolder) throw failure(path, 'EISDIR');
    if (found !== undefined || !create) return found;
    this.observer?.before('create', path);
    const [folder, name] = this.#place(path);
    return this.#create(folder, name, new MemoryNode(this.#nowMs()));
  }

  write(path: string, node: MemoryNode, chunks: readonly Uint8Array[], position: number): void {
    this.observer?.before('write', path);
    let at = position;
    for (const bytes of chunks) {
      const arriving = this.observer?.onWrite(path, node, bytes, at) ?? bytes.length;
      node.write(bytes.subarray(0, arriving), at);
      node.modifiedMs = this.#nowMs();
      if (arriving < bytes.length) throw failure(path, 'EIO');
      at += bytes.length;
    }
  }

  truncate(path: string, node: MemoryNode, size: number): void {
    this.observer?.before('truncate', path);
    this.observer?.onTruncate(node, size);
    node.truncate(size);
    node.modifiedMs = this.#nowMs();
  }

  checkReadable(path: string): void {
    this.observer?.before('read', path);
  }

  missing(path: string): StorageError {
    return failure(path, 'ENOENT');
  }

  async sync(path: string, node: MemoryNode): Promise<void> {
    this.observer?.before('sync', path);
    this.observer?.onSync(node);
  }

  protected releaseLocks(): void {
    this.#locks.clear();
  }

  #create<Entry extends MemoryFolder | MemoryNode>(folder: MemoryFolder, name: string, entry: Entry): Entry {
    folder.entries.set(name, entry);
    this.observer?.onNames(() => folder.entries.delete(name));
    return entry;
  }

  #remove(folder: MemoryFolder, name: string): void {
    const removed = folder.entries.get(name)!;
    folder.entries.delete(name);
    this.observer?.onNames(() => folder.entries.set(name, removed));
  }

  #lookUp(path: string): MemoryFolder | MemoryNode | undefined {
    let found: MemoryFolder | MemoryNode | undefined = this.#root;
    for (const name of partsOf(path)) {
      if (!(found instanceof MemoryFolder)) return undefined;
      found = found.entries.get(name);
    }
    return found;
  }

  #folder(path: string): MemoryFolder {
    const found = this.#lookUp(path);
    if (found === undefined) throw failure(path, 'ENOENT');
    if (found instanceof MemoryNode) throw failure(path, 'ENOTDIR');
    return found;
  }

  #place(path: string): [MemoryFolder, string] {
    return [this.#folder(parentOf(path)), path.slice(path.lastIndexOf('/') + 1)];
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** The failure of a call as a storage reports it. */
export function failure(path: string, errno: string): StorageError {
  return new StorageError(path, errno, `${errno}: ${path}`);
}
