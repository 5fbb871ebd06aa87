/**
 * The requests that the transaction coordinator serves, by kind, without what depends on the version of an API: handlers translate.
 */
import type {
  DescribeTransactionsResponseTransactionState,
  ErrorCode,
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '@skarab/protocol';
import type { TopicPartition } from './partition-set.ts';

/** A producer id and its epoch. */
export interface ProducerIdAndEpoch {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A producer id and epoch to go on with; -1 for both beside an error, and where the version does not tell them. */
export interface ProducerResult extends ProducerIdAndEpoch {
  readonly errorCode: ErrorCode;
}

export interface InitProducerIdCall {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** What the producer had before; null when it starts (KIP-360). */
  readonly expected: ProducerIdAndEpoch | null;
  /** KIP-939 */
  readonly enableTwoPhaseCommit: boolean;
  readonly keepPreparedTransaction: boolean;
}

export interface AddPartitionsCall extends ProducerIdAndEpoch {
  readonly transactionalId: string;
  readonly partitions: readonly TopicPartition[];
  /** The version of transactions that the client speaks. */
  readonly transactionVersion: number;
}

export interface VerifyPartitionsCall extends ProducerIdAndEpoch {
  readonly transactionalId: string;
  readonly partitions: readonly TopicPartition[];
}

export interface EndTransactionCall extends ProducerIdAndEpoch {
  readonly transactionalId: string;
  readonly isCommit: boolean;
  /** The version of transactions that the client speaks. */
  readonly transactionVersion: number;
}

/** An error code per partition, in the order of the request. */
export type PartitionErrors = readonly ErrorCode[];

/** Request and response of every kind. */
export interface TransactionRequests {
  initProducerId: { request: InitProducerIdCall; response: ProducerResult };
  addPartitions: { request: AddPartitionsCall; response: ErrorCode };
  verifyPartitions: { request: VerifyPartitionsCall; response: PartitionErrors };
  endTransaction: { request: EndTransactionCall; response: ProducerResult };
  describeTransaction: { request: string; response: DescribeTransactionsResponseTransactionState };
  listTransactions: { request: ListTransactionsRequest; response: ListTransactionsResponse };
}

/** The name of a request. */
export type TransactionRequestKind = keyof TransactionRequests;

/** The request of a kind. */
export type TransactionRequest<K extends TransactionRequestKind> = TransactionRequests[K]['request'];

/** The response of a kind. */
export type TransactionResponse<K extends TransactionRequestKind> = TransactionRequests[K]['response'];
