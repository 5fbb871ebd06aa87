/**
 * Callers that wait until an offset of one partition is reached: written (acks 1) or replicated (acks all).
 *
 * They come in the order of the offsets they wait for, so a queue is enough.
 */

/** Told that the offset was reached, or why it never will be. */
export type OffsetWaiter = (errorCode: number) => void;

export class OffsetWaits {
  #queue: { readonly offset: number; readonly waiter: OffsetWaiter }[] = [];

  get size(): number {
    return this.#queue.length;
  }

  /** Calls `waiter` once everything below `offset` is there. */
  add(offset: number, waiter: OffsetWaiter): void {
    this.#queue.push({ offset, waiter });
  }

  /** Everything below `offset` is there. */
  reach(offset: number, errorCode: number): void {
    let reached = 0;
    while (reached < this.#queue.length && this.#queue[reached]!.offset <= offset) reached++;
    if (reached === 0) return;
    for (const { waiter } of this.#queue.splice(0, reached)) waiter(errorCode);
  }

  /** Nobody's offset will be reached. */
  fail(errorCode: number): void {
    const failed = this.#queue;
    this.#queue = [];
    for (const { waiter } of failed) waiter(errorCode);
  }
}
