/**
 * `.index`: from an offset to the position of a batch at or before it, one entry per `index.interval.bytes`.
 *
 * Shape: relative offset int32 (of the last record of a batch), position int32 (of that batch).
 * Source: org.apache.kafka.storage.internals.log.OffsetIndex.
 */
import { CorruptDataError } from '@skarab/base';
import type { StorageFile } from '../ports.ts';
import { writeInt32 } from './big-endian.ts';
import { EntryFile } from './entry-file.ts';

const ENTRY_SIZE = 8;
/** How far behind its base offset a segment can have offsets. */
export const MAX_RELATIVE_OFFSET = 0x7fffffff;

export class OffsetIndex {
  readonly entries: EntryFile;
  readonly #baseOffset: number;
  readonly #maxEntries: number;

  constructor(file: StorageFile, baseOffset: number, maxIndexSize: number, isNew: boolean) {
    this.entries = new EntryFile(file, ENTRY_SIZE, isNew);
    this.#baseOffset = baseOffset;
    this.#maxEntries = Math.floor(maxIndexSize / ENTRY_SIZE);
  }

  get isFull(): boolean {
    return this.entries.count >= this.#maxEntries;
  }

  /** Offset of the last entry, the base offset without any. */
  get lastOffset(): number {
    const { count } = this.entries;
    return count === 0 ? this.#baseOffset : this.#offsetAt(count - 1);
  }

  get sizeInBytes(): number {
    return this.entries.count * ENTRY_SIZE;
  }

  /** Whether this offset can be expressed here. */
  canAppendOffset(offset: number): boolean {
    const relative = offset - this.#baseOffset;
    return relative >= 0 && relative <= MAX_RELATIVE_OFFSET;
  }

  /** Position of a batch at or before `offset` to search from. */
  lookup(offset: number): number {
    const slot = this.#floorSlot(offset);
    return slot < 0 ? 0 : this.entries.int32(slot, 4);
  }

  /** An offset that is certainly behind `position`, or null when the index has none; not the smallest such offset. */
  upperBoundOffset(position: number): number | null {
    const slot = this.entries.lastSlotWhere((candidate) => this.entries.int32(candidate, 4) < position);
    return slot + 1 < this.entries.count ? this.#offsetAt(slot + 1) : null;
  }

  /** Errors: `CorruptDataError` for an offset that is not behind the last one. */
  append(offset: number, position: number): void {
    const relative = offset - this.#baseOffset;
    if (this.entries.count > 0 && offset <= this.lastOffset) {
      throw new CorruptDataError(`Index entry for offset ${offset} is not behind the last one, ${this.lastOffset}`, {
        file: this.entries.file.path,
      });
    }
    this.entries.append((bytes, at) => {
      writeInt32(bytes, at, relative);
      writeInt32(bytes, at + 4, position);
    });
  }

  /** Removes the entries for `offset` and later ones. */
  truncateTo(offset: number): void {
    this.entries.truncate(this.#floorSlot(offset - 1) + 1);
  }

  #floorSlot(offset: number): number {
    const relative = offset - this.#baseOffset;
    return this.entries.lastSlotWhere((slot) => this.entries.int32(slot, 0) <= relative);
  }

  #offsetAt(slot: number): number {
    return this.#baseOffset + this.entries.int32(slot, 0);
  }
}
