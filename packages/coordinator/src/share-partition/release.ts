/**
 * Records that go back because their member has gone or has taken too long.
 *
 * Source: SharePartition.releaseAcquiredRecords, releaseAcquisitionLockOnTimeout.
 */
import type { AcquisitionLock } from './acquisition-locks.ts';
import type { InFlightBatch } from './in-flight-batch.ts';
import { NOBODY } from './in-flight-state.ts';
import { isTerminal, RecordState } from './record-state.ts';
import { type ShareLedger, type StateChange, stateChange } from './share-ledger.ts';

/** Starts to give back everything that a member has. */
export function releaseOf(ledger: ShareLedger, memberId: string): StateChange[] {
  const changes: StateChange[] = [];
  for (const batch of ledger.batches) {
    if (batch.whole?.memberId === memberId) splitAtStart(ledger, batch);
    for (const { firstOffset, lastOffset, state } of batch.states()) {
      if (state.memberId !== memberId && state.memberId !== NOBODY) continue;
      if (state.state !== RecordState.ACQUIRED) continue;
      if (!state.startLeaving(stateAt(ledger, lastOffset), ledger.settings.deliveryCountLimit)) continue;
      changes.push(stateChange(firstOffset, lastOffset, state));
      countDone(ledger, firstOffset, lastOffset, state.state);
    }
  }
  return changes;
}

/** Gives back what was acquired under a lock that is over; what is acknowledged already, or about to be, is left alone. */
export function releaseExpired(ledger: ShareLedger, lock: AcquisitionLock): StateChange[] {
  const changes: StateChange[] = [];
  for (const batch of ledger.batchesFrom(lock.firstOffset, lock.lastOffset) ?? []) {
    splitAtStart(ledger, batch);
    for (const { firstOffset, lastOffset, state } of batch.states()) {
      const isOutside = firstOffset < lock.firstOffset || firstOffset > lock.lastOffset;
      if ((batch.whole === null && isOutside) || state.state !== RecordState.ACQUIRED) continue;
      if (!state.tryLeave(stateAt(ledger, lastOffset), ledger.settings.deliveryCountLimit)) continue;
      changes.push(stateChange(firstOffset, lastOffset, state));
      state.dropLock();
      if (!isTerminal(state.state)) ledger.mayHaveAvailable = true;
      countDone(ledger, firstOffset, lastOffset, state.state);
    }
  }
  return changes;
}

/** Offsets before the start go another way than those after it. */
function splitAtStart(ledger: ShareLedger, batch: InFlightBatch): void {
  if (batch.whole?.state === RecordState.ACQUIRED && ledger.startsInside(batch.firstOffset, batch.lastOffset))
    batch.split(ledger.locks);
}

function stateAt({ startOffset }: ShareLedger, lastOffset: number): RecordState {
  return lastOffset < startOffset ? RecordState.ARCHIVED : RecordState.AVAILABLE;
}

function countDone(ledger: ShareLedger, firstOffset: number, lastOffset: number, state: RecordState): void {
  if (isTerminal(state)) ledger.deliveryCompleteCount += ledger.countFromStart(firstOffset, lastOffset);
}
