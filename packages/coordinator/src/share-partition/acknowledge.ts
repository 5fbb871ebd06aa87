/**
 * What a member says about records that it has acquired. All of an acknowledgement is done, or nothing.
 *
 * Source: SharePartition.acknowledge.
 */
import type { InFlightBatch } from './in-flight-batch.ts';
import { type InFlightState, NOBODY } from './in-flight-state.ts';
import { AcknowledgeType, isTerminal, RecordState, stateAfter } from './record-state.ts';
import { type ShareLedger, type StateChange, stateChange } from './share-ledger.ts';
import { invalidRequest, invalidState, type ShareProblem } from './share-problem.ts';

/** One type for all offsets of a range, or one for each. */
export interface AcknowledgementBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** Never empty. */
  readonly acknowledgeTypes: readonly number[];
}

const CHANGING = 'The record state is invalid. The acknowledgement of delivery could not be completed.';
const types: ReadonlySet<number> = new Set(Object.values(AcknowledgeType));

/** Starts the changes of one batch, adding them to `changes`; null, or why the whole acknowledgement fails. */
export function acknowledgeBatch(
  ledger: ShareLedger,
  memberId: string,
  acknowledged: AcknowledgementBatch,
  changes: StateChange[],
  nowMs: number,
): ShareProblem | null {
  const { acknowledgeTypes, firstOffset, lastOffset } = acknowledged;
  if (acknowledgeTypes.some((type) => !types.has(type)))
    return invalidRequest(`Invalid acknowledge type: [${acknowledgeTypes.join(', ')}]`);
  // Everything of it is gone from the log already.
  if (lastOffset < ledger.startOffset) return null;
  const batches = batchesOf(ledger, acknowledged);
  if (!Array.isArray(batches)) return batches;
  for (const batch of batches) {
    if (batch.lastOffset < ledger.startOffset) continue;
    const problem = acknowledgeInBatch(ledger, memberId, acknowledged, batch, changes, nowMs);
    if (problem !== null) return problem;
  }
  return null;

  function batchesOf(from: ShareLedger, { firstOffset: first }: AcknowledgementBatch): InFlightBatch[] | ShareProblem {
    const isCut = from.batches.floor(first) === undefined && from.startsInside(firstOffset, lastOffset);
    const found = from.batchesFrom(isCut ? from.startOffset : first, lastOffset);
    if (found === undefined)
      return invalidState('Batch record not found. The request batch offsets are not found in the cache.');
    const end = found.at(-1)!.lastOffset;
    if (end < first)
      return invalidRequest('Batch record not found. The first offset in request is past acquired records.');
    if (end < lastOffset)
      return invalidRequest('Batch record not found. The last offset in request is past acquired records.');
    return found;
  }
}

function acknowledgeInBatch(
  ledger: ShareLedger,
  memberId: string,
  acknowledged: AcknowledgementBatch,
  batch: InFlightBatch,
  changes: StateChange[],
  nowMs: number,
): ShareProblem | null {
  const { whole } = batch;
  const { firstOffset, lastOffset, acknowledgeTypes } = acknowledged;
  if (whole !== null) {
    if (whole.memberId === NOBODY)
      return invalidState('The batch cannot be acknowledged. The batch is not in the acquired state.');
    if (whole.memberId !== memberId) return invalidState('Member is not the owner of batch record');
    if (whole.isChanging) return invalidState(CHANGING);
    const isSimple =
      batch.isWithin(firstOffset, lastOffset) &&
      acknowledgeTypes.length === 1 &&
      !ledger.startsInside(batch.firstOffset, batch.lastOffset);
    if (isSimple) {
      if (whole.state !== RecordState.ACQUIRED)
        return invalidState('The batch cannot be acknowledged. The batch is not in the acquired state.');
      return acknowledgeState(ledger, whole, batch.firstOffset, batch.lastOffset, acknowledgeTypes[0]!, changes, nowMs);
    }
    if (whole.state !== RecordState.ACQUIRED)
      return invalidState('The batch cannot be acknowledged. The subset batch is not in the acquired state.');
    batch.split(ledger.locks);
  }
  for (const { firstOffset: offset, state } of batch.states()) {
    if (offset < firstOffset || offset < ledger.startOffset) continue;
    if (offset > lastOffset) break;
    const type = acknowledgeTypes.length > 1 ? acknowledgeTypes[offset - firstOffset]! : acknowledgeTypes[0]!;
    const problem =
      checkOffset(state, memberId) ?? acknowledgeState(ledger, state, offset, offset, type, changes, nowMs);
    if (problem !== null) return problem;
  }
  return null;
}

function checkOffset(state: InFlightState, memberId: string): ShareProblem | null {
  if (state.state !== RecordState.ACQUIRED)
    return invalidState('The offset cannot be acknowledged. The offset is not acquired.');
  if (state.isChanging) return invalidState(CHANGING);
  return state.memberId === memberId ? null : invalidState('Member is not the owner of offset');
}

function acknowledgeState(
  ledger: ShareLedger,
  state: InFlightState,
  firstOffset: number,
  lastOffset: number,
  type: number,
  changes: StateChange[],
  nowMs: number,
): ShareProblem | null {
  const { deliveryCountLimit, renewAcknowledgeEnable, recordLockDurationMs } = ledger.settings;
  if (type === AcknowledgeType.RENEW) {
    if (!renewAcknowledgeEnable) return invalidState('Renewing acquisition locks is not enabled for the group.');
    state.dropLock();
    state.setLock(ledger.locks.add(state.memberId, firstOffset, lastOffset, nowMs + recordLockDurationMs));
    return null;
  }
  if (!state.startLeaving(stateAfter[type]!, deliveryCountLimit))
    return invalidState('Unable to acknowledge records for the batch');
  changes.push(stateChange(firstOffset, lastOffset, state));
  if (isTerminal(state.state)) ledger.deliveryCompleteCount += lastOffset - firstOffset + 1;
  return null;
}
