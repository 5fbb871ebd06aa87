/**
 * How long writers had to wait: the longest time without an acknowledgement, partition by partition, since a fault.
 */

/** The longest wait since the last mark. */
export interface Gap {
  readonly ms: number;
  readonly partition: number;
  /** When the last acknowledgement before it came. */
  readonly sinceMs: number;
}

export class GapMeter {
  readonly #last = new Map<number, number>();
  readonly #longest = new Map<number, Gap>();

  /** Something of the partition is acknowledged. */
  onAcknowledged(partition: number, nowMs: number): void {
    const sinceMs = this.#last.get(partition) ?? nowMs;
    const ms = nowMs - sinceMs;
    if (ms > (this.#longest.get(partition)?.ms ?? 0)) this.#longest.set(partition, { ms, partition, sinceMs });
    this.#last.set(partition, nowMs);
  }

  /** Forgets what was before: a fault happens now. */
  mark(nowMs: number): void {
    this.#longest.clear();
    for (const partition of this.#last.keys()) this.#last.set(partition, nowMs);
  }

  /** The longest wait of any partition since the mark, those that still wait included. */
  longest(nowMs: number): Gap {
    const open = [...this.#last].map(([partition, sinceMs]): Gap => ({ ms: nowMs - sinceMs, partition, sinceMs }));
    const none: Gap = { ms: 0, partition: -1, sinceMs: nowMs };
    return [...this.#longest.values(), ...open].reduce((longest, gap) => (gap.ms > longest.ms ? gap : longest), none);
  }
}
