/**
 * What is in a log: all batches as they lie there, and the records as readers of committed data see them.
 */
import { Buffer } from 'node:buffer';
import { iterateBatches, parseControlRecordType, type RecordBatch } from '@skarab/records';
import { FileSlice, type PartitionLog } from '../src/index.ts';

/** A record that is in a log. */
export interface SeenRecord {
  readonly offset: number;
  readonly producerId: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

/** All batches of a log from its files, checked. */
export function batchesOf(log: PartitionLog): RecordBatch[] {
  const { segments, environment } = log.state;
  return segments.all().flatMap((segment) => {
    const bytes = environment.storage.readFile(segment.log.path)!;
    return [...iterateBatches(Buffer.from(bytes))].map((batch) => {
      batch.ensureValid();
      return batch;
    });
  });
}

/** The records of batches that are not control batches. */
export function recordsOf(batches: readonly RecordBatch[]): SeenRecord[] {
  return batches.flatMap((batch) => {
    if (batch.isControlBatch) return [];
    const { producerId } = batch;
    return [...batch.records()].map(({ offset, timestamp, key, value }) => ({
      ...{ offset, timestamp, producerId, key: textOf(key), value: textOf(value) },
    }));
  });
}

/** What a consumer with `isolation.level=read_committed` sees, fetching pieces of `maxBytes`. */
export function readCommitted(log: PartitionLog, maxBytes: number): SeenRecord[] {
  const seen: SeenRecord[] = [];
  let startOffset = log.logStartOffset;
  for (;;) {
    const result = log.read({ startOffset, maxBytes, minOneMessage: true, upperBound: 'lastStable' });
    const bytes = result.records instanceof FileSlice ? result.records.toBytes() : result.records;
    const batches = [...iterateBatches(bytes)];
    if (batches.length === 0) return seen;
    const upcoming = [...result.abortedTransactions!].sort((a, b) => a.firstOffset - b.firstOffset);
    const aborted = new Set<number>();
    for (const batch of batches) {
      while (upcoming.length > 0 && upcoming[0]!.firstOffset <= batch.lastOffset)
        aborted.add(upcoming.shift()!.producerId);
      if (batch.isControlBatch) {
        const { value: marker } = batch.records().next();
        if (marker && parseControlRecordType(marker.key) === 0) aborted.delete(batch.producerId);
      } else if (!batch.isTransactional || !aborted.has(batch.producerId)) {
        seen.push(...recordsOf([batch]).filter(({ offset }) => offset >= startOffset));
      }
    }
    startOffset = batches.at(-1)!.nextOffset;
  }
}

/** The last value of each key, without those that are deleted. */
export function stateOf(records: readonly SeenRecord[]): Map<string | null, string> {
  const state = new Map<string | null, string>();
  for (const { key, value } of records) {
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
  return new Map([...state].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}
