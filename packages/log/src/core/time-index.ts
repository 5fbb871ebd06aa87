/**
 * `.timeindex`: from a timestamp to an offset before which there is nothing later than it.
 *
 * Shape: timestamp int64, relative offset int32. The last entry of a closed segment has its largest timestamp; one slot is kept free
 * for it. Source: org.apache.kafka.storage.internals.log.TimeIndex.
 */
import { CorruptDataError } from '@skarab/base';
import { NO_TIMESTAMP } from '@skarab/records';
import type { StorageFile } from '../ports.ts';
import { writeInt32, writeInt64 } from './big-endian.ts';
import { EntryFile } from './entry-file.ts';

const ENTRY_SIZE = 12;

/** A timestamp and the offset where it was seen: the last one of the batch that has it. */
export interface TimestampOffset {
  readonly timestamp: number;
  readonly offset: number;
}

export class TimeIndex {
  readonly entries: EntryFile;
  readonly #baseOffset: number;
  readonly #maxEntries: number;
  #last: TimestampOffset | undefined;

  constructor(file: StorageFile, baseOffset: number, maxIndexSize: number, isNew: boolean) {
    this.entries = new EntryFile(file, ENTRY_SIZE, isNew);
    this.#baseOffset = baseOffset;
    this.#maxEntries = Math.floor(maxIndexSize / ENTRY_SIZE);
  }

  get isFull(): boolean {
    return this.entries.count >= this.#maxEntries - 1;
  }

  get sizeInBytes(): number {
    return this.entries.count * ENTRY_SIZE;
  }

  /** The last entry; (-1, base offset) without any. */
  get lastEntry(): TimestampOffset {
    this.#last ??= this.#entry(this.entries.count - 1);
    return this.#last;
  }

  /** The last entry whose timestamp is not later; (-1, base offset) when there is none. */
  lookup(timestamp: number): TimestampOffset {
    return this.#entry(this.entries.lastSlotWhere((slot) => this.entries.int64(slot, 0) <= timestamp));
  }

  /**
   * Adds an entry unless the timestamp is not later than the last one.
   *
   * Errors: `CorruptDataError` for an offset or timestamp before the last one.
   */
  maybeAppend(timestamp: number, offset: number): void {
    const last = this.lastEntry;
    if (this.entries.count > 0 && (offset < last.offset || timestamp < last.timestamp)) {
      throw new CorruptDataError(
        `Time index entry (${timestamp}, ${offset}) is before the last one, (${last.timestamp}, ${last.offset})`,
        { file: this.entries.file.path },
      );
    }
    if (timestamp <= last.timestamp) return;
    this.entries.append((bytes, at) => {
      writeInt64(bytes, at, timestamp);
      writeInt32(bytes, at + 8, offset - this.#baseOffset);
    });
    this.#last = { timestamp, offset };
  }

  /** Removes the entries for `offset` and later ones. */
  truncateTo(offset: number): void {
    const relative = offset - this.#baseOffset;
    this.entries.truncate(this.entries.lastSlotWhere((slot) => this.entries.int32(slot, 8) < relative) + 1);
    this.#last = undefined;
  }

  reset(): void {
    this.entries.reset();
    this.#last = undefined;
  }

  #entry(slot: number): TimestampOffset {
    if (slot < 0) return { timestamp: NO_TIMESTAMP, offset: this.#baseOffset };
    return { timestamp: this.entries.int64(slot, 0), offset: this.#baseOffset + this.entries.int32(slot, 8) };
  }
}
