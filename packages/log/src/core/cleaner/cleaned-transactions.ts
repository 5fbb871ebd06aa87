/**
 * What compaction remembers of transactions on its way through a log: whose data is void, and which markers are still needed.
 *
 * Data of aborted transactions goes at once. A marker is needed as long as data of its transaction was seen before it; the entry of an
 * abort marker that stays goes into the new `.txnindex`.
 * Source: org.apache.kafka.storage.internals.log.CleanedTransactionMetadata.
 */
import { ControlRecordType, parseControlRecordType, type RecordBatch } from '@skarab/records';
import type { AbortedTxn } from '../transaction-index.ts';

interface OpenAbortedTxn {
  readonly txn: AbortedTxn;
  hasData: boolean;
}

export class CleanedTransactions {
  /** Those that have not begun where the walk is, the next one last. */
  readonly #upcoming: AbortedTxn[];
  readonly #aborted = new Map<number, OpenAbortedTxn>();
  /** Producers of data that was seen and not yet followed by its marker. */
  readonly #committed = new Set<number>();
  #retained: AbortedTxn[] = [];

  /** `abortedTransactions`: all that overlap the offsets of the walk, in any order. */
  constructor(abortedTransactions: readonly AbortedTxn[]) {
    this.#upcoming = abortedTransactions.toSorted((a, b) => b.firstOffset - a.firstOffset);
  }

  /** Walks over data; returns whether it is void because its transaction was aborted. */
  onData({ lastOffset, isTransactional, producerId }: RecordBatch): boolean {
    this.onOffset(lastOffset);
    if (!isTransactional) return false;
    const open = this.#aborted.get(producerId);
    if (open === undefined) {
      this.#committed.add(producerId);
      return false;
    }
    open.hasData = true;
    return true;
  }

  /** Walks over control records; returns whether nobody needs them any more. */
  onControl(batch: RecordBatch): boolean {
    this.onOffset(batch.lastOffset);
    const { value: record } = batch.records().next();
    // A batch without records was emptied before.
    if (!record) return true;
    switch (parseControlRecordType(record.key)) {
      case ControlRecordType.ABORT:
        return this.#onAbort(batch.producerId);
      case ControlRecordType.COMMIT:
        return !this.#committed.delete(batch.producerId);
      default:
        return false;
    }
  }

  /** Walks over something that is in no transaction. */
  onOffset(lastOffset: number): void {
    for (let next = this.#upcoming.at(-1); next !== undefined; next = this.#upcoming.at(-1)) {
      if (next.firstOffset > lastOffset) return;
      this.#upcoming.pop();
      if (!this.#aborted.has(next.producerId)) this.#aborted.set(next.producerId, { txn: next, hasData: false });
    }
  }

  /** The aborted transactions whose markers were passed and stay, since the last call. */
  takeRetained(): readonly AbortedTxn[] {
    const retained = this.#retained;
    this.#retained = [];
    return retained;
  }

  #onAbort(producerId: number): boolean {
    const open = this.#aborted.get(producerId);
    this.#aborted.delete(producerId);
    if (open?.hasData !== true) return true;
    this.#retained.push(open.txn);
    return false;
  }
}
