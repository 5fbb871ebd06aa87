/**
 * A binary heap that decides between equals as `java.util.PriorityQueue` does: which of two members with the same load gets the next task.
 */
export class PriorityQueue<T> {
  readonly #heap: T[] = [];
  readonly #keyOf: (item: T) => number;

  constructor(keyOf: (item: T) => number) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(item: T): void {
    const key = this.#keyOf(item);
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = this.#heap[parent]!;
      if (key >= this.#keyOf(above)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = item;
  }

  /** Takes the least item out; undefined when there is none. */
  poll(): T | undefined {
    const least = this.#heap[0];
    const last = this.#heap.pop();
    const size = this.#heap.length;
    if (size === 0 || last === undefined) return least;
    const key = this.#keyOf(last);
    let at = 0;
    while (at < size >>> 1) {
      let child = 2 * at + 1;
      if (child + 1 < size && this.#keyOf(this.#heap[child]!) > this.#keyOf(this.#heap[child + 1]!)) child++;
      if (key <= this.#keyOf(this.#heap[child]!)) break;
      this.#heap[at] = this.#heap[child]!;
      at = child;
    }
    this.#heap[at] = last;
    return least;
  }
}
