/**
 * From the decision how a transaction ends to its completion: markers are asked for once the decision is committed, and the transaction is
 * complete when all are written.
 *
 * Source: kafka.coordinator.transaction.TransactionMarkerChannelManager, TransactionMarkerRequestCompletionHandler.
 */
import { ErrorCode, errorName } from '@skarab/protocol';
import { type Decision, decided, nothing, type Verdict } from '../runtime/decision.ts';
import { MARKER_RETRY_MS } from './pending-markers.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import type { MarkerResult } from './transaction-effects.ts';
import { completed, type TransactionMetadata } from './transaction-metadata.ts';
import { recordOf, type TransactionParts } from './transaction-parts.ts';
import { isPrepared } from './transaction-state.ts';

/** The producer or the coordinator has moved on: whoever follows ends the transaction. */
const givenUpErrors: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.TRANSACTION_COORDINATOR_FENCED,
]);
/** A partition that cannot keep a transaction has none to end. */
const doneErrors: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.NONE,
  ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
  ErrorCode.UNSUPPORTED_VERSION,
]);

/** Writes how the transaction ends, answers, and sees to its markers. */
export function decideEnd<R>(
  parts: TransactionParts,
  transactionalId: string,
  metadata: TransactionMetadata,
  response: R,
  onFailed?: () => void,
): Decision<R, TransactionRecord> {
  return {
    ...decided([recordOf(parts, transactionalId, metadata)], response),
    onWritten: (error, nowMs) => {
      if (error === ErrorCode.NONE) startMarkers(parts, transactionalId, nowMs);
      else onFailed?.();
    },
  };
}

/** Begins to write the markers of a transaction that is prepared and committed, unless that has begun. */
export function startMarkers(parts: TransactionParts, transactionalId: string, nowMs: number): void {
  const { store, markers } = parts;
  const metadata = store.getCommitted(transactionalId);
  if (metadata === undefined || !isPrepared(metadata.state) || markers.has(transactionalId, metadata)) return;
  store.dropFailedFence(transactionalId);
  markers.begin(transactionalId, metadata);
  if (metadata.partitions.isEmpty) scheduleCompletion(parts, transactionalId, metadata, nowMs);
  else markers.send(transactionalId);
}

/** Begins to write the markers of everything that waits for them: after a load, and where a late commit was not heard of. */
export function startAllMarkers(parts: TransactionParts, nowMs: number): void {
  for (const [transactionalId, { metadata }] of parts.store.entries())
    if (isPrepared(metadata.state)) startMarkers(parts, transactionalId, nowMs);
}

/** Decides what follows from the results of an attempt to write markers. */
export function onMarkersWritten(
  parts: TransactionParts,
  transactionalId: string,
  attempt: number,
  results: readonly MarkerResult[],
  nowMs: number,
): Verdict<null, TransactionRecord> {
  const { markers, timers, logger } = parts;
  const done = results.filter(({ errorCode }) => doneErrors.has(errorCode));
  const metadata = markers.onWritten(transactionalId, attempt, done);
  if (metadata === null) return nothing;
  const refusal = results.find(({ errorCode }) => givenUpErrors.has(errorCode));
  if (refusal !== undefined) {
    const { topic, partition, errorCode } = refusal;
    logger.warn(
      { transactionalId, topic, partition, error: errorName(errorCode) },
      'a partition refuses the marker of a transaction; it is not written again',
    );
    markers.giveUp(transactionalId);
    return nothing;
  }
  if (markers.remaining(transactionalId, metadata).isEmpty)
    return completeTransaction(parts, transactionalId, metadata, nowMs);
  timers.schedule(markersTimer(transactionalId), nowMs + MARKER_RETRY_MS, null, () => {
    markers.send(transactionalId);
    return nothing;
  });
  return nothing;
}

/** Decides the completion of a transaction whose markers are all written; nothing when it is complete, or taken back. */
function completeTransaction(
  parts: TransactionParts,
  transactionalId: string,
  metadata: TransactionMetadata,
  nowMs: number,
): Verdict<null, TransactionRecord> {
  if (parts.store.getNewest(transactionalId) !== metadata) return nothing;
  return {
    ...decided([recordOf(parts, transactionalId, completed(metadata, nowMs))], null),
    onWritten: (error, endMs) => {
      if (error === ErrorCode.NONE) parts.markers.end(transactionalId, metadata);
      else scheduleCompletion(parts, transactionalId, metadata, endMs + MARKER_RETRY_MS);
    },
  };
}

function scheduleCompletion(
  parts: TransactionParts,
  transactionalId: string,
  metadata: TransactionMetadata,
  atMs: number,
): void {
  parts.timers.schedule(markersTimer(transactionalId), atMs, null, (nowMs) => {
    const verdict = completeTransaction(parts, transactionalId, metadata, nowMs);
    // Written after all, by an attempt that had been given up.
    if (verdict === nothing) parts.markers.end(transactionalId, metadata);
    return verdict;
  });
}

const markersTimer = (transactionalId: string): string => `markers of ${transactionalId}`;
