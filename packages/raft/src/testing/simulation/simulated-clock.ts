/**
 * Time that passes from event to event, for all nodes of a simulation; each process has a clock of its own that dies with it.
 */
import type { Clock, Timer } from '@skarab/base';

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** Wall time at the start. */
const START_MS = 1_700_000_000_000;

/** The events to come, in a binary heap by time, then by their order of asking. */
export class SimulatedTime {
  #nowMs = 0;
  #sequence = 0;
  readonly #heap: Event[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, callback: () => void): void {
    const event = { atMs: Math.max(atMs, this.#nowMs), sequence: this.#sequence++, callback };
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = event;
  }

  after(delayMs: number, callback: () => void): void {
    this.at(this.#nowMs + delayMs, callback);
  }

  /** Lets the next event happen, if there is one not after `untilMs`. */
  step(untilMs: number): boolean {
    const next = this.#heap[0];
    if (next === undefined || next.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#removeFirst();
    this.#nowMs = next.atMs;
    next.callback();
    return true;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

/** The clock of one process. */
export class ProcessClock implements Clock {
  readonly #time: SimulatedTime;
  #isDead = false;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  nowMs(): number {
    return START_MS + Math.floor(this.#time.nowMs);
  }

  monotonicMs(): number {
    return this.#time.nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    let isCancelled = false;
    this.#time.after(delayMs, () => {
      if (!isCancelled && !this.#isDead) callback();
    });
    return {
      cancel: () => {
        isCancelled = true;
      },
    };
  }

  soon(callback: () => void): void {
    this.after(0, callback);
  }

  /** Nothing that was asked for happens any more. */
  die(): void {
    this.#isDead = true;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
