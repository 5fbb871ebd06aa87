/**
 * The time of a simulation: it stands still until the next timer is run, and then it is that timer's time.
 *
 * Timers of the same time run in the order in which they were asked for. A heap, because whole clusters have thousands of them.
 */
import type { Clock, Timer } from '@skarab/base';

interface Pending {
  readonly atMs: number;
  readonly sequence: number;
  callback: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  readonly #startMs: number;
  readonly #heap: Pending[] = [];
  #soon: (() => void)[] = [];
  #elapsedMs = 0;
  #sequence = 0;

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
    const timer: Pending = { atMs: this.#elapsedMs + Math.max(0, delayMs), sequence: this.#sequence++, callback };
    this.#push(timer);
    return {
      cancel: () => {
        timer.callback = undefined;
      },
    };
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  get hasSoon(): boolean {
    return this.#soon.length > 0;
  }

  /** Runs what was asked for `soon` until now. */
  runSoon(): void {
    const due = this.#soon;
    this.#soon = [];
    for (const callback of due) callback();
  }

  /** Moves on to the next timer and runs it. Errors: Error when there is none, which is a deadlock. */
  runNext(): void {
    for (let next = this.#pop(); next !== undefined; next = this.#pop()) {
      if (next.callback === undefined) continue;
      this.#elapsedMs = next.atMs;
      next.callback();
      return;
    }
    throw new Error('nothing will ever happen again: no timer is left');
  }

  #push(timer: Pending): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): Pending | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
