/**
 * `.txnindex`: the aborted transactions whose markers are in a segment, in the order of the markers. Most segments have none, and no file.
 *
 * Shape: version int16 (0), producerId int64, firstOffset int64, lastOffset int64 (the marker's), lastStableOffset int64.
 * Source: org.apache.kafka.storage.internals.log.TransactionIndex and AbortedTxn.
 */
import { assert, CorruptDataError } from '@skarab/base';
import type { StorageFile } from '../ports.ts';
import { writeInt16, writeInt64 } from './big-endian.ts';
import { EntryFile } from './entry-file.ts';

const ENTRY_SIZE = 34;

/** A transaction that was aborted: its records in [firstOffset, lastOffset] must not be shown to readers of committed data. */
export interface AbortedTxn {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the abort marker. */
  readonly lastOffset: number;
  /** What was decided when the marker was written: no transaction behind it in the index can reach below. */
  readonly lastStableOffset: number;
}

export class TransactionIndex {
  readonly entries: EntryFile;

  constructor(file: StorageFile, isNew: boolean) {
    this.entries = new EntryFile(file, ENTRY_SIZE, isNew);
  }

  append(txn: AbortedTxn): void {
    const { count } = this.entries;
    assert(count === 0 || this.#lastOffset(count - 1) < txn.lastOffset, 'aborted transactions out of order');
    this.entries.append((bytes, at) => {
      writeInt16(bytes, at, 0);
      writeInt64(bytes, at + 2, txn.producerId);
      writeInt64(bytes, at + 10, txn.firstOffset);
      writeInt64(bytes, at + 18, txn.lastOffset);
      writeInt64(bytes, at + 26, txn.lastStableOffset);
    });
  }

  /** All entries, in order. */
  all(): AbortedTxn[] {
    return Array.from({ length: this.entries.count }, (_, slot) => this.#at(slot));
  }

  /**
   * Adds to `found` the transactions that overlap [fetchOffset, upperBoundOffset); returns whether that was all of them, so that later
   * segments need not be asked.
   */
  collect(fetchOffset: number, upperBoundOffset: number, found: AbortedTxn[]): boolean {
    const { count } = this.entries;
    // Entries are sorted by their markers: those before the fetch offset are passed over at once.
    const first = count === 0 ? 0 : this.entries.lastSlotWhere((slot) => this.#lastOffset(slot) < fetchOffset) + 1;
    if (first > 0 && this.entries.int64(first - 1, 26) >= upperBoundOffset) return true;
    for (let slot = first; slot < count; slot++) {
      const txn = this.#at(slot);
      if (txn.firstOffset < upperBoundOffset) found.push(txn);
      if (txn.lastStableOffset >= upperBoundOffset) return true;
    }
    return false;
  }

  /** Removes the entries whose markers are at `offset` or later. */
  truncateTo(offset: number): void {
    this.entries.truncate(this.entries.lastSlotWhere((slot) => this.#lastOffset(slot) < offset) + 1);
  }

  /** Errors: `CorruptDataError` for an entry that cannot be of a segment with this base offset. */
  check(baseOffset: number): void {
    for (let slot = 0; slot < this.entries.count; slot++) {
      if (this.#lastOffset(slot) >= baseOffset) continue;
      throw new CorruptDataError(`Aborted transaction ends before the segment starts, at ${baseOffset}`, {
        file: this.entries.file.path,
        position: slot * ENTRY_SIZE,
      });
    }
  }

  #lastOffset(slot: number): number {
    return this.entries.int64(slot, 18);
  }

  #at(slot: number): AbortedTxn {
    return {
      producerId: this.entries.int64(slot, 2),
      firstOffset: this.entries.int64(slot, 10),
      lastOffset: this.entries.int64(slot, 18),
      lastStableOffset: this.entries.int64(slot, 26),
    };
  }
}
