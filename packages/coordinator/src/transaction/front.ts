/**
 * Requests before and after their deciders: validation, the way to the shard, and the answer when there is none.
 *
 * Source: kafka.coordinator.transaction.TransactionCoordinator, TransactionStateManager.appendTransactionToLog (error codes).
 */
import {
  ErrorCode,
  type ListTransactionsRequest,
  type ListTransactionsResponse,
  newDescribeTransactionsResponseTransactionState,
  newListTransactionsResponse,
} from '@skarab/protocol';
import type { CoordinatorRuntime } from '../runtime/coordinator-runtime.ts';
import type { Verdict } from '../runtime/decision.ts';
import { addPartitions, verifyPartitions } from './add-partitions.ts';
import { describeTransaction, listTransactions, type TransactionFilter } from './describe-transactions.ts';
import { endTransaction } from './end-transaction.ts';
import { initProducerId, noProducer } from './init-producer-id.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import type { TransactionCoordinatorConfig } from './transaction-coordinator-config.ts';
import type { TransactionParts } from './transaction-parts.ts';
import type {
  InitProducerIdCall,
  TransactionRequest,
  TransactionRequestKind,
  TransactionResponse,
} from './transaction-requests.ts';
import type { TransactionShard } from './transaction-shard.ts';
import { type TransactionState, transactionStateNamed } from './transaction-state.ts';

/** Where requests go. */
export interface TransactionFront {
  readonly runtime: CoordinatorRuntime<TransactionShard, TransactionRecord>;
  readonly config: TransactionCoordinatorConfig;
  partitionFor(transactionalId: string): number;
  readonly compilePattern: CompilePattern;
}

/** A regular expression that matches whole texts, in a time that grows with their length only; undefined when the text is none. */
export type CompilePattern = (text: string) => RegExp | undefined;

/** How one kind of request is served, and what it is told when it cannot be. */
export interface TransactionHandler<K extends TransactionRequestKind> {
  handle(
    front: TransactionFront,
    request: TransactionRequest<K>,
    respond: (response: TransactionResponse<K>) => void,
    nowMs: number,
  ): void;
  failure(request: TransactionRequest<K>, errorCode: ErrorCode): TransactionResponse<K>;
}

/** The handlers by kind. */
export const transactionHandlers: { readonly [K in TransactionRequestKind]: TransactionHandler<K> } = {
  initProducerId: {
    handle: (front, call, respond, nowMs) => {
      const refusal = refusalToInit(front.config, call);
      if (refusal !== ErrorCode.NONE) respond(noProducer(refusal));
      else
        write(front, call.transactionalId, (parts) => initProducerId(parts, call, nowMs), noProducer, respond, nowMs);
    },
    failure: (_call, errorCode) => noProducer(errorCode),
  },
  addPartitions: {
    handle: (front, call, respond, nowMs) => {
      const { transactionalId } = call;
      if (transactionalId === '') respond(ErrorCode.INVALID_REQUEST);
      else
        write(
          front,
          transactionalId,
          (parts) => addPartitions(parts, call, nowMs),
          (error) => error,
          respond,
          nowMs,
        );
    },
    failure: (_call, errorCode) => errorCode,
  },
  verifyPartitions: {
    handle: (front, call, respond, nowMs) => {
      const fail = (error: ErrorCode): void => respond(call.partitions.map(() => error));
      if (call.transactionalId === '') fail(ErrorCode.INVALID_REQUEST);
      else read(front, call.transactionalId, (parts) => verifyPartitions(parts, call), respond, fail, nowMs);
    },
    failure: ({ partitions }, errorCode) => partitions.map(() => errorCode),
  },
  endTransaction: {
    handle: (front, call, respond, nowMs) => {
      const { transactionalId } = call;
      if (transactionalId === '') respond(noProducer(ErrorCode.INVALID_REQUEST));
      else write(front, transactionalId, (parts) => endTransaction(parts, call, nowMs), noProducer, respond, nowMs);
    },
    failure: (_call, errorCode) => noProducer(errorCode),
  },
  describeTransaction: {
    handle: (front, transactionalId, respond, nowMs) => {
      const fail = (errorCode: ErrorCode): void =>
        respond(newDescribeTransactionsResponseTransactionState({ transactionalId, errorCode }));
      if (transactionalId === '') fail(ErrorCode.INVALID_REQUEST);
      else read(front, transactionalId, (parts) => describeTransaction(parts, transactionalId), respond, fail, nowMs);
    },
    failure: (transactionalId, errorCode) =>
      newDescribeTransactionsResponseTransactionState({ transactionalId, errorCode }),
  },
  listTransactions: {
    handle: (front, request, respond, nowMs) => respond(list(front, request, nowMs)),
    failure: (_request, errorCode) => newListTransactionsResponse({ errorCode }),
  },
};

function refusalToInit(config: TransactionCoordinatorConfig, call: InitProducerIdCall): ErrorCode {
  if (call.transactionalId === '') return ErrorCode.INVALID_REQUEST;
  if (call.enableTwoPhaseCommit && !config.isTwoPhaseCommitEnabled)
    return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  // Kafka 4.3 does not keep prepared transactions yet.
  if (call.keepPreparedTransaction) return ErrorCode.UNSUPPORTED_VERSION;
  const isTimeoutValid = call.enableTwoPhaseCommit || (call.timeoutMs > 0 && call.timeoutMs <= config.maxTimeoutMs);
  return isTimeoutValid ? ErrorCode.NONE : ErrorCode.INVALID_TRANSACTION_TIMEOUT;
}

function write<R>(
  { runtime, partitionFor }: TransactionFront,
  transactionalId: string,
  decide: (parts: TransactionParts) => Verdict<R, TransactionRecord>,
  failure: (error: ErrorCode) => R,
  respond: (response: R) => void,
  nowMs: number,
): void {
  runtime.write(
    partitionFor(transactionalId),
    ({ parts }) => decide(parts),
    (error, response) => respond(response ?? failure(toClient(error))),
    nowMs,
  );
}

function read<R>(
  { runtime, partitionFor }: TransactionFront,
  transactionalId: string,
  decide: (parts: TransactionParts) => R,
  respond: (response: R) => void,
  fail: (error: ErrorCode) => void,
  nowMs: number,
): void {
  runtime.read(
    partitionFor(transactionalId),
    ({ parts }) => decide(parts),
    (error, response) => (response === null ? fail(error) : respond(response)),
    nowMs,
  );
}

function list(
  { runtime, compilePattern }: TransactionFront,
  request: ListTransactionsRequest,
  nowMs: number,
): ListTransactionsResponse {
  if (runtime.isLoading) return newListTransactionsResponse({ errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS });
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
  const unknownStateFilters = [...new Set(stateFilters)].filter((name) => transactionStateNamed(name) === undefined);
  const states = stateFilters
    .map(transactionStateNamed)
    .filter((state): state is TransactionState => state !== undefined);
  const pattern =
    transactionalIdPattern === null || transactionalIdPattern === '' ? null : compilePattern(transactionalIdPattern);
  if (pattern === undefined)
    return newListTransactionsResponse({ errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION, unknownStateFilters: [] });
  const filter: TransactionFilter = {
    states: stateFilters.length === 0 ? null : new Set(states),
    producerIds: producerIdFilters.length === 0 ? null : new Set(producerIdFilters.map(Number)),
    longerThanMs: durationFilter < 0n ? null : Number(durationFilter),
    pattern,
  };
  const response = newListTransactionsResponse({ unknownStateFilters });
  for (const partition of runtime.partitions()) {
    runtime.read(
      partition,
      ({ parts }) => listTransactions(parts, filter, nowMs),
      (_error, listed) => response.transactionStates.push(...(listed ?? [])),
      nowMs,
    );
  }
  return response;
}

/** What clients are told of a write that failed: something to do about it. */
function toClient(error: ErrorCode): ErrorCode {
  switch (error) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR;
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
      return ErrorCode.UNKNOWN_SERVER_ERROR;
    default:
      return error;
  }
}
