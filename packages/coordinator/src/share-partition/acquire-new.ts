/**
 * Acquires records that are not in flight yet: makes batches in flight of them, along the batches of the log.
 *
 * Source: SharePartition.acquireNewBatchRecords, createBatches.
 */

import type { OffsetRange } from './acquired-records.ts';
import type { Acquired, AcquisitionRun } from './acquisition.ts';
import type { FetchedBatch } from './fetched-records.ts';
import { InFlightBatch } from './in-flight-batch.ts';
import { InFlightState } from './in-flight-state.ts';
import { RecordState } from './record-state.ts';

/** Acquires from `firstOffset` on, up to `lastOffset` or the end of the batch that holds the last allowed record. */
export function acquireNew(run: AcquisitionRun, firstOffset: number, lastOffset: number, maxRecords: number): Acquired {
  const { ledger, batches } = run;
  const first = ledger.batches.size === 0 ? Math.max(firstOffset, ledger.endOffset) : firstOffset;
  let last = lastOffset;
  if (maxRecords < last - first + 1) {
    last = batchEnd(batches, first + maxRecords - 1);
    if (ledger.isGapOpen) last = Math.min(last, lastOffset);
  }
  const acquired = run.isRecordLimit ? addLimited(run, first, last, maxRecords) : addBatches(run, first, last);
  if (ledger.batches.first!.firstOffset === first) ledger.startOffset = first;
  ledger.endOffset = Math.max(ledger.endOffset, last);
  const lastAcquired = run.isRecordLimit ? acquired[0]!.lastOffset : last;
  ledger.closeGapTo(lastAcquired + 1);
  return { records: acquired.map((range) => ({ ...range, deliveryCount: 1 })), count: lastAcquired - first + 1 };
}

/** The last offset of the batch that holds `offset`; itself when none does. */
function batchEnd(batches: readonly FetchedBatch[], offset: number): number {
  const batch = batches.findLast(({ baseOffset }) => offset >= baseOffset);
  return batch !== undefined && offset <= batch.lastOffset ? batch.lastOffset : offset;
}

/** Adds one batch; its member gets no more than `maxRecords` of it, the rest stays available. */
function addLimited(run: AcquisitionRun, firstOffset: number, lastOffset: number, maxRecords: number): OffsetRange[] {
  if (lastOffset - firstOffset + 1 <= maxRecords) {
    addBatch(run, firstOffset, lastOffset);
    return [{ firstOffset, lastOffset }];
  }
  const { ledger, memberId, nowMs } = run;
  const lastAcquired = firstOffset + maxRecords - 1;
  const batch = new InFlightBatch(
    firstOffset,
    lastOffset,
    new InFlightState(ledger.locks, RecordState.ACQUIRED, 1, memberId, null),
  );
  batch.splitAfter(ledger.locks, lastAcquired, nowMs + ledger.settings.recordLockDurationMs);
  ledger.batches.put(batch);
  ledger.mayHaveAvailable = true;
  return [{ firstOffset, lastOffset: lastAcquired }];
}

/** Adds batches of at least `batchSize` offsets that begin where batches of the log do. */
function addBatches(run: AcquisitionRun, firstOffset: number, lastOffset: number): OffsetRange[] {
  const { batchSize, batches } = run;
  const ranges: OffsetRange[] = [];
  let first = firstOffset;
  if (lastOffset - firstOffset + 1 > batchSize) {
    for (const { baseOffset } of batches) {
      if (baseOffset > lastOffset) break;
      if (baseOffset - first < batchSize) continue;
      ranges.push({ firstOffset: first, lastOffset: baseOffset - 1 });
      first = baseOffset;
    }
  }
  ranges.push({ firstOffset: first, lastOffset });
  for (const range of ranges) addBatch(run, range.firstOffset, range.lastOffset);
  return ranges;
}

function addBatch({ ledger, memberId, nowMs }: AcquisitionRun, firstOffset: number, lastOffset: number): void {
  const expirationMs = nowMs + ledger.settings.recordLockDurationMs;
  const lock = ledger.locks.add(memberId, firstOffset, lastOffset, expirationMs);
  const state = new InFlightState(ledger.locks, RecordState.ACQUIRED, 1, memberId, lock);
  ledger.batches.put(new InFlightBatch(firstOffset, lastOffset, state));
}
