/**
 * Decides the abort of an open transaction whose producer is not asked: it is fenced by a higher epoch.
 *
 * Without epoch bump the epoch is raised for the fence, and stays raised in memory when it cannot be written. With it, ending the transaction
 * raises it anyway, and brings a new producer id when the epochs are used up. Shape: decider.
 * Source: TransactionMetadata.prepareFenceProducerEpoch, TransactionCoordinator.endTransaction (isFromClient = false).
 */
import { ErrorCode } from '@skarab/protocol';
import { type Decision, type Refusal, refused } from '../runtime/decision.ts';
import { decideEnd } from './complete-transaction.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import {
  isEpochExhausted,
  MAX_PRODUCER_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  prepared,
  supportsEpochBump,
} from './transaction-metadata.ts';
import type { TransactionParts } from './transaction-parts.ts';
import type { TransactionView } from './transaction-store.ts';

/** Decides the abort; `response` is given once it is written. */
export function fenceAndAbort<R>(
  parts: TransactionParts,
  transactionalId: string,
  { metadata, hasFailedFence }: TransactionView,
  response: R,
  nowMs: number,
): Decision<R, TransactionRecord> | Refusal {
  const transactionVersion = parts.transactionVersion();
  const end = { isCommit: false, isWithoutPartition: false };
  if (!supportsEpochBump(transactionVersion)) {
    const isKept = hasFailedFence || metadata.producerEpoch === MAX_PRODUCER_EPOCH;
    const producerEpoch = isKept ? metadata.producerEpoch : metadata.producerEpoch + 1;
    const fenced = { ...metadata, producerEpoch, lastProducerEpoch: NO_PRODUCER_EPOCH };
    const after = prepared(fenced, { ...end, transactionVersion: 0, nextProducerId: NO_PRODUCER_ID }, nowMs);
    const onFailed = (): void => parts.store.keepFailedFence(transactionalId, producerEpoch);
    return decideEnd(parts, transactionalId, after, response, onFailed);
  }
  const nextProducerId = isEpochExhausted(metadata.producerEpoch) ? parts.takeProducerId() : NO_PRODUCER_ID;
  if (nextProducerId === null) return refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
  const after = prepared(metadata, { ...end, transactionVersion, nextProducerId }, nowMs);
  return decideEnd(parts, transactionalId, after, response);
}
