/**
 * How long writers had to wait: the longest time without an acknowledgement, partition by partition, since a fault.
 */

/** The longest wait since the last mark. */
export interface Gap {
  readonly ms: number;
  readonly partition: number;
}

export class GapMeter {
  readonly #last = new Map<number, number>();
  readonly #longest = new Map<number, number>();
  #acknowledged = 0;

  /** Batches acknowledged so far. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** A batch of the partition is acknowledged. */
  onAcknowledged(partition: number, nowMs: number): void {
    this.#acknowledged++;
    const waited = nowMs - (this.#last.get(partition) ?? nowMs);
    if (waited > (this.#longest.get(partition) ?? 0)) this.#longest.set(partition, waited);
    this.#last.set(partition, nowMs);
  }

  /** Forgets what was before: a fault happens now. */
  mark(nowMs: number): void {
    for (const partition of this.#last.keys()) {
      this.#last.set(partition, nowMs);
      this.#longest.set(partition, 0);
    }
  }

  /** True when every partition has had an acknowledgement since `sinceMs`. */
  hasEveryPartitionSince(sinceMs: number): boolean {
    return [...this.#last.values()].every((lastMs) => lastMs > sinceMs);
  }

  /** The longest wait of any partition since the mark, those that still wait included. */
  longest(nowMs: number): Gap {
    let gap: Gap = { ms: 0, partition: -1 };
    for (const [partition, lastMs] of this.#last) {
      const ms = Math.max(this.#longest.get(partition) ?? 0, nowMs - lastMs);
      if (ms > gap.ms) gap = { ms, partition };
    }
    return gap;
  }
}
