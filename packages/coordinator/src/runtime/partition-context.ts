/**
 * One partition of a coordinator: its state machine, the batch under construction, and the writes that wait for their commit.
 *
 * ```
 *   decide ─► replay ─► open batch ─► 'append' effect ─► in flight ─► onAppended ─► onCommitted ─► onWritten, response
 *                            └──────── onAppendFailed: replayed state goes back to the batch's base offset, its writes fail
 * ```
 * Invariant: the newest state is the log up to `timeline.nextOffset` as it will be when everything in flight succeeds; the log's own count
 * of offsets is compared with it at every append, and a difference reloads the partition. Called by CoordinatorRuntime only.
 * Source: org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime.CoordinatorContext.
 */
import { assert, type Logger } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import type {
  CoordinatorRecordSerde,
  CoordinatorShard,
  ShardEnvironment,
  ShardTimers,
  TimerOperation,
} from './coordinator-shard.ts';
import type { Decision, Verdict } from './decision.ts';
import { DeferredWrites } from './deferred-writes.ts';
import type { BatchProducer, RuntimeEffect, TransactionEnd } from './effects.ts';
import { PartitionLoad } from './partition-load.ts';
import { type InFlightAppend, PendingBatch, sizeUpperBound } from './pending-batch.ts';
import { Timeline } from './timeline.ts';
import { TimerQueue } from './timer-queue.ts';

/** What every partition of one coordinator shares. */
export interface ContextOptions<S extends CoordinatorShard<U>, U> {
  readonly createShard: (environment: ShardEnvironment<U>) => S;
  readonly serde: CoordinatorRecordSerde<U>;
  /** How long a write may wait for its commit. */
  readonly writeTimeoutMs: number;
  /** How long a batch waits for more records; -1 until the host takes the effects. */
  readonly appendLingerMs: number;
  readonly maxBatchBytes: () => number;
  readonly nextAppendId: () => number;
  readonly emit: (effect: RuntimeEffect) => void;
  readonly logger: Logger;
}

/** Told the end of a write: a response, or why there is none, in words too where the decider had some. */
export type Completion<R> = (error: ErrorCode, response: R | null, nowMs: number, message?: string | null) => void;

interface ShardTimer<U> {
  readonly retryBackoffMs: number | null;
  readonly operation: TimerOperation<U>;
}

type ContextState = 'loading' | 'active' | 'failed' | 'closed';

/** One partition of a coordinator. */
export class PartitionContext<S extends CoordinatorShard<U>, U> {
  readonly partition: number;
  leaderEpoch: number;
  readonly #options: ContextOptions<S, U>;
  readonly #timers = new TimerQueue<ShardTimer<U>>();
  #state: ContextState = 'closed';
  #timeline = new Timeline();
  #shard!: S;
  #deferred: DeferredWrites;
  #open: PendingBatch | null = null;
  #inFlight: InFlightAppend[] = [];
  #load: PartitionLoad | null = null;
  /** Appends below this id belong to an earlier load. */
  #firstAppendId = 0;

  constructor(partition: number, leaderEpoch: number, options: ContextOptions<S, U>) {
    this.partition = partition;
    this.leaderEpoch = leaderEpoch;
    this.#options = options;
    this.#deferred = new DeferredWrites(options.writeTimeoutMs);
  }

  get state(): ContextState {
    return this.#state;
  }

  /** NONE when requests are served, else what they are answered. */
  get availability(): ErrorCode {
    if (this.#state === 'active') return ErrorCode.NONE;
    return this.#state === 'loading' ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : ErrorCode.NOT_COORDINATOR;
  }

  /** The state machine; only while active. */
  get shard(): S {
    assert(this.#state === 'active', `partition ${this.partition} is ${this.#state}`);
    return this.#shard;
  }

  /** Starts from nothing and asks the host for the log. */
  startLoad(): void {
    this.#state = 'loading';
    this.#timeline = new Timeline();
    this.#deferred = new DeferredWrites(this.#options.writeTimeoutMs);
    this.#firstAppendId = this.#options.nextAppendId();
    const { createShard, serde, emit } = this.#options;
    const logger = this.#options.logger.child({ partition: this.partition });
    const timers = this.#shardTimers();
    this.#shard = createShard({
      partition: this.partition,
      leaderEpoch: () => this.leaderEpoch,
      timeline: this.#timeline,
      timers,
      logger,
    });
    const load = new PartitionLoad({
      shard: this.#shard,
      serde,
      timeline: this.#timeline,
      logger,
      onEnded: (isComplete, nowMs) => this.#onLoadEnded(isComplete, nowMs),
    });
    this.#load = load;
    emit({ type: 'load', partition: this.partition, leaderEpoch: this.leaderEpoch, load });
  }

  #onLoadEnded(isComplete: boolean, nowMs: number): void {
    this.#load = null;
    if (!isComplete) {
      this.#state = 'failed';
      return;
    }
    this.#activate(nowMs);
  }

  /**
   * Serves once everything that was loaded is committed: until then this leader may not know of a commit that the one before has answered for,
   * and what it reads would go back in time.
   */
  #activate(nowMs: number): void {
    if (this.#load !== null || this.#timeline.committedOffset < this.#timeline.nextOffset) return;
    this.#state = 'active';
    this.#shard.onLoaded(nowMs);
  }

  /** Forgets everything; what waits is answered NOT_COORDINATOR. */
  unload(nowMs: number): void {
    const wasActive = this.#state === 'active';
    this.#state = 'closed';
    this.#load?.cancel();
    this.#load = null;
    this.#open = null;
    this.#inFlight = [];
    this.#deferred.failFrom(-1, ErrorCode.NOT_COORDINATOR, nowMs);
    if (wasActive) this.#shard.onUnloaded(nowMs);
    this.#timers.clear();
  }

  /**
   * Runs a decider, appends what it decided, and completes when that is committed. Only while active.
   * Records of a transactional `producer` get a batch of their own.
   */
  write<R>(
    decide: (shard: S) => Verdict<R, U>,
    complete: Completion<R>,
    nowMs: number,
    producer: BatchProducer | null = null,
  ): void {
    const verdict = decide(this.shard);
    if (verdict.kind === 'refusal') {
      complete(verdict.error, null, nowMs, verdict.message);
      return;
    }
    if (verdict.records.length > 0) this.#append(verdict, nowMs, producer);
    this.#defer(verdict, complete, nowMs);
    this.#maybeFlush(nowMs);
  }

  /** Writes the end of a transaction behind everything decided so far; completes when it is committed. Only while active. */
  endTransaction(end: TransactionEnd, complete: Completion<null>, nowMs: number): void {
    this.flush();
    const { partition, leaderEpoch } = this;
    const baseOffset = this.#timeline.nextOffset;
    const marker = { appendId: this.#options.nextAppendId(), baseOffset, nextOffset: baseOffset + 1 };
    this.shard.replayEndTransactionMarker(end.producerId, end.isCommit);
    this.#timeline.advanceTo(marker.nextOffset);
    this.#inFlight.push(marker);
    this.#deferred.add(marker.nextOffset, nowMs, (error, endMs) => complete(error, null, endMs));
    this.#options.emit({ type: 'appendMarker', partition, leaderEpoch, appendId: marker.appendId, baseOffset, end });
  }

  #append<R>(decision: Decision<R, U>, nowMs: number, producer: BatchProducer | null): void {
    if (producer !== null) this.flush();
    const encoded = decision.records.map((record) => this.#options.serde.encode(record));
    if (decision.isAtomic) this.#makeRoomFor(sizeUpperBound(encoded));
    for (const [index, record] of decision.records.entries()) {
      const bytes = encoded[index]!;
      if (!decision.isAtomic) this.#makeRoomFor(sizeUpperBound([bytes]));
      const offset = this.#timeline.nextOffset;
      this.#open ??= new PendingBatch(
        this.#options.nextAppendId(),
        offset,
        this.#options.maxBatchBytes(),
        nowMs,
        producer,
      );
      if (decision.replayRecords) {
        this.#shard.replay(record, { offset, producerId: producer?.producerId ?? -1 });
      }
      this.#open.append(bytes, nowMs);
      this.#timeline.advanceTo(offset + 1);
    }
    if (producer !== null) this.flush();
  }

  #makeRoomFor(size: number): void {
    if (this.#open !== null && !this.#open.hasRoomFor(size)) this.flush();
  }

  /** Completes now when there is nothing to wait for, else with the last record written so far. */
  #defer<R>(decision: Decision<R, U>, complete: Completion<R>, nowMs: number): void {
    const listener = (error: ErrorCode, endMs: number): void => {
      decision.onWritten?.(error, endMs);
      complete(error, error === ErrorCode.NONE ? decision.response : null, endMs);
    };
    const offset = this.#timeline.nextOffset;
    if (offset <= this.#timeline.committedOffset) listener(ErrorCode.NONE, nowMs);
    else this.#deferred.add(offset, nowMs, listener);
  }

  #maybeFlush(nowMs: number): void {
    const { appendLingerMs } = this.#options;
    if (this.#open === null) return;
    if (this.#open.isFull || (appendLingerMs >= 0 && nowMs - this.#open.createdMs >= appendLingerMs)) this.flush();
  }

  /** Hands the open batch to the host when no linger was asked for. */
  flushUnlessLingering(): void {
    if (this.#options.appendLingerMs < 0) this.flush();
  }

  /** Hands the open batch to the host. */
  flush(): void {
    const batch = this.#open;
    if (batch === null) return;
    this.#open = null;
    this.#inFlight.push(batch);
    const { partition, leaderEpoch } = this;
    const { appendId, baseOffset, records, producer } = batch;
    this.#options.emit({ type: 'append', partition, leaderEpoch, appendId, baseOffset, records, producer });
  }

  onAppended(appendId: number, nextOffset: number, nowMs: number): void {
    if (this.#state !== 'active' || appendId < this.#firstAppendId) return;
    const batch = this.#inFlight.shift();
    if (batch?.appendId === appendId && batch.nextOffset === nextOffset) return;
    this.#options.logger.error(
      { partition: this.partition, expected: batch?.nextOffset, found: nextOffset },
      'coordinator is out of step with its log; loading it again',
    );
    this.unload(nowMs);
    this.startLoad();
  }

  onAppendFailed(appendId: number, error: ErrorCode, nowMs: number): void {
    if (this.#state !== 'active' || appendId < this.#firstAppendId) return;
    const index = this.#inFlight.findIndex((batch) => batch.appendId === appendId);
    // Already taken back with an earlier batch.
    if (index < 0) return;
    const { baseOffset } = this.#inFlight[index]!;
    this.#options.logger.warn(
      { partition: this.partition, baseOffset, error },
      'writing to the coordinator log failed',
    );
    this.#inFlight.splice(index);
    this.#open = null;
    this.#timeline.revertTo(baseOffset);
    this.#deferred.failFrom(baseOffset, error, nowMs);
  }

  onCommitted(highWatermark: number, nowMs: number): void {
    if (this.#state === 'loading' && this.#load === null) {
      this.#timeline.commitTo(Math.min(highWatermark, this.#timeline.nextOffset));
      this.#activate(nowMs);
    }
    if (this.#state !== 'active') return;
    const offset = Math.min(highWatermark, this.#timeline.nextOffset);
    this.#timeline.commitTo(offset);
    this.#deferred.commitTo(offset, nowMs);
  }

  /** Fires timers, gives up on writes that took too long, and ends the linger of the open batch. */
  onTimer(nowMs: number): void {
    if (this.#state !== 'active') return;
    this.#deferred.expire(nowMs);
    for (;;) {
      const due = this.#timers.takeDue(nowMs);
      if (due === null) break;
      this.#fire(due.key, due.task, nowMs);
    }
    this.#maybeFlush(nowMs);
  }

  /** The clock shows so much more than the time that has passed: deadlines move along, and no batch lingers on. */
  onClockJump(byMs: number): void {
    this.#timers.shift(byMs);
    this.#deferred.shift(byMs);
    this.flush();
  }

  #fire(key: string, timer: ShardTimer<U>, nowMs: number): void {
    const { operation, retryBackoffMs } = timer;
    const complete = (error: ErrorCode, _response: null, endMs: number): void => {
      if (error === ErrorCode.NONE || this.#state !== 'active') return;
      this.#options.logger.warn({ partition: this.partition, timer: key, error }, 'the write of a timer failed');
      if (retryBackoffMs !== null) this.#timers.schedule(key, endMs + retryBackoffMs, timer);
    };
    this.write(() => operation(nowMs), complete, nowMs);
  }

  nextDeadlineMs(): number | null {
    if (this.#state !== 'active') return null;
    const linger = this.#options.appendLingerMs;
    const lingerEndMs = this.#open === null || linger < 0 ? null : this.#open.createdMs + linger;
    return earliest(earliest(this.#timers.nextDeadlineMs(), this.#deferred.nextDeadlineMs()), lingerEndMs);
  }

  #shardTimers(): ShardTimers<U> {
    return {
      schedule: (key, deadlineMs, retryBackoffMs, operation) =>
        this.#timers.schedule(key, deadlineMs, { retryBackoffMs, operation }),
      cancel: (key) => this.#timers.cancel(key),
      isScheduled: (key) => this.#timers.isScheduled(key),
    };
  }
}

/** The earlier of two deadlines. */
export function earliest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null || a <= b ? a : b;
}
