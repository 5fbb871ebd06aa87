/**
 * A file of entries of one size, sorted, that grows at its end: what the three kinds of index have in common.
 *
 * ```
 *  slot   0 … … … … … … | tailStart … … persisted … … count
 *         on file only  | also in memory          | in memory only, until `writePending`
 * ```
 * Nothing is kept of a file that is not written to: a look-up reads blocks of it. On file there are exactly the entries, so that a JVM
 * broker can read it; the entries in memory only are those that recovery would rebuild. Reads may hit the device.
 */
import { assert } from '@skarab/base';
import type { StorageFile } from '../ports.ts';
import { readInt32, readInt64 } from './big-endian.ts';

/** Entries written in one go, and half of what is kept in memory. */
const BLOCK_ENTRIES = 512;
const INITIAL_TAIL_ENTRIES = 16;

const MAX_ENTRY_SIZE = 34;

/** The last block read, of whatever file: look-ups are short and never overlap. */
const block = {
  owner: null as EntryFile | null,
  firstSlot: 0,
  endSlot: 0,
  bytes: new Uint8Array(BLOCK_ENTRIES * MAX_ENTRY_SIZE),
};

export class EntryFile {
  readonly file: StorageFile;
  readonly entrySize: number;
  /** The file was changed and not yet synced. */
  isDirty = false;
  /** -1: not looked at yet. */
  #count: number;
  #persisted: number;
  #tail: Uint8Array;
  #tailStart: number;

  /** `isNew`: the file is known to be absent or empty. */
  constructor(file: StorageFile, entrySize: number, isNew: boolean) {
    this.file = file;
    this.entrySize = entrySize;
    this.#count = isNew ? 0 : -1;
    this.#persisted = 0;
    this.#tailStart = 0;
    this.#tail = new Uint8Array(0);
  }

  /** Number of entries. */
  get count(): number {
    if (this.#count < 0) this.#load();
    return this.#count;
  }

  /** An int32 of an entry. */
  int32(slot: number, offsetInEntry: number): number {
    const position = this.#positionOf(slot) + offsetInEntry;
    return readInt32(slot >= this.#tailStart ? this.#tail : block.bytes, position);
  }

  /** An int64 of an entry. */
  int64(slot: number, offsetInEntry: number): number {
    const position = this.#positionOf(slot) + offsetInEntry;
    return readInt64(slot >= this.#tailStart ? this.#tail : block.bytes, position);
  }

  /** The greatest slot for which `isNotBeyond` holds, -1 when it holds for none; it must hold up to some slot and for none after it. */
  lastSlotWhere(isNotBeyond: (slot: number) => boolean): number {
    const count = this.count;
    let low = -1;
    let high = count - 1;
    // Most look-ups are near the end, which is in memory.
    if (this.#tailStart > 0 && this.#tailStart < count) {
      if (isNotBeyond(this.#tailStart)) low = this.#tailStart;
      else high = this.#tailStart - 1;
    }
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (isNotBeyond(middle)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Adds an entry; `fill` writes its bytes. */
  append(fill: (bytes: Uint8Array, position: number) => void): void {
    const count = this.count;
    if (count - this.#persisted >= BLOCK_ENTRIES) this.writePending();
    const position = (count - this.#tailStart) * this.entrySize;
    if (position + this.entrySize > this.#tail.length) this.#makeRoom();
    fill(this.#tail, (count - this.#tailStart) * this.entrySize);
    this.#count = count + 1;
  }

  /** Removes all entries from slot `count` on. */
  truncate(count: number): void {
    if (count >= this.count) return;
    this.#forgetBlock();
    this.#count = count;
    if (count < this.#tailStart) this.#tailStart = count;
    if (count < this.#persisted) {
      this.#persisted = count;
      this.file.truncate(count * this.entrySize);
      this.isDirty = true;
    }
  }

  /** Removes all entries, and whatever else the file may hold. */
  reset(): void {
    this.#forgetBlock();
    this.#count = 0;
    this.#persisted = 0;
    this.#tailStart = 0;
    this.file.truncate(0);
    this.isDirty = true;
  }

  /** Writes the entries that are in memory only. Errors: `StorageError`. */
  writePending(): void {
    if (this.#count <= this.#persisted) return;
    const start = (this.#persisted - this.#tailStart) * this.entrySize;
    const end = (this.#count - this.#tailStart) * this.entrySize;
    this.file.write([this.#tail.subarray(start, end)], this.#persisted * this.entrySize);
    this.#persisted = this.#count;
    this.isDirty = true;
  }

  /** Gives back the memory; only after `writePending`. */
  releaseMemory(): void {
    assert(this.#count <= this.#persisted, 'entries in memory only');
    this.#forgetBlock();
    if (this.#count >= 0) this.#tailStart = this.#count;
    this.#tail = new Uint8Array(0);
  }

  #load(): void {
    // Bytes after the last whole entry are overwritten by the next one.
    this.#count = Math.floor(this.file.size() / this.entrySize);
    this.#persisted = this.#count;
    this.#tailStart = this.#count;
  }

  /** Where an entry is: in the tail, or in the block, which is read for that. */
  #positionOf(slot: number): number {
    assert(slot >= 0 && slot < this.count, `slot ${slot} of ${this.#count}`);
    if (slot >= this.#tailStart) return (slot - this.#tailStart) * this.entrySize;
    if (block.owner !== this || slot < block.firstSlot || slot >= block.endSlot) this.#readBlock(slot);
    return (slot - block.firstSlot) * this.entrySize;
  }

  #readBlock(slot: number): void {
    block.owner = null;
    const firstSlot = slot - (slot % BLOCK_ENTRIES);
    const endSlot = Math.min(firstSlot + BLOCK_ENTRIES, this.#persisted);
    const target = block.bytes.subarray(0, (endSlot - firstSlot) * this.entrySize);
    const size = this.file.read(target, firstSlot * this.entrySize);
    assert(size === target.length, `${this.file.path} ended early`);
    block.owner = this;
    block.firstSlot = firstSlot;
    block.endSlot = endSlot;
  }

  #forgetBlock(): void {
    if (block.owner === this) block.owner = null;
  }

  /** Doubles the memory up to two blocks; then forgets the older block, which is on file. */
  #makeRoom(): void {
    const inMemory = this.#count - this.#tailStart;
    if (inMemory >= 2 * BLOCK_ENTRIES) {
      this.writePending();
      this.#tail.copyWithin(0, BLOCK_ENTRIES * this.entrySize);
      this.#tailStart += BLOCK_ENTRIES;
      return;
    }
    const entries = Math.min(Math.max(2 * inMemory, INITIAL_TAIL_ENTRIES), 2 * BLOCK_ENTRIES);
    const grown = new Uint8Array(entries * this.entrySize);
    grown.set(this.#tail.subarray(0, inMemory * this.entrySize));
    this.#tail = grown;
  }
}
