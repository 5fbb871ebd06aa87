/**
 * Feeds the core: one input after the other, each followed by its effects, and a tick when it is time.
 *
 *     submit ─▶ [inbox] ─▶ core.step ─▶ [effects] ─▶ execute ─▶ next input …
 *
 * An effect that waits for the device holds up everything behind it, inputs included, so that the core never sees a log that does not yet
 * look as it said. What carrying out brings about (`appended`) goes in at once.
 */
import { assert, type Clock, type Timer } from '@skarab/base';
import type { RaftCore } from '../core/raft-core.ts';
import type { RaftEffect } from '../core/raft-effect.ts';
import type { RaftInput } from '../core/raft-input.ts';

/** Ticks in a row after which a core that never comes to rest is stopped. */
const MAX_TICKS = 1000;

/** Runs a core. */
export class CoreRunner {
  readonly #core: RaftCore;
  readonly #clock: Clock;
  readonly #execute: (effect: RaftEffect) => Promise<void> | null;
  readonly #onError: (error: Error) => void;
  readonly #epochStartMs: number;
  readonly #inbox: RaftInput[] = [];
  #effects: RaftEffect[] = [];
  #isStarted = false;
  #isStopped = false;
  #isRunning = false;
  #isWaiting = false;
  #timer: { readonly timer: Timer | null; readonly atMs: number } | null = null;

  /** `execute` returns a promise for an effect that takes its time. `onError` is called once, and nothing is done after it. */
  constructor(
    core: RaftCore,
    clock: Clock,
    execute: (effect: RaftEffect) => Promise<void> | null,
    onError: (error: Error) => void,
  ) {
    this.#core = core;
    this.#clock = clock;
    this.#execute = execute;
    this.#onError = onError;
    this.#epochStartMs = clock.nowMs() - clock.monotonicMs();
  }

  /** The time as the core sees it: like the wall's, but it never goes back. */
  nowMs(): number {
    return Math.floor(this.#epochStartMs + this.#clock.monotonicMs());
  }

  /** True while an effect waits for the device. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** What was submitted so far comes after this. */
  start(input: RaftInput): void {
    this.#inbox.unshift(input);
    this.#isStarted = true;
    this.#run();
  }

  /** Takes in what happened, in its turn. */
  submit(input: RaftInput): void {
    if (this.#isStopped) return;
    this.#inbox.push(input);
    this.#run();
  }

  /** Takes in what carrying out an effect, or an append from above, has brought about. */
  stepNow(input: RaftInput): void {
    if (!this.#isStopped) this.#effects.push(...this.#core.step(input, this.nowMs()));
  }

  /** Carries out effects that came about without an input. */
  carryOut(effects: readonly RaftEffect[]): void {
    this.#effects.push(...effects);
    this.#run();
  }

  /** Carries out what an append from above has brought about, soon: others of the same turn may follow. */
  runSoon(): void {
    this.#armTimer();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.timer?.cancel();
    this.#inbox.length = 0;
    this.#effects = [];
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      let ticks = 0;
      while (this.#isStarted && !this.#isWaiting && !this.#isStopped) {
        const effect = this.#effects.shift();
        if (effect !== undefined) {
          this.#carryOutOne(effect);
          continue;
        }
        const input = this.#inbox.shift();
        if (input === undefined) {
          if (this.#core.nextDeadlineMs() > this.nowMs()) break;
          ticks++;
          assert(ticks < MAX_TICKS, 'the raft core does not come to rest');
        }
        this.stepNow(input ?? { kind: 'tick' });
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
    this.#armTimer();
  }

  #carryOutOne(effect: RaftEffect): void {
    const done = this.#execute(effect);
    if (done === null) return;
    this.#isWaiting = true;
    done.then(
      () => {
        this.#isWaiting = false;
        this.#run();
      },
      (error) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.stop();
    this.#onError(error instanceof Error ? error : new Error(String(error)));
  }

  /** A timer that fires early does no harm, so that only an earlier time needs a new one. */
  #armTimer(): void {
    if (!this.#isStarted || this.#isWaiting || this.#isStopped) return;
    const nowMs = this.nowMs();
    const atMs = this.#effects.length > 0 || this.#inbox.length > 0 ? nowMs : this.#core.nextDeadlineMs();
    if (atMs === Number.POSITIVE_INFINITY || (this.#timer !== null && this.#timer.atMs <= atMs)) return;
    this.#timer?.timer?.cancel();
    const onTime = (): void => {
      if (this.#timer !== armed) return;
      this.#timer = null;
      this.#run();
    };
    const timer = atMs <= nowMs ? null : this.#clock.after(atMs - nowMs, onTime);
    const armed = { timer, atMs };
    this.#timer = armed;
    if (timer === null) this.#clock.soon(onTime);
  }
}
