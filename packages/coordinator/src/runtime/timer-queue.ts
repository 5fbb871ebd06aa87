/**
 * Named deadlines of one shard: a key has at most one timer, scheduling it again replaces it.
 *
 * A binary heap of deadlines. Moving a timer later (every heartbeat does) only notes the new deadline; the heap entry is corrected when it comes
 * to the top, so a reschedule is O(1) and the heap holds one live entry per key. Ties fire in the order they were scheduled.
 */

interface Entry<T> {
  readonly key: string;
  task: T;
  deadlineMs: number;
  /** Order among equal deadlines. */
  sequence: number;
  /** Where the heap has it: never after (deadlineMs, sequence). */
  heapDeadlineMs: number;
  heapSequence: number;
  isCancelled: boolean;
}

/** A timer that is due. */
export interface DueTimer<T> {
  readonly key: string;
  readonly task: T;
}

/** Timers by key. `T` is what a timer does. */
export class TimerQueue<T> {
  readonly #byKey = new Map<string, Entry<T>>();
  readonly #heap: Entry<T>[] = [];
  #sequence = 0;

  get size(): number {
    return this.#byKey.size;
  }

  isScheduled(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Schedules `task` under `key`, in place of the one that was there. */
  schedule(key: string, deadlineMs: number, task: T): void {
    const sequence = this.#sequence++;
    const entry = this.#byKey.get(key);
    if (entry !== undefined && deadlineMs >= entry.heapDeadlineMs) {
      entry.task = task;
      entry.deadlineMs = deadlineMs;
      entry.sequence = sequence;
      return;
    }
    this.cancel(key);
    const fresh = {
      key,
      task,
      deadlineMs,
      sequence,
      heapDeadlineMs: deadlineMs,
      heapSequence: sequence,
      isCancelled: false,
    };
    this.#byKey.set(key, fresh);
    this.#push(fresh);
  }

  cancel(key: string): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    entry.isCancelled = true;
    this.#byKey.delete(key);
    if (this.#heap.length > 2 * this.#byKey.size + 16) this.#compact();
  }

  clear(): void {
    this.#byKey.clear();
    this.#heap.length = 0;
  }

  /** All deadlines are so much later, or earlier: their order stays. */
  shift(byMs: number): void {
    for (const entry of this.#heap) {
      entry.deadlineMs += byMs;
      entry.heapDeadlineMs += byMs;
    }
  }

  nextDeadlineMs(): number | null {
    return this.#settleTop()?.deadlineMs ?? null;
  }

  /** Removes and returns one timer that is due, or null. */
  takeDue(nowMs: number): DueTimer<T> | null {
    const top = this.#settleTop();
    if (top === undefined || top.deadlineMs > nowMs) return null;
    this.#pop();
    this.#byKey.delete(top.key);
    return top;
  }

  /** Brings the earliest live entry to the top with its true deadline. */
  #settleTop(): Entry<T> | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return undefined;
      if (top.isCancelled) this.#pop();
      else if (top.heapSequence === top.sequence) return top;
      else {
        this.#pop();
        top.heapDeadlineMs = top.deadlineMs;
        top.heapSequence = top.sequence;
        this.#push(top);
      }
    }
  }

  #compact(): void {
    const live = this.#heap.filter((entry) => !entry.isCancelled);
    this.#heap.length = 0;
    for (const entry of live) this.#push(entry);
  }

  #push(entry: Entry<T>): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
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

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.heapDeadlineMs !== b.heapDeadlineMs ? a.heapDeadlineMs < b.heapDeadlineMs : a.heapSequence < b.heapSequence;
}
