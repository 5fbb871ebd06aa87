/**
 * Decides EndTxn from a client: how the transaction ends is written, the client is answered, the markers follow.
 *
 * With epoch bump (version 2) each end raises the epoch, so the epoch tells a repeated request from the next one:
 * ```
 *                    abort                    commit
 *                    repeated     next        repeated     next
 *   Empty            FENCED       abort       FENCED       INVALID_TXN_STATE
 *   CompleteAbort    NONE         abort       INVALID_…    INVALID_…
 *   CompleteCommit   INVALID_…    abort       NONE         INVALID_…
 * ```
 * Without it the epoch must be the present one, and only the same end again is answered NONE. Shape: decider.
 * Source: TransactionCoordinator.endTransaction, endTransactionWithTV1.
 */
import { ErrorCode, errorName } from '@skarab/protocol';
import { answered, refused, type Verdict } from '../runtime/decision.ts';
import { decideEnd } from './complete-transaction.ts';
import { noProducer } from './init-producer-id.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import {
  completed,
  isEpochExhausted,
  MAX_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  prepared,
  supportsEpochBump,
  type TransactionMetadata,
} from './transaction-metadata.ts';
import type { TransactionParts } from './transaction-parts.ts';
import type { EndTransactionCall, ProducerResult } from './transaction-requests.ts';

type EndVerdict = Verdict<ProducerResult, TransactionRecord>;

/** Decides an EndTxn. */
export function endTransaction(parts: TransactionParts, call: EndTransactionCall, nowMs: number): EndVerdict {
  return supportsEpochBump(call.transactionVersion)
    ? endWithEpochBump(parts, call, nowMs)
    : endWithoutEpochBump(parts, call, nowMs);
}

function endWithoutEpochBump(parts: TransactionParts, call: EndTransactionCall, nowMs: number): EndVerdict {
  const { transactionalId, producerId, producerEpoch, isCommit } = call;
  const view = parts.store.get(transactionalId);
  if (view === undefined || view.metadata.producerId !== producerId)
    return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  const { metadata, isPending } = view;
  if (producerEpoch !== metadata.producerEpoch) return refused(ErrorCode.PRODUCER_FENCED);
  if (isPending) return refused(ErrorCode.CONCURRENT_TRANSACTIONS);
  if (metadata.state === 'Ongoing') {
    const end = { isCommit, transactionVersion: 0, nextProducerId: NO_PRODUCER_ID, isWithoutPartition: false };
    const after = prepared(metadata, end, nowMs);
    return decideEnd(parts, transactionalId, after, noProducer(ErrorCode.NONE));
  }
  if (isEndedSo(metadata, isCommit)) return answered(noProducer(ErrorCode.NONE));
  return refuseState(parts, call, metadata);
}

function endWithEpochBump(parts: TransactionParts, call: EndTransactionCall, nowMs: number): EndVerdict {
  const { transactionalId, producerId, producerEpoch, isCommit } = call;
  const view = parts.store.get(transactionalId);
  if (view === undefined) return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  const { metadata, isPending } = view;
  // First, so that what is pending can come to its end: the producer may have its new id before it is committed.
  if (isPending) return refused(ErrorCode.CONCURRENT_TRANSACTIONS);
  const isEnded = metadata.state === 'CompleteCommit' || metadata.state === 'CompleteAbort';
  const isRepeatedOverReplacement =
    metadata.previousProducerId === producerId &&
    producerEpoch === MAX_PRODUCER_EPOCH - 1 &&
    metadata.producerEpoch === 0;
  const isRepeated = metadata.producerEpoch === producerEpoch + 1 || isRepeatedOverReplacement;
  if (metadata.producerId !== producerId && !isRepeatedOverReplacement)
    return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  if (producerEpoch !== metadata.producerEpoch && !(isEnded && isRepeated)) return refused(ErrorCode.PRODUCER_FENCED);
  if (metadata.state === 'Ongoing') return bumpAndEnd(parts, call, metadata, nowMs);
  if (isRepeated && isEndedSo(metadata, isCommit)) {
    return answered({
      errorCode: ErrorCode.NONE,
      producerId: metadata.producerId,
      producerEpoch: metadata.producerEpoch,
    });
  }
  // A client that does not know whether its transaction has begun aborts it to be sure.
  if (!isCommit && !(isEnded && isRepeated)) return bumpAndEnd(parts, call, metadata, nowMs);
  return refuseState(parts, call, metadata);
}

function bumpAndEnd(
  parts: TransactionParts,
  { transactionalId, isCommit, transactionVersion }: EndTransactionCall,
  metadata: TransactionMetadata,
  nowMs: number,
): EndVerdict {
  const nextProducerId = isEpochExhausted(metadata.producerEpoch) ? parts.takeProducerId() : NO_PRODUCER_ID;
  if (nextProducerId === null) return refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
  const isWithoutPartition = metadata.state !== 'Ongoing';
  const after = prepared(metadata, { isCommit, transactionVersion, nextProducerId, isWithoutPartition }, nowMs);
  const { producerId, producerEpoch } = completed(after, nowMs);
  return decideEnd(parts, transactionalId, after, { errorCode: ErrorCode.NONE, producerId, producerEpoch });
}

function isEndedSo(metadata: TransactionMetadata, isCommit: boolean): boolean {
  return metadata.state === (isCommit ? 'CompleteCommit' : 'CompleteAbort');
}

function refuseState(
  parts: TransactionParts,
  { transactionalId, isCommit }: EndTransactionCall,
  { state }: TransactionMetadata,
): EndVerdict {
  const error = ErrorCode.INVALID_TXN_STATE;
  parts.logger.warn({ transactionalId, state, isCommit, error: errorName(error) }, 'a transaction cannot end so');
  return refused(error);
}
