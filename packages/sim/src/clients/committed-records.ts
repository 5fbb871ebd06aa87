/**
 * What a consumer of isolation level read_committed makes of an answer: it leaves out markers and what was aborted.
 */
import type { FetchResponsePartitionData } from '@skarab/protocol';
import { ControlRecordType, iterateBatches, parseControlRecordType } from '@skarab/records';

export interface CommittedRecord {
  readonly offset: number;
  readonly value: string;
}

/** The records from an offset on, and where to go on. */
export function committedRecords(
  { records, abortedTransactions }: FetchResponsePartitionData,
  fromOffset: number,
): { readonly records: readonly CommittedRecord[]; readonly nextOffset: number } {
  const aborted = (abortedTransactions ?? []).toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const aborting = new Set<number>();
  const committed: CommittedRecord[] = [];
  let nextOffset = fromOffset;
  for (const batch of iterateBatches(records instanceof Uint8Array ? records : new Uint8Array())) {
    while (aborted.length > 0 && Number(aborted[0]!.firstOffset) <= batch.lastOffset)
      aborting.add(Number(aborted.shift()!.producerId));
    const isAborted = batch.isTransactional && aborting.has(batch.producerId);
    for (const { offset, key, value } of batch.records()) {
      if (batch.isControlBatch) {
        if (parseControlRecordType(key) === ControlRecordType.ABORT) aborting.delete(batch.producerId);
      } else if (!isAborted && offset >= fromOffset) committed.push({ offset, value: Buffer.from(value!).toString() });
    }
    nextOffset = batch.nextOffset;
  }
  return { records: committed, nextOffset };
}
