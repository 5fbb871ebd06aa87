/**
 * What is known of one transactional id, and the changes that a transaction makes to it. Values only: every change is a new one.
 *
 * Source: org.apache.kafka.coordinator.transaction.TransactionMetadata.
 */
import { assert } from '@skarab/base';
import { PartitionSet, type TopicPartition } from './partition-set.ts';
import type { TransactionState } from './transaction-state.ts';

export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
/** The last epoch; only the coordinator itself may use it, to fence. */
export const MAX_PRODUCER_EPOCH = 0x7fff;
/** The timeout of a two-phase commit transaction, which never times out. */
export const NO_TIMEOUT_MS = 0x7fffffff;

/** The state of one transactional id. */
export interface TransactionMetadata {
  readonly producerId: number;
  /** The producer id before the last change; tells a repeated EndTxn after the id was replaced. */
  readonly previousProducerId: number;
  /** The id that takes over when the transaction is complete, since the epochs of this one are used up; -1: none. */
  readonly nextProducerId: number;
  readonly producerEpoch: number;
  /** The epoch before the last InitProducerId or EndTxn; not in the log. */
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  readonly partitions: PartitionSet;
  /** -1 outside of a transaction that has begun. */
  readonly startTimestampMs: number;
  readonly lastUpdateTimestampMs: number;
  /** The version of transactions that the client spoke last. */
  readonly clientTransactionVersion: number;
}

/** Whether the version bumps the epoch at the end of each transaction (KIP-890). */
export function supportsEpochBump(transactionVersion: number): boolean {
  return transactionVersion >= 2;
}

/** Whether clients may use no later epoch of the producer id. */
export function isEpochExhausted(producerEpoch: number): boolean {
  return producerEpoch >= MAX_PRODUCER_EPOCH - 1;
}

/** A transactional id that nobody has used before. */
export function newTransactionMetadata(producerId: number, timeoutMs: number, nowMs: number): TransactionMetadata {
  return {
    producerId,
    previousProducerId: NO_PRODUCER_ID,
    nextProducerId: NO_PRODUCER_ID,
    producerEpoch: NO_PRODUCER_EPOCH,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs,
    state: 'Empty',
    partitions: PartitionSet.empty,
    startTimestampMs: -1,
    lastUpdateTimestampMs: nowMs,
    clientTransactionVersion: 0,
  };
}

/** A producer has been initialized with these epochs. */
export function initialized(
  current: TransactionMetadata,
  fields: Pick<TransactionMetadata, 'producerId' | 'producerEpoch' | 'lastProducerEpoch' | 'timeoutMs'>,
  nowMs: number,
): TransactionMetadata {
  return change(current, {
    ...fields,
    state: 'Empty',
    partitions: PartitionSet.empty,
    startTimestampMs: -1,
    lastUpdateTimestampMs: nowMs,
  });
}

/** The transaction, begun with this if it was not, extends to these partitions. */
export function extended(
  current: TransactionMetadata,
  partitions: readonly TopicPartition[],
  clientTransactionVersion: number,
  nowMs: number,
): TransactionMetadata {
  return change(current, {
    state: 'Ongoing',
    partitions: current.partitions.with(partitions),
    startTimestampMs: current.state === 'Ongoing' ? current.startTimestampMs : nowMs,
    lastUpdateTimestampMs: nowMs,
    clientTransactionVersion,
  });
}

/** It is decided how the transaction ends; the epoch is bumped where the version does so. */
export function prepared(
  current: TransactionMetadata,
  end: {
    readonly isCommit: boolean;
    readonly transactionVersion: number;
    readonly nextProducerId: number;
    /** An abort without a partition: the transaction begins here. */
    readonly isWithoutPartition: boolean;
  },
  nowMs: number,
): TransactionMetadata {
  const { producerEpoch } = current;
  const isLastEpoch = producerEpoch === MAX_PRODUCER_EPOCH;
  assert(end.isCommit ? !isLastEpoch : true, 'nobody commits in the last epoch');
  const epochs = supportsEpochBump(end.transactionVersion)
    ? { producerEpoch: isLastEpoch ? producerEpoch : producerEpoch + 1, lastProducerEpoch: producerEpoch }
    : {};
  return change(current, {
    ...epochs,
    state: end.isCommit ? 'PrepareCommit' : 'PrepareAbort',
    nextProducerId: end.nextProducerId,
    startTimestampMs: end.isWithoutPartition ? nowMs : current.startTimestampMs,
    lastUpdateTimestampMs: nowMs,
    clientTransactionVersion: end.transactionVersion,
  });
}

/** All markers are written. */
export function completed(current: TransactionMetadata, nowMs: number): TransactionMetadata {
  const isReplaced = supportsEpochBump(current.clientTransactionVersion) && current.nextProducerId !== NO_PRODUCER_ID;
  return change(current, {
    ...(isReplaced && { producerId: current.nextProducerId, producerEpoch: 0 }),
    state: current.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    nextProducerId: NO_PRODUCER_ID,
    partitions: PartitionSet.empty,
    lastUpdateTimestampMs: nowMs,
  });
}

function change(current: TransactionMetadata, fields: Partial<TransactionMetadata>): TransactionMetadata {
  return { ...current, previousProducerId: current.producerId, ...fields };
}
