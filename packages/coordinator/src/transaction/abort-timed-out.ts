/**
 * Decides the abort of transactions that are open longer than their timeout; two-phase commit transactions have none.
 *
 * Shape: decider. Source: TransactionCoordinator.abortTimedOutTransactions.
 */
import { type Decision, decidedInParts } from '../runtime/decision.ts';
import { startAllMarkers } from './complete-transaction.ts';
import { fenceAndAbort } from './fence-and-abort.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import { NO_TIMEOUT_MS } from './transaction-metadata.ts';
import type { TransactionParts } from './transaction-parts.ts';
import type { TransactionView } from './transaction-store.ts';

/** Decides the aborts that are due. */
export function abortTimedOut(parts: TransactionParts, nowMs: number): Decision<null, TransactionRecord> {
  startAllMarkers(parts, nowMs);
  const records: TransactionRecord[] = [];
  const listeners: Decision<null, TransactionRecord>['onWritten'][] = [];
  for (const [transactionalId, view] of parts.store.entries()) {
    if (!isTimedOut(view, nowMs)) continue;
    const verdict = fenceAndAbort(parts, transactionalId, view, null, nowMs);
    // Without a producer id at hand the next round tries again.
    if (verdict.kind === 'refusal') continue;
    parts.logger.info(
      { transactionalId, producerId: view.metadata.producerId },
      'aborting a transaction that timed out',
    );
    records.push(...verdict.records);
    listeners.push(verdict.onWritten);
  }
  return {
    ...decidedInParts(records),
    onWritten: (error, endMs) => {
      for (const listener of listeners) listener?.(error, endMs);
    },
  };
}

function isTimedOut({ metadata, isPending }: TransactionView, nowMs: number): boolean {
  const { state, timeoutMs, startTimestampMs } = metadata;
  return !isPending && state === 'Ongoing' && timeoutMs !== NO_TIMEOUT_MS && startTimestampMs + timeoutMs < nowMs;
}
