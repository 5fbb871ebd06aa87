/**
 * Which logs are being cleaned, and which must not be.
 *
 * ```
 *  (nothing) ── start ─► running ── finish ─► (nothing)
 *      │                    │ cancel: may change the log no more, and ends soon
 *      └─ pause ─► paused n times ─ resume n times ─► (nothing)        a log can be both, until what was cancelled has ended
 * ```
 * Source: org.apache.kafka.storage.internals.log.LogCleanerManager and LogCleaningState.
 */
import { assert } from '@skarab/base';

interface State {
  /** Ends the cleaning under way; null without one. */
  cancel: (() => void) | null;
  isCancelled: boolean;
  pauseCount: number;
  readonly waiters: (() => void)[];
}

export class CleaningStates {
  readonly #states = new Map<string, State>();

  /** How many logs are being cleaned. */
  get runningCount(): number {
    let count = 0;
    for (const state of this.#states.values()) if (state.cancel !== null) count++;
    return count;
  }

  /** Whether a log is neither being cleaned nor paused. */
  isFree(log: string): boolean {
    return !this.#states.has(log);
  }

  isRunning(log: string): boolean {
    return (this.#states.get(log)?.cancel ?? null) !== null;
  }

  /** Cleaning of a free log begins; `cancel` is called when it must end. */
  start(log: string, cancel: () => void): void {
    assert(this.isFree(log), `${log} is being cleaned or paused`);
    this.#states.set(log, { cancel, isCancelled: false, pauseCount: 0, waiters: [] });
  }

  /** Cleaning has ended. */
  finish(log: string): void {
    const state = this.#states.get(log);
    assert(state !== undefined && state.cancel !== null, `${log} is not being cleaned`);
    state.cancel = null;
    this.#forgetFree(log, state);
    for (const resolve of state.waiters.splice(0)) resolve();
  }

  /** Whether the cleaning under way was cancelled. */
  isCancelled(log: string): boolean {
    return this.#states.get(log)?.isCancelled === true;
  }

  /** The cleaning under way, if there is one, must not change the log from now on. */
  cancel(log: string): void {
    const state = this.#states.get(log);
    if (state === undefined || state.cancel === null || state.isCancelled) return;
    state.isCancelled = true;
    state.cancel();
  }

  cancelAll(): void {
    for (const log of this.#states.keys()) this.cancel(log);
  }

  /** As `cancel`, and no other cleaning begins until `resume` was called as often. */
  pause(log: string): void {
    let state = this.#states.get(log);
    if (state === undefined) {
      state = { cancel: null, isCancelled: false, pauseCount: 0, waiters: [] };
      this.#states.set(log, state);
    }
    state.pauseCount++;
    this.cancel(log);
  }

  resume(log: string): void {
    const state = this.#states.get(log);
    assert(state !== undefined && state.pauseCount > 0, `cleaning of ${log} is not paused`);
    state.pauseCount--;
    this.#forgetFree(log, state);
  }

  /** Calls back once nothing is under way: then nobody reads or writes in the log's folder for it. */
  whenIdle(log: string, callback: () => void): void {
    const state = this.#states.get(log);
    if (state === undefined || state.cancel === null) callback();
    else state.waiters.push(callback);
  }

  #forgetFree(log: string, state: State): void {
    if (state.cancel === null && state.pauseCount === 0) this.#states.delete(log);
  }
}
