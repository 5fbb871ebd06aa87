/**
 * Callers that wait until no replica has anything below an offset: DeleteRecords.
 *
 * Unlike acknowledgements they come in any order, and few at a time.
 */
import type { OffsetWaiter } from './offset-waits.ts';

interface Wait {
  readonly offset: number;
  readonly waiter: OffsetWaiter;
}

export class LowWatermarkWaits {
  readonly #waits = new Set<Wait>();

  get size(): number {
    return this.#waits.size;
  }

  /** Calls `waiter` once the low watermark is `offset` or above. Returns what takes the waiter back. */
  add(offset: number, waiter: OffsetWaiter): () => void {
    const wait = { offset, waiter };
    this.#waits.add(wait);
    return () => this.#waits.delete(wait);
  }

  /** The low watermark is here now. */
  reach(lowWatermark: number, errorCode: number): void {
    for (const wait of [...this.#waits]) {
      if (wait.offset > lowWatermark) continue;
      this.#waits.delete(wait);
      wait.waiter(errorCode);
    }
  }

  /** It will never be where anybody waits for it. */
  fail(errorCode: number): void {
    this.reach(Number.POSITIVE_INFINITY, errorCode);
  }
}
