/**
 * How long a new connection has to wait for connections not to come faster than `max.connection.creation.rate`.
 *
 * The rate is taken over the last `quota.window.num` windows of `quota.window.size.seconds`, the current one among them, as Kafka's Rate
 * does; a wait is as long as the excess takes to average out, a window at most. Pure. Source: kafka.network.ConnectionQuotas, QuotaUtils.
 */
export class ConnectionRate {
  readonly #limitPerSecond: () => number;
  readonly #windowCount: number;
  readonly #windowMs: number;
  /** Connections by window, the oldest first. */
  #windows: { readonly startMs: number; count: number }[] = [];

  constructor(limitPerSecond: () => number, windowCount: number, windowMs: number) {
    this.#limitPerSecond = limitPerSecond;
    this.#windowCount = windowCount;
    this.#windowMs = windowMs;
  }

  /** Counts a connection; returns for how many milliseconds it has to wait. */
  record(nowMs: number): number {
    const oldestMs = nowMs - this.#windowCount * this.#windowMs;
    this.#windows = this.#windows.filter(({ startMs }) => startMs > oldestMs);
    let current = this.#windows.at(-1);
    if (current === undefined || nowMs >= current.startMs + this.#windowMs) {
      current = { startMs: nowMs, count: 0 };
      this.#windows.push(current);
    }
    current.count++;
    const limit = this.#limitPerSecond();
    const excess = (this.#perSecond(nowMs) - limit) / limit;
    return excess <= 0 ? 0 : Math.min(Math.round(excess * this.#spanMs(nowMs)), this.#windowMs);
  }

  #perSecond(nowMs: number): number {
    const total = this.#windows.reduce((sum, { count }) => sum + count, 0);
    return (total * 1000) / this.#spanMs(nowMs);
  }

  /** The time that the windows stand for: never less than all but the current one, so that a first burst is not a high rate. */
  #spanMs(nowMs: number): number {
    const elapsedMs = nowMs - (this.#windows[0]?.startMs ?? nowMs);
    const missing = Math.max(0, this.#windowCount - 1 - Math.floor(elapsedMs / this.#windowMs));
    return Math.max(1, elapsedMs + missing * this.#windowMs);
  }
}
