/**
 * Decides AddPartitionsToTxn: a transaction begins or extends to more partitions; and its form that only asks whether it holds them.
 *
 * AddOffsetsToTxn is the same with the group's partition of `__consumer_offsets`. Shape: decider.
 * Source: TransactionCoordinator.handleAddPartitionsToTransaction, handleVerifyPartitionsInTransaction.
 */
import { ErrorCode } from '@skarab/protocol';
import { decided, refused, type Verdict } from '../runtime/decision.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import { extended } from './transaction-metadata.ts';
import { recordOf, type TransactionParts } from './transaction-parts.ts';
import type { AddPartitionsCall, PartitionErrors, VerifyPartitionsCall } from './transaction-requests.ts';
import { isPrepared } from './transaction-state.ts';

/** Decides an addition; NONE without a record when the transaction holds all the partitions. */
export function addPartitions(
  parts: TransactionParts,
  call: AddPartitionsCall,
  nowMs: number,
): Verdict<ErrorCode, TransactionRecord> {
  const { transactionalId, producerId, producerEpoch, partitions, transactionVersion } = call;
  const view = parts.store.get(transactionalId);
  if (view === undefined) return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  const { metadata, isPending } = view;
  // First, so that what is pending can come to its end: the producer may have its new id before it is committed.
  if (isPending) return refused(ErrorCode.CONCURRENT_TRANSACTIONS);
  if (metadata.producerId !== producerId) return refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  if (metadata.producerEpoch !== producerEpoch) return refused(ErrorCode.PRODUCER_FENCED);
  if (metadata.state === 'Ongoing' && partitions.every((partition) => metadata.partitions.has(partition)))
    return refused(ErrorCode.NONE);
  const after = extended(metadata, partitions, transactionVersion, nowMs);
  return decided([recordOf(parts, transactionalId, after)], ErrorCode.NONE);
}

/** Whether the transaction holds the partitions, by what is committed. */
export function verifyPartitions({ store }: TransactionParts, call: VerifyPartitionsCall): PartitionErrors {
  const { transactionalId, producerId, producerEpoch, partitions } = call;
  const all = (error: ErrorCode): PartitionErrors => partitions.map(() => error);
  const metadata = store.get(transactionalId)?.metadata;
  if (metadata === undefined || metadata.producerId !== producerId) return all(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  if (metadata.producerEpoch !== producerEpoch) return all(ErrorCode.PRODUCER_FENCED);
  if (isPrepared(metadata.state)) return all(ErrorCode.CONCURRENT_TRANSACTIONS);
  return partitions.map((partition) =>
    metadata.partitions.has(partition) ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE,
  );
}
