/**
 * Drives one coordinator: feeds it elections, commits and time; executes its effects against the log and the waiting requests.
 *
 * The only place where coordination meets promises and timers. Each input is followed by taking and executing all effects, so
 * nothing lingers between two turns. Source: org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime.
 */
import type { Clock, Logger, Timer } from '@skarab/base';
import type { AppendEffect, AppendMarkerEffect, LoadEffect, RuntimeEffect } from '@skarab/coordinator';
import type { VerificationGuard } from '@skarab/log';
import type { ErrorCode } from '@skarab/protocol';
import { buildBatch, buildEndTransactionMarkerBatch, type CompressionType, ControlRecordType } from '@skarab/records';
import type { AppendedBatch, CoordinatorLog } from './coordinator-log.ts';

interface AnyEffect {
  readonly type: string;
}

/** The response of a request, found by its token. */
interface Response {
  readonly type: 'respond';
  readonly token: number;
  readonly response: unknown;
}

/** A coordinator as its driver sees it; `E` are effects of its own. */
export interface DrivenCoordinator<E extends AnyEffect> {
  onElected(partition: number, leaderEpoch: number): void;
  onResigned(partition: number, leaderEpoch: number | null, nowMs: number): void;
  onAppended(partition: number, appendId: number, nextOffset: number, nowMs: number): void;
  onAppendFailed(partition: number, appendId: number, error: ErrorCode, nowMs: number): void;
  onCommitted(partition: number, highWatermark: number, nowMs: number): void;
  onTimer(nowMs: number): void;
  onClockJump(byMs: number): void;
  nextDeadlineMs(): number | null;
  shutdown(nowMs: number): void;
  takeEffects(): readonly (RuntimeEffect | Response | E)[];
}

/** What a driver is made of. */
export interface CoordinatorDriverOptions<E extends AnyEffect> {
  readonly coordinator: DrivenCoordinator<E>;
  readonly log: CoordinatorLog;
  /** What the coordinator keeps, for messages. */
  readonly subject: string;
  readonly compression: CompressionType;
  /** Executes the coordinator's own effects. */
  readonly execute: (effect: E) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What clocks differ by without being set. */
const MIN_JUMP_MS = 1000;

export class CoordinatorDriver<E extends AnyEffect> {
  readonly #options: CoordinatorDriverOptions<E>;
  readonly #waiting = new Map<number, (response: never) => void>();
  #lastToken = 0;
  #timer: Timer | undefined;
  #timerDeadlineMs = Number.POSITIVE_INFINITY;
  /** By how much the wall clock was ahead of the time that passes. */
  #aheadMs: number;
  #draining = false;
  #isStopped = false;

  constructor(options: CoordinatorDriverOptions<E>) {
    this.#options = options;
    this.#aheadMs = options.clock.nowMs() - options.clock.monotonicMs();
  }

  /** Gives a request to the coordinator; resolves with the response of its token. */
  ask<R>(submit: (token: number, nowMs: number) => void): Promise<R> {
    const token = ++this.#lastToken;
    return new Promise((resolve) => {
      this.#waiting.set(token, resolve as (response: never) => void);
      this.tell((nowMs) => submit(token, nowMs));
    });
  }

  /** Resolves what `ask` promised, for effects that are answers but no responses. */
  answer(token: number, response: unknown): void {
    const resolve = this.#waiting.get(token);
    this.#waiting.delete(token);
    resolve?.(response as never);
  }

  /** Gives any other input to the coordinator. */
  tell(input: (nowMs: number) => void): void {
    input(this.#now());
    this.#drain();
  }

  /** This broker leads a partition of the coordinator's topic. */
  onElected(partition: number, leaderEpoch: number): void {
    if (this.#isStopped) return;
    this.tell(() => this.#options.coordinator.onElected(partition, leaderEpoch));
  }

  /** It no longer does. */
  onResigned(partition: number, leaderEpoch: number | null): void {
    this.tell((nowMs) => this.#options.coordinator.onResigned(partition, leaderEpoch, nowMs));
  }

  /** Everything below `highWatermark` of a partition is committed. */
  onCommitted(partition: number, highWatermark: number): void {
    this.tell((nowMs) => this.#options.coordinator.onCommitted(partition, highWatermark, nowMs));
  }

  /** Answers everybody who waits and stops; who comes later is told so by the coordinator. */
  stop(): void {
    if (this.#isStopped) return;
    this.tell((nowMs) => this.#options.coordinator.shutdown(nowMs));
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** The wall clock, for what is written. Deadlines are of time that passes, so the coordinator is told when the clock was set. */
  #now(): number {
    const { clock, coordinator } = this.#options;
    const nowMs = clock.nowMs();
    const aheadMs = nowMs - clock.monotonicMs();
    const jumpMs = Math.round(aheadMs - this.#aheadMs);
    if (Math.abs(jumpMs) < MIN_JUMP_MS) return nowMs;
    this.#aheadMs = aheadMs;
    this.#timerDeadlineMs += jumpMs;
    coordinator.onClockJump(jumpMs);
    return nowMs;
  }

  /** Executes effects until there are none; inputs that arise meanwhile are handled by the same loop. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    const { coordinator } = this.#options;
    for (let effects = coordinator.takeEffects(); effects.length > 0; effects = coordinator.takeEffects()) {
      for (const effect of effects) this.#execute(effect);
    }
    this.#draining = false;
    this.#armTimer();
  }

  #execute(effect: RuntimeEffect | Response | E): void {
    if (isAppend(effect)) this.#append(effect);
    else if (isLoad(effect)) void this.#load(effect);
    else if (isResponse(effect)) this.answer(effect.token, effect.response);
    else this.#options.execute(effect as E);
  }

  #append(effect: AppendEffect | AppendMarkerEffect): void {
    const { coordinator, log } = this.#options;
    const { partition, leaderEpoch, appendId } = effect;
    const batch = effect.type === 'append' ? this.#batchOf(effect) : this.#markerOf(effect);
    const result = log.append(partition, leaderEpoch, batch);
    if ('nextOffset' in result) coordinator.onAppended(partition, appendId, result.nextOffset, this.#now());
    else coordinator.onAppendFailed(partition, appendId, result.errorCode as ErrorCode, this.#now());
  }

  #batchOf({ records, leaderEpoch, producer }: AppendEffect): AppendedBatch {
    const { compression } = this.#options;
    const options = { records, compression, partitionLeaderEpoch: leaderEpoch };
    if (producer === null) return { bytes: buildBatch(options) };
    const { producerId, producerEpoch, verificationGuard } = producer;
    const bytes = buildBatch({ ...options, producerId, producerEpoch, isTransactional: true });
    return verificationGuard === null
      ? { bytes }
      : { bytes, verificationGuard: verificationGuard as VerificationGuard };
  }

  #markerOf({ end, leaderEpoch }: AppendMarkerEffect): AppendedBatch {
    const { isCommit, producerId, producerEpoch, coordinatorEpoch, transactionVersion } = end;
    const bytes = buildEndTransactionMarkerBatch({
      type: isCommit ? ControlRecordType.COMMIT : ControlRecordType.ABORT,
      ...{ producerId, producerEpoch, coordinatorEpoch },
      timestamp: this.#now(),
      partitionLeaderEpoch: leaderEpoch,
    });
    return { bytes, transactionVersion };
  }

  async #load({ partition, load }: LoadEffect): Promise<void> {
    const { clock, log, logger, subject } = this.#options;
    const startedMs = clock.monotonicMs();
    try {
      const { highWatermark, logEndOffset } = await log.readAll(partition, (batch, committed) => {
        load.replay(batch, committed);
        return !load.isCancelled;
      });
      load.complete(highWatermark, logEndOffset, this.#now());
      const elapsedMs = Math.round(clock.monotonicMs() - startedMs);
      logger.debug({ partition, records: logEndOffset, elapsedMs }, `loaded ${subject}`);
    } catch (error) {
      logger.error({ partition, error: String(error) }, `cannot load ${subject}`);
      load.fail(this.#now());
    }
    this.#drain();
  }

  #armTimer(): void {
    const nowMs = this.#now();
    const deadlineMs = this.#options.coordinator.nextDeadlineMs();
    if (deadlineMs === null || deadlineMs >= this.#timerDeadlineMs) return;
    this.#timer?.cancel();
    this.#timerDeadlineMs = deadlineMs;
    this.#timer = this.#options.clock.after(Math.max(0, deadlineMs - nowMs), () => {
      this.#timerDeadlineMs = Number.POSITIVE_INFINITY;
      this.tell((nowMs) => this.#options.coordinator.onTimer(nowMs));
    });
  }
}

const isAppend = (effect: AnyEffect): effect is AppendEffect | AppendMarkerEffect =>
  effect.type === 'append' || effect.type === 'appendMarker';
const isLoad = (effect: AnyEffect): effect is LoadEffect => effect.type === 'load';
const isResponse = (effect: AnyEffect): effect is Response => effect.type === 'respond';
