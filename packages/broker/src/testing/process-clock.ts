/**
 * Time as one process among several sees it: it stands still while the process is paused, and ends with it.
 *
 * Timers that are due during a pause fire when it ends; after `kill` nothing fires any more, so that whatever the dead process waited for never goes on.
 */
import type { Clock, Timer } from '@skarab/base';

export class ProcessClock implements Clock {
  readonly #clock: Clock;
  /** What is due while the process is paused; undefined when it runs. */
  #held: (() => void)[] | undefined;
  #isDead = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, callback: () => void): Timer {
    let isCancelled = false;
    const timer = this.#clock.after(delayMs, () => this.#run(() => !isCancelled && callback()));
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  soon(callback: () => void): void {
    this.#clock.soon(() => this.#run(callback));
  }

  pause(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const callback of held) this.#run(callback);
  }

  kill(): void {
    this.#isDead = true;
    this.#held = undefined;
  }

  #run(callback: () => void): void {
    if (this.#isDead) return;
    if (this.#held !== undefined) this.#held.push(callback);
    else callback();
  }
}
