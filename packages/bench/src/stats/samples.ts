/**
 * Every sample of a run, kept: quantiles of latencies are exact and no bucket has to be chosen beforehand.
 *
 * Quantiles use the nearest-rank rule, so the answer always is a sample that occurred.
 */

const INITIAL_CAPACITY = 1 << 16;

export class Samples {
  #values = new Float64Array(INITIAL_CAPACITY);
  #count = 0;
  #isSorted = true;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#count++] = value;
    this.#isSorted = false;
  }

  /** The smallest sample that at least `quantile` of all samples do not exceed; NaN without samples. */
  at(quantile: number): number {
    if (this.#count === 0) return Number.NaN;
    if (!this.#isSorted) this.#values.subarray(0, this.#count).sort();
    this.#isSorted = true;
    const rank = Math.ceil(quantile * this.#count);
    return this.#values[Math.min(Math.max(rank, 1), this.#count) - 1]!;
  }
}
