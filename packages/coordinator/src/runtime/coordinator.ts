/**
 * What every coordinator is to its host: told what happens to its partitions and that time passes, asked for the effects of that.
 *
 * Coordinators (groups, transactions, share state) add their requests to it. Shape: decider and replayer.
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService and its siblings.
 */
import type { ErrorCode } from '@skarab/protocol';
import type { CoordinatorRuntime } from './coordinator-runtime.ts';
import type { CoordinatorShard } from './coordinator-shard.ts';
import type { RuntimeEffect } from './effects.ts';

/** A coordinator with the state machine `S`, its record `U` and, beside the runtime's, effects `E`. */
export abstract class Coordinator<S extends CoordinatorShard<U>, U, E> {
  protected abstract readonly runtime: CoordinatorRuntime<S, U>;
  #effects: (E | RuntimeEffect)[] = [];
  #isShutDown = false;

  /** Requests are not taken any more. */
  protected get isShutDown(): boolean {
    return this.#isShutDown;
  }

  protected emit(effect: E | RuntimeEffect): void {
    this.#effects.push(effect);
  }

  /** This broker leads a partition of the coordinator's topic as of `leaderEpoch`: a 'load' effect follows. */
  onElected(partition: number, leaderEpoch: number): void {
    this.runtime.onElected(partition, leaderEpoch);
  }

  /** It no longer does as of `leaderEpoch`, or at all (null); what waits is answered NOT_COORDINATOR. */
  onResigned(partition: number, leaderEpoch: number | null, nowMs: number): void {
    this.runtime.onResigned(partition, leaderEpoch, nowMs);
  }

  /** The batch of an 'append' effect is in the log; `nextOffset` follows its last record. */
  onAppended(partition: number, appendId: number, nextOffset: number, nowMs: number): void {
    this.runtime.onAppended(partition, appendId, nextOffset, nowMs);
  }

  /** The batch of an 'append' effect is not in the log and never will be. */
  onAppendFailed(partition: number, appendId: number, error: ErrorCode, nowMs: number): void {
    this.runtime.onAppendFailed(partition, appendId, error, nowMs);
  }

  /** Every offset below `highWatermark` is committed. */
  onCommitted(partition: number, highWatermark: number, nowMs: number): void {
    this.runtime.onCommitted(partition, highWatermark, nowMs);
  }

  /** The time has come that `nextDeadlineMs` named. */
  onTimer(nowMs: number): void {
    this.runtime.onTimer(nowMs);
  }

  /** The wall clock was set, and `nowMs` is so much more (or less) from now on than the time that has passed: what waits for a time to pass waits no longer or shorter. */
  onClockJump(byMs: number): void {
    this.runtime.onClockJump(byMs);
  }

  /** When `onTimer` wants to be called next, or null. */
  nextDeadlineMs(): number | null {
    return this.runtime.nextDeadlineMs();
  }

  /** Answers everything that waits; requests after this are told COORDINATOR_NOT_AVAILABLE. */
  shutdown(nowMs: number): void {
    this.#isShutDown = true;
    for (const partition of this.runtime.partitions()) this.runtime.onResigned(partition, null, nowMs);
  }

  /** What the host must do now, in order. */
  takeEffects(): (E | RuntimeEffect)[] {
    this.runtime.flush();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
