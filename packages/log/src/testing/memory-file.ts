/**
 * A file of a storage in memory. Finds its node by path once, as a descriptor would, and keeps it through renames and deletion.
 */
import type { StorageFile } from '../ports.ts';
import type { MemoryNode } from './memory-node.ts';

/** What a file needs of the storage that it is in. */
export interface MemoryFileSystem {
  /** The node at a path; creates it when asked to, else undefined. Errors: `StorageError` where a folder is missing. */
  open(path: string, create: boolean): MemoryNode | undefined;
  write(path: string, node: MemoryNode, chunks: readonly Uint8Array[], position: number): void;
  truncate(path: string, node: MemoryNode, size: number): void;
  checkReadable(path: string): void;
  missing(path: string): Error;
  sync(path: string, node: MemoryNode): Promise<void>;
  rename(from: string, to: string): void;
  delete(path: string): boolean;
}

export class MemoryFile implements StorageFile {
  readonly #files: MemoryFileSystem;
  #path: string;
  #node: MemoryNode | undefined;

  constructor(path: string, files: MemoryFileSystem) {
    this.#path = path;
    this.#files = files;
  }

  get path(): string {
    return this.#path;
  }

  size(): number {
    return this.#find()?.size ?? 0;
  }

  write(chunks: readonly Uint8Array[], position: number): void {
    this.#node ??= this.#files.open(this.#path, true)!;
    this.#files.write(this.#path, this.#node, chunks, position);
  }

  read(target: Uint8Array, position: number): number {
    const bytes = this.#existing().view(position, target.length);
    target.set(bytes);
    return bytes.length;
  }

  async readAsync(target: Uint8Array, position: number): Promise<number> {
    return this.read(target, position);
  }

  view(position: number, length: number): Uint8Array {
    return this.#existing().view(position, length);
  }

  truncate(size: number): void {
    this.#node ??= this.#files.open(this.#path, true)!;
    this.#files.truncate(this.#path, this.#node, size);
  }

  async sync(): Promise<void> {
    const node = this.#find();
    if (node !== undefined) await this.#files.sync(this.#path, node);
  }

  rename(path: string): void {
    if (this.#find() !== undefined) this.#files.rename(this.#path, path);
    this.#path = path;
  }

  relocate(path: string): void {
    this.#path = path;
  }

  delete(): void {
    this.#files.delete(this.#path);
    this.#node = undefined;
  }

  retain(): void {
    this.#existing();
  }

  release(): void {}

  region(): undefined {
    return undefined;
  }

  close(): void {
    this.#node = undefined;
  }

  #find(): MemoryNode | undefined {
    this.#node ??= this.#files.open(this.#path, false);
    return this.#node;
  }

  #existing(): MemoryNode {
    this.#files.checkReadable(this.#path);
    const node = this.#find();
    if (node === undefined) throw this.#files.missing(this.#path);
    return node;
  }
}
