/**
 * Callers that wait until an offset of one partition is reached: written (acks 1) or replicated (acks all).
 *
 * They come in the order of the offsets they wait for, so a queue is enough. Who gives up leaves an empty place, and empty places are removed
 * when they are more than half of the queue: it never holds more than twice those that wait, however long an offset is not reached.
 */

/** Told that the offset was reached, or why it never will be. */
export type OffsetWaiter = (errorCode: number) => void;

interface Place {
  readonly offset: number;
  /** Undefined when whoever waited has given up. */
  waiter: OffsetWaiter | undefined;
}

const LEAST_SIZE_TO_PURGE = 64;

export class OffsetWaits {
  #queue: Place[] = [];
  #empty = 0;

  /** How many wait. */
  get size(): number {
    return this.#queue.length - this.#empty;
  }

  /** Places in the queue, empty ones included. */
  get length(): number {
    return this.#queue.length;
  }

  /** Calls `waiter` once everything below `offset` is there. Returns what takes the waiter back. */
  add(offset: number, waiter: OffsetWaiter): () => void {
    const place: Place = { offset, waiter };
    this.#queue.push(place);
    return () => this.#leave(place);
  }

  /** Everything below `offset` is there. */
  reach(offset: number, errorCode: number): void {
    let reached = 0;
    while (reached < this.#queue.length && this.#queue[reached]!.offset <= offset) reached++;
    if (reached > 0) this.#answer(this.#queue.splice(0, reached), errorCode);
  }

  /** Nobody's offset will be reached. */
  fail(errorCode: number): void {
    const failed = this.#queue;
    this.#queue = [];
    this.#answer(failed, errorCode);
  }

  #answer(places: readonly Place[], errorCode: number): void {
    // All are out of the queue before the first is told, who may wait again or make others give up.
    const waiters: OffsetWaiter[] = [];
    for (const place of places) {
      if (place.waiter === undefined) this.#empty--;
      else waiters.push(place.waiter);
      place.waiter = undefined;
    }
    for (const waiter of waiters) waiter(errorCode);
  }

  #leave(place: Place): void {
    if (place.waiter === undefined) return;
    place.waiter = undefined;
    this.#empty++;
    if (this.#queue.length < LEAST_SIZE_TO_PURGE || this.#empty * 2 <= this.#queue.length) return;
    this.#queue = this.#queue.filter(({ waiter }) => waiter !== undefined);
    this.#empty = 0;
  }
}
