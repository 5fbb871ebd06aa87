/**
 * What the runtime asks its host to do.
 */
import type { SimpleRecord } from '@skarab/records';
import type { PartitionLoad } from './partition-load.ts';

/** The transactional producer whose records a batch holds. */
export interface BatchProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The proof that the transaction is known to its coordinator (KIP-890), as the host gave it; null: none is needed. */
  readonly verificationGuard: object | null;
}

/** The end of a producer's transaction in one partition. */
export interface TransactionEnd {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly isCommit: boolean;
  readonly transactionVersion: number;
}

/**
 * Append one batch as the leader of `leaderEpoch`, requiring all in-sync replicas, then say `onAppended` or `onAppendFailed`.
 * Nothing needs to be durable before. Appends of a partition are executed in the order they were given.
 */
export interface AppendEffect {
  readonly type: 'append';
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly appendId: number;
  /** The offset the first record is expected to get. */
  readonly baseOffset: number;
  readonly records: readonly SimpleRecord[];
  /** Null unless the records belong to a transaction. */
  readonly producer: BatchProducer | null;
}

/** Append the marker that ends a transaction, in the same order and with the same answers as an 'append'. */
export interface AppendMarkerEffect {
  readonly type: 'appendMarker';
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly appendId: number;
  readonly baseOffset: number;
  readonly end: TransactionEnd;
}

/** Read the partition from its start to its end into `load`. */
export interface LoadEffect {
  readonly type: 'load';
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly load: PartitionLoad;
}

/** Effects of the runtime itself; a coordinator adds its responses. */
export type RuntimeEffect = AppendEffect | AppendMarkerEffect | LoadEffect;
