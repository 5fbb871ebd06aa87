/**
 * A guess at what of the logs is in the page cache: what this process wrote last, as far as memory goes.
 *
 * Reads of it do not wait for the device and may be done at once; others should not hold up the event loop.
 */

/** Half of a gigabyte, for processes that do not say how much memory there is. */
const DEFAULT_CAPACITY = 512 * 1024 * 1024;

export class RecentWrites {
  readonly #capacity: number;
  #total = 0;

  /** `capacity`: how many written bytes the platform probably keeps in memory. */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Bytes written so far; a point in time for `isRecent`. */
  get total(): number {
    return this.#total;
  }

  note(size: number): void {
    this.#total += size;
  }

  /** Whether bytes that were written at `total` or later are probably still in memory. */
  isRecent(total: number): boolean {
    return this.#total - total <= this.#capacity;
  }
}
