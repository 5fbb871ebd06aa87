/**
 * The transaction coordinator of one broker: every request about transactions comes in here, and every effect goes out.
 *
 * Validates requests, routes them to the shard of their transactional id, and tells shards what happens to their partitions. Driven by its host
 * as the group coordinator is (see the package's README). Shape: decider and replayer.
 * Source: kafka.coordinator.transaction.TransactionCoordinator.
 */
import type { Logger } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { partitionForGroup } from '../group/java-string.ts';
import { Coordinator } from '../runtime/coordinator.ts';
import { CoordinatorRuntime } from '../runtime/coordinator-runtime.ts';
import { onMarkersWritten } from './complete-transaction.ts';
import { type CompilePattern, type TransactionFront, transactionHandlers } from './front.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import { transactionRecordSerde } from './records/transaction-record-serde.ts';
import type { TransactionCoordinatorConfig } from './transaction-coordinator-config.ts';
import type { MarkerResult, TransactionCoordinatorEffect, TransactionRespondEffect } from './transaction-effects.ts';
import type { TransactionRequest, TransactionRequestKind, TransactionResponse } from './transaction-requests.ts';
import { TransactionShard } from './transaction-shard.ts';

/** What a transaction coordinator is made of. */
export interface TransactionCoordinatorOptions {
  readonly config: TransactionCoordinatorConfig;
  /** How many partitions `__transaction_state` has, or will have; never changes once it is there. */
  readonly partitionCount: () => number;
  /** `max.message.bytes` of `__transaction_state` now. */
  readonly maxBatchBytes: () => number;
  /** A producer id that nobody had, or null when none is at hand now. */
  readonly takeProducerId: () => number | null;
  /** The finalized level of the feature transaction.version now. */
  readonly transactionVersion: () => number;
  /** For ListTransactions by pattern. */
  readonly compilePattern: CompilePattern;
  readonly logger: Logger;
}

/** The transaction coordinator of one broker. */
export class TransactionCoordinator extends Coordinator<
  TransactionShard,
  TransactionRecord,
  TransactionCoordinatorEffect
> {
  protected override readonly runtime: CoordinatorRuntime<TransactionShard, TransactionRecord>;
  readonly #front: TransactionFront;
  readonly #partitionCount: () => number;

  constructor(options: TransactionCoordinatorOptions) {
    super();
    const { config, takeProducerId, transactionVersion, maxBatchBytes, compilePattern, logger } = options;
    this.#partitionCount = options.partitionCount;
    const emit = (effect: TransactionCoordinatorEffect): void => this.emit(effect);
    this.runtime = new CoordinatorRuntime({
      createShard: (environment) =>
        new TransactionShard(environment, { config, takeProducerId, transactionVersion, emit }),
      serde: transactionRecordSerde,
      writeTimeoutMs: config.writeTimeoutMs,
      appendLingerMs: -1,
      maxBatchBytes,
      emit,
      logger,
    });
    const partitionFor = (transactionalId: string): number => this.partitionFor(transactionalId);
    this.#front = { runtime: this.runtime, config, partitionFor, compilePattern };
  }

  /** The partition of `__transaction_state` whose leader coordinates a transactional id. */
  partitionFor(transactionalId: string): number {
    return partitionForGroup(transactionalId, this.#partitionCount());
  }

  /** Takes a request; its response is an effect with the same token, now or later, exactly once. */
  handleRequest<K extends TransactionRequestKind>(
    kind: K,
    request: TransactionRequest<K>,
    token: number,
    nowMs: number,
  ): void {
    const { handle, failure } = transactionHandlers[kind];
    const respond = (response: TransactionResponse<K>): void => {
      // Kind and response belong together by the types of the parameters, which a union cannot say.
      this.emit({ type: 'respond', kind, token, response } as TransactionRespondEffect);
    };
    if (this.isShutDown) respond(failure(request, ErrorCode.COORDINATOR_NOT_AVAILABLE));
    else handle(this.#front, request, respond, nowMs);
  }

  /** The results of a 'writeMarkers' effect, one for each of its partitions. */
  onMarkersWritten(
    effect: { readonly partition: number; readonly transactionalId: string; readonly attempt: number },
    results: readonly MarkerResult[],
    nowMs: number,
  ): void {
    const { partition, transactionalId, attempt } = effect;
    this.runtime.write(
      partition,
      ({ parts }) => onMarkersWritten(parts, transactionalId, attempt, results, nowMs),
      () => {},
      nowMs,
    );
  }
}
