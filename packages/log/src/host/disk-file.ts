/**
 * A file on disk behind a descriptor that is opened when needed and lent to the descriptor cache.
 *
 * A descriptor survives renames and deletion of its file. While a promise is pending on it, the file counts as retained.
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  constants as modes,
  openSync,
  read as readCallback,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { StorageError } from '@skarab/base';
import type { FileRegion, StorageFile } from '../ports.ts';
import type { DescriptorCache, DescriptorOwner } from './descriptor-cache.ts';
import { isMissing, onDisk, toStorageError } from './storage-errors.ts';

/** The most buffers that one gathered write takes on every platform. */
const MAX_GATHERED = 1024;

export class DiskFile implements StorageFile, DescriptorOwner {
  readonly #cache: DescriptorCache;
  #path: string;
  #fd = -1;
  #retainCount = 0;

  constructor(path: string, cache: DescriptorCache) {
    this.#path = path;
    this.#cache = cache;
  }

  get path(): string {
    return this.#path;
  }

  get isRetained(): boolean {
    return this.#retainCount > 0;
  }

  size(): number {
    if (this.#fd >= 0) return onDisk('look at', this.#path, () => fstatSync(this.#fd).size);
    return onDisk('look at', this.#path, () => statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0);
  }

  write(chunks: readonly Uint8Array[], position: number): void {
    const fd = this.#descriptor(true);
    try {
      let at = position;
      if (chunks.length === 1) {
        writeAll(fd, chunks[0]!, at);
        return;
      }
      for (let first = 0; first < chunks.length; first += MAX_GATHERED) {
        const part = chunks.length <= MAX_GATHERED ? chunks : chunks.slice(first, first + MAX_GATHERED);
        at += writeGathered(fd, part, at);
      }
    } catch (cause) {
      throw toStorageError('write to', this.#path, cause);
    }
  }

  read(target: Uint8Array, position: number): number {
    const fd = this.#descriptor(false);
    try {
      let done = 0;
      while (done < target.length) {
        const count = readSync(fd, target, done, target.length - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    } catch (cause) {
      throw toStorageError('read from', this.#path, cause);
    }
  }

  async readAsync(target: Uint8Array, position: number): Promise<number> {
    this.retain();
    try {
      const fd = this.#fd;
      let done = 0;
      while (done < target.length) {
        const count = await readSome(fd, target.subarray(done), position + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    } catch (cause) {
      throw toStorageError('read from', this.#path, cause);
    } finally {
      this.release();
    }
  }

  view(): undefined {
    return undefined;
  }

  truncate(size: number): void {
    const fd = this.#descriptor(true);
    onDisk('truncate', this.#path, () => ftruncateSync(fd, size));
  }

  async sync(): Promise<void> {
    try {
      this.retain();
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    try {
      await syncDescriptor(this.#fd);
    } catch (cause) {
      throw toStorageError('sync', this.#path, cause);
    } finally {
      this.release();
    }
  }

  rename(path: string): void {
    try {
      renameSync(this.#path, path);
    } catch (cause) {
      if (!isMissing(cause)) throw toStorageError('rename', this.#path, cause);
    }
    this.#path = path;
  }

  relocate(path: string): void {
    this.#path = path;
  }

  delete(): void {
    this.close();
    try {
      unlinkSync(this.#path);
    } catch (cause) {
      if (!isMissing(cause)) throw toStorageError('delete', this.#path, cause);
    }
  }

  retain(): void {
    this.#descriptor(false);
    this.#retainCount++;
  }

  release(): void {
    this.#retainCount--;
  }

  region(position: number): FileRegion | undefined {
    return this.#retainCount > 0 ? { fd: this.#fd, position } : undefined;
  }

  close(): void {
    if (!this.isRetained) this.closeDescriptor();
  }

  closeDescriptor(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#cache.remove(this);
    onDisk('close', this.#path, () => closeSync(fd));
  }

  #descriptor(create: boolean): number {
    if (this.#fd >= 0) {
      this.#cache.touch(this);
      return this.#fd;
    }
    const flags = modes.O_RDWR | (create ? modes.O_CREAT : 0);
    this.#fd = onDisk('open', this.#path, () => this.#cache.withRoom(() => openSync(this.#path, flags, 0o644)));
    this.#cache.add(this);
    return this.#fd;
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    const count = writeSync(fd, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw new StorageError('', 'ENOSPC', 'the platform wrote nothing');
    done += count;
  }
}

/** Writes all chunks; one by one what a short write left over. */
function writeGathered(fd: number, chunks: readonly Uint8Array[], position: number): number {
  let total = 0;
  for (const chunk of chunks) total += chunk.length;
  let done = writevSync(fd, chunks, position);
  if (done === total) return total;
  let start = 0;
  for (const chunk of chunks) {
    const skip = Math.min(Math.max(done - start, 0), chunk.length);
    if (skip < chunk.length) {
      writeAll(fd, chunk.subarray(skip), position + start + skip);
      done = start + chunk.length;
    }
    start += chunk.length;
  }
  return total;
}

function readSome(fd: number, target: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    readCallback(fd, target, 0, target.length, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

/** Makes what was written to a descriptor durable. */
export function syncDescriptor(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
