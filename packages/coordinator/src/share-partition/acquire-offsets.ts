/**
 * Acquires single offsets of a batch in flight.
 *
 * Source: SharePartition.acquireSubsetBatchRecords.
 */

import { type AcquiredRecords, joined } from './acquired-records.ts';
import type { Acquired, AcquisitionRun } from './acquisition.ts';
import { isLastDelivery, throttledCount, throttleLimit } from './delivery-limits.ts';
import type { InFlightBatch } from './in-flight-batch.ts';

/** Acquires the available offsets from `firstOffset` to `lastOffset`; records that were delivered often are throttled. */
export function acquireOffsets(
  { ledger, memberId, isRecordLimit, nowMs }: AcquisitionRun,
  batch: InFlightBatch,
  firstOffset: number,
  lastOffset: number,
  maxRecords: number,
): Acquired {
  const { deliveryCountLimit, recordLockDurationMs } = ledger.settings;
  const limit = throttleLimit(deliveryCountLimit);
  const single: AcquiredRecords[] = [];
  let throttledTo: number | null = null;
  for (const { firstOffset: offset, state } of batch.states()) {
    if (offset < firstOffset) continue;
    if (offset > lastOffset) break;
    if (!state.isAcquirable) continue;
    const before = state.deliveryCount;
    const isLast = isLastDelivery(before, deliveryCountLimit);
    if (isLast && single.length > 0) break;
    if (before >= limit) throttledTo ??= throttledCount(batch.length, before, limit);
    if (!state.tryAcquire(memberId)) continue;
    state.setLock(ledger.locks.add(memberId, offset, offset, nowMs + recordLockDurationMs));
    single.push({ firstOffset: offset, lastOffset: offset, deliveryCount: state.deliveryCount });
    if (isLast || (isRecordLimit && single.length === maxRecords) || single.length === throttledTo) break;
  }
  return { records: joined(single), count: single.length };
}
