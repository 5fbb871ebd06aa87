/**
 * Gives a member records of what was read from the log: new ones, and those of batches in flight that are available again.
 *
 * Source: SharePartition.acquire.
 */

import { acquireNew } from './acquire-new.ts';
import { acquireOffsets } from './acquire-offsets.ts';
import { type AcquiredRecords, offsetCount, without } from './acquired-records.ts';
import { type Acquired, type Acquisition, type AcquisitionRun, nothingAcquired } from './acquisition.ts';
import { archiveRecords, archiveStale } from './archive.ts';
import { isThrottled, throttleLimit } from './delivery-limits.ts';
import { abortedRanges, type FetchedRecords } from './fetched-records.ts';
import type { InFlightBatch } from './in-flight-batch.ts';
import { RecordState } from './record-state.ts';
import type { ShareLedger } from './share-ledger.ts';

/** Acquires what can be acquired. */
export function acquire(
  ledger: ShareLedger,
  acquisition: Acquisition,
  fetched: FetchedRecords,
  nowMs: number,
): Acquired {
  const first = fetched.batches[0];
  const last = fetched.batches.at(-1);
  if (acquisition.maxRecords <= 0 || first === undefined || last === undefined) return nothingAcquired;
  if (last.lastOffset < ledger.startOffset) return nothingAcquired;
  const { maxRecords, lastOffset } = limits(ledger, acquisition, last.lastOffset);
  if (maxRecords <= 0) return nothingAcquired;
  const run = { ...acquisition, maxRecords, ledger, batches: fetched.batches, nowMs };
  archiveStale(ledger, acquisition.fetchOffset, first.baseOffset);
  const baseOffset = adjustedBase(ledger, first.baseOffset);
  // There is room for records in flight only, and none of them was read: they are gone from the log.
  if (lastOffset < baseOffset) return nothingAcquired;
  const inFlight = ledger.batches.range(Math.min(first.baseOffset, baseOffset), lastOffset);
  if (inFlight.length === 0)
    return withoutAborted(ledger, acquireNew(run, baseOffset, lastOffset, maxRecords), fetched);
  const acquired = acquireAmong(run, inFlight, first.baseOffset, baseOffset, lastOffset);
  if (acquired.records.length === 0) return acquired;
  ledger.closeGapTo(acquired.records.at(-1)!.lastOffset + 1);
  return withoutAborted(ledger, acquired, fetched);
}

/** How many records may be acquired, and up to which offset. */
function limits(
  ledger: ShareLedger,
  { maxRecords, fetchOffset }: Acquisition,
  lastOffset: number,
): { maxRecords: number; lastOffset: number } {
  const allowed = Math.min(maxRecords, ledger.settings.maxRecordLocks - ledger.inFlightRecordCount);
  if (allowed > 0 || fetchOffset > ledger.endOffset) return { maxRecords: allowed, lastOffset };
  // No room for more, but what is in flight already may be available again.
  const before = ledger.endOffset - fetchOffset + 1;
  return { maxRecords: Math.min(maxRecords, before), lastOffset: Math.min(lastOffset, ledger.endOffset) };
}

/** Where to begin: not before the start, and with the whole of a batch in flight. */
function adjustedBase({ batches, startOffset }: ShareLedger, baseOffset: number): number {
  const floor = batches.floor(baseOffset);
  if (floor === undefined) return Math.max(baseOffset, startOffset);
  return floor.lastOffset >= baseOffset ? floor.firstOffset : baseOffset;
}

function acquireAmong(
  run: AcquisitionRun,
  inFlight: readonly InFlightBatch[],
  firstOffset: number,
  baseOffset: number,
  lastOffset: number,
): Acquired {
  const { ledger } = run;
  const records: AcquiredRecords[] = [];
  let { maxRecords } = run;
  let count = 0;
  let gapOffset = baseOffset;
  for (const batch of inFlight) {
    if (count >= maxRecords) break;
    if (ledger.isGapOpen) {
      if (gapOffset < batch.firstOffset) {
        const found = acquireNew(run, gapOffset, batch.firstOffset - 1, maxRecords - count);
        records.push(...found.records);
        count += found.count;
      }
      gapOffset = batch.lastOffset + 1;
      if (count >= maxRecords) break;
    }
    const limit = throttleLimit(ledger.settings.deliveryCountLimit);
    const isThrottledBatch = isThrottled(batch, firstOffset, lastOffset, limit);
    if (isThrottledBatch && count > 0) {
      maxRecords = 0;
      break;
    }
    const remaining = maxRecords - count;
    const isPart = !batch.isWithin(firstOffset, lastOffset) || (run.isRecordLimit && batch.length > remaining);
    if (isPart || batch.whole === null || isThrottledBatch) {
      if (batch.whole !== null) {
        if (!batch.whole.isAcquirable) continue;
        batch.split(ledger.locks);
      }
      const found = acquireOffsets(run, batch, firstOffset, lastOffset, remaining);
      records.push(...found.records);
      count += found.count;
      if (isThrottledBatch && found.count > 0) {
        maxRecords = 0;
        break;
      }
      continue;
    }
    if (!acquireWhole(run, batch)) continue;
    records.push({
      firstOffset: batch.firstOffset,
      lastOffset: batch.lastOffset,
      deliveryCount: batch.whole.deliveryCount,
    });
    count += batch.length;
  }
  const end = inFlight.at(-1)!.lastOffset;
  if (count < maxRecords && end < lastOffset) {
    const found = acquireNew(run, end + 1, lastOffset, maxRecords - count);
    records.push(...found.records);
    count += found.count;
  }
  return { records, count };
}

function acquireWhole({ ledger, memberId, nowMs }: AcquisitionRun, batch: InFlightBatch): boolean {
  const state = batch.whole!;
  if (!state.tryAcquire(memberId)) return false;
  const { recordLockDurationMs } = ledger.settings;
  state.setLock(ledger.locks.add(memberId, batch.firstOffset, batch.lastOffset, nowMs + recordLockDurationMs));
  return true;
}

function withoutAborted(ledger: ShareLedger, acquired: Acquired, fetched: FetchedRecords): Acquired {
  if (fetched.abortedTransactions.length === 0) return acquired;
  const aborted = abortedRanges(fetched);
  for (const { firstOffset, lastOffset } of aborted) {
    const batches = ledger.batchesFrom(firstOffset, lastOffset) ?? ledger.batches.range(firstOffset, lastOffset);
    archiveRecords(ledger, batches, firstOffset, lastOffset, RecordState.ACQUIRED, true);
  }
  const records = without(acquired.records, aborted);
  return { records, count: offsetCount(records) };
}
