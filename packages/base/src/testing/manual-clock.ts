/**
 * A clock that stands still until it is told to move; timers fire in the order of their time while it moves.
 */
import type { Clock, Timer } from '../clock.ts';

interface Pending {
  readonly atMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  #elapsedMs = 0;
  readonly #startMs: number;
  #sequence = 0;
  #timers: Pending[] = [];
  #soon: (() => void)[] = [];

  /** `startMs` is the wall time at the start. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + Math.floor(this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { atMs: this.#elapsedMs + Math.max(0, delayMs), sequence: this.#sequence++, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** Runs what was asked for `soon`, including what that asks for. */
  runSoon(): void {
    for (let next = this.#soon.shift(); next !== undefined; next = this.#soon.shift()) next();
  }

  /** Moves the time, firing what is due on the way. */
  advance(byMs: number): void {
    const end = this.#elapsedMs + byMs;
    this.runSoon();
    for (let next = this.#earliest(end); next !== undefined; next = this.#earliest(end)) {
      const due = next;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#elapsedMs = due.atMs;
      due.callback();
      this.runSoon();
    }
    this.#elapsedMs = end;
  }

  #earliest(endMs: number): Pending | undefined {
    let earliest: Pending | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs > endMs) continue;
      const isEarlier =
        earliest === undefined ||
        timer.atMs < earliest.atMs ||
        (timer.atMs === earliest.atMs && timer.sequence < earliest.sequence);
      if (isEarlier) earliest = timer;
    }
    return earliest;
  }
}
