/**
 * Those who wait until the log is committed up to some offset.
 */

interface Waiter {
  readonly offset: number;
  readonly resolve: (highWatermark: number) => void;
  readonly reject: (error: Error) => void;
}

/** Waiters by offset. */
export class CommitWaiters {
  #waiters: Waiter[] = [];
  #highWatermark = -1;
  #error: Error | null = null;

  /** Resolves with the high watermark when it has reached `offset`. Errors: rejects when the log fails. */
  wait(offset: number): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#error !== null) reject(this.#error);
      else if (this.#highWatermark >= offset) resolve(this.#highWatermark);
      else this.#waiters.push({ offset, resolve, reject });
    });
  }

  /** Everything before `highWatermark` is committed. */
  reach(highWatermark: number): void {
    this.#highWatermark = highWatermark;
    const isReached = (waiter: Waiter): boolean => waiter.offset <= highWatermark;
    const reached = this.#waiters.filter(isReached);
    this.#waiters = this.#waiters.filter((waiter) => !isReached(waiter));
    for (const { resolve } of reached) resolve(highWatermark);
  }

  /** Nothing more will be committed. */
  fail(error: Error): void {
    this.#error = error;
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }
}
