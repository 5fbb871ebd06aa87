/**
 * Time as one node sees it: it stops with the process, ends with it, and its wall clock may be wrong.
 */
import type { Clock, Timer } from '@skarab/base';
import { ProcessClock } from '@skarab/broker/testing';

export class NodeClock implements Clock {
  readonly #process: ProcessClock;
  readonly #wallOffsetMs: () => number;

  /** `wallOffsetMs` is how far the machine's wall clock is ahead. */
  constructor(clock: Clock, wallOffsetMs: () => number) {
    this.#process = new ProcessClock(clock);
    this.#wallOffsetMs = wallOffsetMs;
  }

  nowMs(): number {
    return this.#process.nowMs() + this.#wallOffsetMs();
  }

  monotonicMs(): number {
    return this.#process.monotonicMs();
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#process.after(delayMs, callback);
  }

  soon(callback: () => void): void {
    this.#process.soon(callback);
  }

  pause(): void {
    this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  kill(): void {
    this.#process.kill();
  }
}
