/**
 * The state machine of one partition of `__transaction_state`: its transactional ids.
 *
 * Deciders live in files of their own; here is what replays, what happens at loading, and the cycles that abort and expire.
 * Shape: decider and replayer. Source: kafka.coordinator.transaction.TransactionStateManager.
 */
import type { CoordinatorShard, ShardEnvironment } from '../runtime/coordinator-shard.ts';
import { abortTimedOut } from './abort-timed-out.ts';
import { startAllMarkers } from './complete-transaction.ts';
import { expireIds } from './expire-ids.ts';
import { PendingMarkers } from './pending-markers.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import type { WriteMarkersEffect } from './transaction-effects.ts';
import type { TransactionParts } from './transaction-parts.ts';
import { TransactionStore } from './transaction-store.ts';

const ABORT_KEY = 'abort transactions that timed out';
const EXPIRE_KEY = 'expire transactional ids';

/** What all shards of a coordinator share. */
export interface TransactionShardOptions
  extends Pick<TransactionParts, 'config' | 'takeProducerId' | 'transactionVersion'> {
  readonly emit: (effect: WriteMarkersEffect) => void;
}

/** One partition's transactional ids. */
export class TransactionShard implements CoordinatorShard<TransactionRecord> {
  /** What the deciders work on. */
  readonly parts: TransactionParts;

  constructor(environment: ShardEnvironment<TransactionRecord>, options: TransactionShardOptions) {
    const { timeline, timers, logger, partition, leaderEpoch } = environment;
    const { config, takeProducerId, transactionVersion, emit } = options;
    const markers = new PendingMarkers({ partition, leaderEpoch, emit });
    const store = new TransactionStore(timeline);
    this.parts = { store, markers, timers, config, takeProducerId, transactionVersion, logger };
  }

  replay({ transactionalId, metadata }: TransactionRecord): void {
    this.parts.store.put(transactionalId, metadata);
  }

  /** Nobody writes to this topic within a transaction. */
  replayEndTransactionMarker(): void {}

  onLoaded(nowMs: number): void {
    startAllMarkers(this.parts, nowMs);
    this.#scheduleAborts(nowMs);
    this.#scheduleExpiry(nowMs);
  }

  /** Nothing is parked here. */
  onUnloaded(): void {}

  #scheduleAborts(nowMs: number): void {
    const intervalMs = this.parts.config.abortTimedOutIntervalMs;
    this.parts.timers.schedule(ABORT_KEY, nowMs + intervalMs, null, (dueMs) => {
      this.#scheduleAborts(dueMs);
      return abortTimedOut(this.parts, dueMs);
    });
  }

  #scheduleExpiry(nowMs: number): void {
    const intervalMs = this.parts.config.removeExpiredIntervalMs;
    this.parts.timers.schedule(EXPIRE_KEY, nowMs + intervalMs, null, (dueMs) => {
      this.#scheduleExpiry(dueMs);
      return expireIds(this.parts, dueMs);
    });
  }
}
