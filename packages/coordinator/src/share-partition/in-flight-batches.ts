/**
 * The batches in flight, in the order of their offsets; they do not overlap.
 *
 * A sorted array: batches come at the end and go at the beginning, and there are never more of them than locks are allowed.
 * Stands in for java.util.NavigableMap.
 */
import type { InFlightBatch } from './in-flight-batch.ts';

/** Batches by first offset. */
export class InFlightBatches {
  #batches: InFlightBatch[] = [];

  get size(): number {
    return this.#batches.length;
  }

  get first(): InFlightBatch | undefined {
    return this.#batches[0];
  }

  get last(): InFlightBatch | undefined {
    return this.#batches.at(-1);
  }

  [Symbol.iterator](): ArrayIterator<InFlightBatch> {
    return this.#batches[Symbol.iterator]();
  }

  /** The batch with the greatest first offset not above `offset`. */
  floor(offset: number): InFlightBatch | undefined {
    return this.#batches[this.#indexAfter(offset) - 1];
  }

  /** The batch before the one that begins at `firstOffset`. */
  lower(firstOffset: number): InFlightBatch | undefined {
    return this.#batches[this.#indexAfter(firstOffset - 1) - 1];
  }

  /** The batch with the least first offset above `offset`. */
  higher(offset: number): InFlightBatch | undefined {
    return this.#batches[this.#indexAfter(offset)];
  }

  /** The batches that begin between two offsets, both included: a copy. */
  range(from: number, to: number): InFlightBatch[] {
    return this.#batches.slice(this.#indexAfter(from - 1), this.#indexAfter(to));
  }

  /** In place of one that begins at the same offset. */
  put(batch: InFlightBatch): void {
    const index = this.#indexAfter(batch.firstOffset);
    if (this.#batches[index - 1]?.firstOffset === batch.firstOffset) this.#batches[index - 1] = batch;
    else this.#batches.splice(index, 0, batch);
  }

  /** Removes those that begin up to `offset`. */
  removeTo(offset: number): void {
    this.#batches.splice(0, this.#indexAfter(offset));
  }

  clear(): void {
    this.#batches = [];
  }

  /** How many batches begin at or below `offset`. */
  #indexAfter(offset: number): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#batches[middle]!.firstOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
