/**
 * Operations that wait for something with a deadline: delayed produce and delayed fetch.
 *
 * Keeps deadlines only (a binary heap and one timer); what an operation waits for holds the operation itself. Completed ones are
 * dropped from the heap when they come up, or at once when they are more than half of it.
 * Source: kafka.server.DelayedOperationPurgatory.
 */
import type { Clock, Timer } from '@skarab/base';

/** One waiting operation. */
export class ParkedOperation {
  readonly deadlineMs: number;
  readonly #onExpired: () => void;
  readonly #purgatory: Purgatory;
  #isOver = false;

  constructor(purgatory: Purgatory, deadlineMs: number, onExpired: () => void) {
    this.#purgatory = purgatory;
    this.deadlineMs = deadlineMs;
    this.#onExpired = onExpired;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the wait; returns false when it had ended before. */
  complete(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#purgatory.onCompleted();
    return true;
  }

  /** For the purgatory: the deadline has passed. */
  expire(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onExpired();
  }
}

const LEAST_SIZE_TO_PURGE = 64;

export class Purgatory {
  readonly #clock: Clock;
  #heap: ParkedOperation[] = [];
  #completed = 0;
  #timer: Timer | undefined;
  #timerDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Operations that still wait. */
  get size(): number {
    return this.#heap.length - this.#completed;
  }

  /** Parks an operation for at most `waitMs`; `onExpired` is called unless it was completed before. */
  park(waitMs: number, onExpired: () => void): ParkedOperation {
    const operation = new ParkedOperation(this, this.#clock.monotonicMs() + waitMs, onExpired);
    this.#push(operation);
    this.#arm();
    return operation;
  }

  /** For operations: one was completed before its deadline. */
  onCompleted(): void {
    this.#completed++;
    if (this.#heap.length < LEAST_SIZE_TO_PURGE || this.#completed * 2 < this.#heap.length) return;
    const waiting = this.#heap.filter((operation) => !operation.isOver);
    this.#heap = [];
    this.#completed = 0;
    for (const operation of waiting) this.#push(operation);
  }

  /** Stops the timer; what is parked never expires. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const next = this.#heap[0];
    if (next === undefined || next.deadlineMs >= this.#timerDeadlineMs) return;
    this.#timer?.cancel();
    this.#timerDeadlineMs = next.deadlineMs;
    this.#timer = this.#clock.after(Math.max(0, next.deadlineMs - this.#clock.monotonicMs()), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#timerDeadlineMs = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonicMs();
    for (
      let next = this.#heap[0];
      next !== undefined && (next.isOver || next.deadlineMs <= now);
      next = this.#heap[0]
    ) {
      this.#pop();
      if (next.isOver) this.#completed--;
      else next.expire();
    }
    this.#arm();
  }

  #push(operation: ParkedOperation): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(operation);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.deadlineMs <= operation.deadlineMs) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = operation;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.deadlineMs < heap[child]!.deadlineMs) child++;
      if (heap[child]!.deadlineMs >= last.deadlineMs) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}
