/**
 * Records that nobody can have any more: deleted from the log, compacted away, or of an aborted transaction.
 *
 * Source: SharePartition.archiveRecords, updateCacheAndOffsets, maybeArchiveStaleBatches.
 */
import type { InFlightBatch } from './in-flight-batch.ts';
import { isTerminal, RecordState } from './record-state.ts';
import type { ShareLedger } from './share-ledger.ts';

/** Archives what is in `from` among the batches' offsets from `firstOffset` to `lastOffset`. Returns whether there was something. */
export function archiveRecords(
  ledger: ShareLedger,
  batches: Iterable<InFlightBatch>,
  firstOffset: number,
  lastOffset: number,
  from: RecordState,
  isCounted: boolean,
): boolean {
  let isAny = false;
  for (const batch of batches) {
    if (batch.firstOffset > lastOffset) break;
    if (batch.whole !== null) {
      if (batch.whole.state !== from) continue;
      if (!batch.isWithin(firstOffset, lastOffset)) batch.split(ledger.locks);
    }
    for (const one of batch.states()) {
      if (one.state.state !== from || one.firstOffset < firstOffset || one.lastOffset > lastOffset) continue;
      one.state.archive();
      if (isCounted) ledger.deliveryCompleteCount += one.lastOffset - one.firstOffset + 1;
      isAny = true;
    }
  }
  return isAny;
}

/** A fetch from `fetchOffset` has found nothing before `baseOffset`: what was available there is not in the log any more. */
export function archiveStale(ledger: ShareLedger, fetchOffset: number, baseOffset: number): void {
  const { batches } = ledger;
  if (batches.size === 0 || fetchOffset >= baseOffset) return;
  const floor = batches.floor(fetchOffset);
  const from = floor !== undefined && floor.lastOffset >= fetchOffset ? floor.firstOffset : fetchOffset;
  const stale = batches.range(from, baseOffset - 1);
  if (archiveRecords(ledger, stale, fetchOffset, baseOffset - 1, RecordState.AVAILABLE, true))
    ledger.mayHaveAvailable = true;
}

/** The log begins at `logStartOffset` now, and so does the partition for the group. Acquired records are left to their members. */
export function moveToLogStart(ledger: ShareLedger, logStartOffset: number): void {
  if (logStartOffset <= ledger.startOffset) return;
  if (ledger.batches.size === 0) {
    ledger.startOffset = logStartOffset;
    ledger.endOffset = logStartOffset;
    ledger.deliveryCompleteCount = 0;
    return;
  }
  const goneCount = countTerminal(ledger, logStartOffset);
  const { batches, startOffset } = ledger;
  if (archiveRecords(ledger, batches, startOffset, logStartOffset - 1, RecordState.AVAILABLE, false))
    ledger.mayHaveAvailable = true;
  ledger.startOffset = logStartOffset;
  ledger.deliveryCompleteCount -= goneCount;
  ledger.endOffset = Math.max(ledger.endOffset, logStartOffset);
}

/** How many offsets from the start on and below `endOffset` are done with. */
function countTerminal({ batches, startOffset }: ShareLedger, endOffset: number): number {
  let count = 0;
  for (const batch of batches) {
    if (batch.firstOffset >= endOffset) break;
    for (const { firstOffset, lastOffset, state } of batch.states())
      if (isTerminal(state.state))
        count += Math.max(0, Math.min(endOffset - 1, lastOffset) - Math.max(startOffset, firstOffset) + 1);
  }
  return count;
}
