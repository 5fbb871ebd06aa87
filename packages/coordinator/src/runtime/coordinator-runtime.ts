/**
 * Runs one state machine per partition of a coordinator's topic, without threads, clocks or files.
 *
 * Owns which partitions are served here. Every coordinator (groups, transactions, share state) is
 * this runtime with its own shard. Shape: decider and replayer. Source: org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime.
 */
import type { Logger } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import type { CoordinatorRecordSerde, CoordinatorShard, ShardEnvironment } from './coordinator-shard.ts';
import type { Verdict } from './decision.ts';
import type { BatchProducer, RuntimeEffect, TransactionEnd } from './effects.ts';
import { type Completion, type ContextOptions, earliest, PartitionContext } from './partition-context.ts';

/** What a runtime is made of. `S` is the state machine, `U` its record. */
export interface RuntimeOptions<S extends CoordinatorShard<U>, U> {
  readonly createShard: (environment: ShardEnvironment<U>) => S;
  readonly serde: CoordinatorRecordSerde<U>;
  /** How long a write may wait for its commit. */
  readonly writeTimeoutMs: number;
  /** How long a batch waits for more records; -1 until the host takes the effects. */
  readonly appendLingerMs: number;
  /** The largest batch that the topic takes now. */
  readonly maxBatchBytes: () => number;
  /** Where effects go, in order. */
  readonly emit: (effect: RuntimeEffect) => void;
  readonly logger: Logger;
}

/** The partitions of one coordinator on this broker. */
export class CoordinatorRuntime<S extends CoordinatorShard<U>, U> {
  readonly #contexts = new Map<number, PartitionContext<S, U>>();
  readonly #contextOptions: ContextOptions<S, U>;
  #lastAppendId = 0;

  constructor(options: RuntimeOptions<S, U>) {
    this.#contextOptions = { ...options, nextAppendId: () => ++this.#lastAppendId };
  }

  /** Partitions that are served or being loaded. */
  partitions(): number[] {
    return [...this.#contexts.keys()];
  }

  /** Whether any partition is being loaded. */
  get isLoading(): boolean {
    return [...this.#contexts.values()].some((context) => context.state === 'loading');
  }

  /** This broker leads the partition as of `leaderEpoch`; an older or equal epoch is ignored. */
  onElected(partition: number, leaderEpoch: number): void {
    let context = this.#contexts.get(partition);
    if (context === undefined) {
      context = new PartitionContext(partition, leaderEpoch, this.#contextOptions);
      this.#contexts.set(partition, context);
    } else if (context.leaderEpoch >= leaderEpoch) return;
    context.leaderEpoch = leaderEpoch;
    if (context.state === 'failed' || context.state === 'closed') context.startLoad();
  }

  /** It no longer does as of `leaderEpoch`, or at all (null). */
  onResigned(partition: number, leaderEpoch: number | null, nowMs: number): void {
    const context = this.#contexts.get(partition);
    if (context === undefined || (leaderEpoch !== null && context.leaderEpoch >= leaderEpoch)) return;
    this.#contexts.delete(partition);
    context.unload(nowMs);
  }

  /** Decides, appends, and completes at the commit; or completes at once with why not. */
  write<R>(
    partition: number,
    decide: (shard: S) => Verdict<R, U>,
    complete: Completion<R>,
    nowMs: number,
    producer: BatchProducer | null = null,
  ): void {
    const context = this.#contexts.get(partition);
    const unavailable = context?.availability ?? ErrorCode.NOT_COORDINATOR;
    if (context === undefined || unavailable !== ErrorCode.NONE) complete(unavailable, null, nowMs);
    else context.write(decide, complete, nowMs, producer);
  }

  /** Appends the end of a transaction and completes at the commit; or completes at once with why not. */
  endTransaction(partition: number, end: TransactionEnd, complete: Completion<null>, nowMs: number): void {
    const context = this.#contexts.get(partition);
    const unavailable = context?.availability ?? ErrorCode.NOT_COORDINATOR;
    if (context === undefined || unavailable !== ErrorCode.NONE) complete(unavailable, null, nowMs);
    else context.endTransaction(end, complete, nowMs);
  }

  /** Reads the committed state. */
  read<R>(partition: number, decide: (shard: S) => R, complete: Completion<R>, nowMs: number): void {
    const context = this.#contexts.get(partition);
    const unavailable = context?.availability ?? ErrorCode.NOT_COORDINATOR;
    if (context === undefined || unavailable !== ErrorCode.NONE) complete(unavailable, null, nowMs);
    else complete(ErrorCode.NONE, decide(context.shard), nowMs);
  }

  onAppended(partition: number, appendId: number, nextOffset: number, nowMs: number): void {
    this.#contexts.get(partition)?.onAppended(appendId, nextOffset, nowMs);
  }

  onAppendFailed(partition: number, appendId: number, error: ErrorCode, nowMs: number): void {
    this.#contexts.get(partition)?.onAppendFailed(appendId, error, nowMs);
  }

  onCommitted(partition: number, highWatermark: number, nowMs: number): void {
    this.#contexts.get(partition)?.onCommitted(highWatermark, nowMs);
  }

  onTimer(nowMs: number): void {
    for (const context of this.#contexts.values()) context.onTimer(nowMs);
  }

  onClockJump(byMs: number): void {
    for (const context of this.#contexts.values()) context.onClockJump(byMs);
  }

  nextDeadlineMs(): number | null {
    let deadlineMs: number | null = null;
    for (const context of this.#contexts.values()) deadlineMs = earliest(deadlineMs, context.nextDeadlineMs());
    return deadlineMs;
  }

  /** Ends the batches that wait for nothing but this. */
  flush(): void {
    for (const context of this.#contexts.values()) context.flushUnlessLingering();
  }
}
