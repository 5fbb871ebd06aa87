/**
 * Answers DescribeTransactions for one id, and what one shard has for ListTransactions (KIP-664, KIP-994, KIP-1152).
 *
 * Source: TransactionCoordinator.handleDescribeTransactions, TransactionStateManager.listTransactionStates.
 */
import {
  type DescribeTransactionsResponseTransactionState,
  ErrorCode,
  type ListTransactionsResponseTransactionState,
  newDescribeTransactionsResponseTransactionState,
} from '@skarab/protocol';
import type { TransactionMetadata } from './transaction-metadata.ts';
import type { TransactionParts } from './transaction-parts.ts';
import type { TransactionState } from './transaction-state.ts';

/** The state of a transactional id; partitions whose marker is written are left out. */
export function describeTransaction(
  { store, markers }: TransactionParts,
  transactionalId: string,
): DescribeTransactionsResponseTransactionState {
  const metadata = store.getNewest(transactionalId) && store.get(transactionalId)?.metadata;
  if (metadata === undefined) {
    return newDescribeTransactionsResponseTransactionState({
      transactionalId,
      errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND,
    });
  }
  return newDescribeTransactionsResponseTransactionState({
    transactionalId,
    transactionState: metadata.state,
    transactionTimeoutMs: metadata.timeoutMs,
    transactionStartTimeMs: BigInt(metadata.startTimestampMs),
    producerId: BigInt(metadata.producerId),
    producerEpoch: metadata.producerEpoch,
    topics: markers.remaining(transactionalId, metadata).byTopic(),
  });
}

/** Which transactions are asked for; null where a filter is not given. */
export interface TransactionFilter {
  readonly states: ReadonlySet<TransactionState> | null;
  readonly producerIds: ReadonlySet<number> | null;
  /** Only those that have been open for longer. */
  readonly longerThanMs: number | null;
  /** What the whole transactional id must match. */
  readonly pattern: RegExp | null;
}

/** The transactions of a shard that pass the filter. */
export function listTransactions(
  { store }: TransactionParts,
  filter: TransactionFilter,
  nowMs: number,
): ListTransactionsResponseTransactionState[] {
  const listed: ListTransactionsResponseTransactionState[] = [];
  for (const [transactionalId, { metadata }] of store.entries()) {
    if (!passes(filter, transactionalId, metadata, nowMs)) continue;
    const { producerId, state } = metadata;
    listed.push({ transactionalId, producerId: BigInt(producerId), transactionState: state });
  }
  return listed;
}

function passes(
  filter: TransactionFilter,
  transactionalId: string,
  metadata: TransactionMetadata,
  nowMs: number,
): boolean {
  const { states, producerIds, longerThanMs, pattern } = filter;
  if (producerIds !== null && !producerIds.has(metadata.producerId)) return false;
  if (states !== null && !states.has(metadata.state)) return false;
  if (longerThanMs !== null && nowMs - metadata.startTimestampMs <= longerThanMs) return false;
  return pattern === null || pattern.test(transactionalId);
}
