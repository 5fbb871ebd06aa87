/**
 * Fills a share partition's book from what was persisted.
 *
 * Source: SharePartition.maybeInitialize.
 */
import { ErrorCode } from '@skarab/protocol';
import { InFlightBatch } from './in-flight-batch.ts';
import { InFlightState, NOBODY } from './in-flight-state.ts';
import { isRecordState, isTerminal } from './record-state.ts';
import type { ShareLedger } from './share-ledger.ts';
import type { ShareProblem } from './share-problem.ts';

/** A range of offsets as it is persisted. */
export interface PersistedBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

/** What is persisted of a share partition; a start offset of -1: nothing but that it exists. */
export interface PersistedState {
  readonly stateEpoch: number;
  readonly startOffset: number;
  readonly stateBatches: readonly PersistedBatch[];
}

/** Puts the batches in flight; null, or why they make no sense. */
export function fillFrom(
  ledger: ShareLedger,
  startOffset: number,
  stateBatches: readonly PersistedBatch[],
): ShareProblem | null {
  ledger.startOffset = startOffset;
  ledger.endOffset = startOffset;
  let gapOffset = -1;
  let lastOffset = startOffset - 1;
  for (const batch of stateBatches) {
    const { deliveryState } = batch;
    if (batch.firstOffset < startOffset || batch.lastOffset < batch.firstOffset || !isRecordState(deliveryState))
      return {
        error: ErrorCode.UNKNOWN_SERVER_ERROR,
        message: 'The persisted state of the share partition is invalid',
      };
    if (gapOffset === -1 && batch.firstOffset > lastOffset + 1) gapOffset = lastOffset + 1;
    ({ lastOffset } = batch);
    const state = new InFlightState(ledger.locks, deliveryState, batch.deliveryCount, NOBODY, null);
    const inFlight = new InFlightBatch(batch.firstOffset, lastOffset, state);
    ledger.batches.put(inFlight);
    if (isTerminal(deliveryState)) ledger.deliveryCompleteCount += inFlight.length;
  }
  if (ledger.batches.size === 0) return null;
  ledger.mayHaveAvailable = true;
  ledger.endOffset = lastOffset;
  if (gapOffset !== -1) ledger.gap = { endOffset: lastOffset, startOffset: gapOffset };
  ledger.moveStart();
  return null;
}
