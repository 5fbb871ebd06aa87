/**
 * What was read from the log, as far as a share partition must know, and which of it belongs to aborted transactions.
 *
 * Source: SharePartition.fetchAbortedTransactionRecordBatches.
 */
import type { OffsetRange } from './acquired-records.ts';

/** A record batch without its records. */
export interface FetchedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** -1: none. */
  readonly producerId: number;
  readonly isTransactional: boolean;
  readonly isAbortMarker: boolean;
}

/** An aborted transaction that has records in what was read. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** What a fetch has read of one partition. */
export interface FetchedRecords {
  readonly batches: readonly FetchedBatch[];
  /** Empty unless only committed records are wanted. */
  readonly abortedTransactions: readonly AbortedTransaction[];
}

/** The offsets of aborted transactions' batches. */
export function abortedRanges({ batches, abortedTransactions }: FetchedRecords): OffsetRange[] {
  const pending = [...abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborted = new Set<number>();
  const ranges: OffsetRange[] = [];
  for (const { baseOffset, lastOffset, producerId, isTransactional, isAbortMarker } of batches) {
    if (producerId === -1) continue;
    while (pending.length > 0 && pending[0]!.firstOffset <= lastOffset) aborted.add(pending.shift()!.producerId);
    if (isAbortMarker) aborted.delete(producerId);
    else if (isTransactional && aborted.has(producerId)) ranges.push({ firstOffset: baseOffset, lastOffset });
  }
  return ranges;
}
