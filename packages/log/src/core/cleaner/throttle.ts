/**
 * Keeps the input and output of a cleaning below a rate, on average: tells how long to wait.
 *
 * Source: org.apache.kafka.storage.internals.utils.Throttler.
 */
const CHECK_INTERVAL_MS = 300;

export class Throttle {
  readonly #bytesPerSecond: number;
  #periodStartMs: number;
  #bytes = 0;

  constructor(bytesPerSecond: number, nowMs: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#periodStartMs = nowMs;
  }

  /** So many bytes were read or written; returns how many milliseconds to wait; `onWaited` is to be called after that. */
  observe(bytes: number, nowMs: number): number {
    this.#bytes += bytes;
    const elapsedMs = nowMs - this.#periodStartMs;
    if (elapsedMs <= CHECK_INTERVAL_MS || this.#bytes === 0) return 0;
    const waitMs = Math.round((1000 * this.#bytes) / this.#bytesPerSecond - elapsedMs);
    if (waitMs <= 0) this.onWaited(nowMs);
    return Math.max(0, waitMs);
  }

  /** A new period begins. */
  onWaited(nowMs: number): void {
    this.#periodStartMs = nowMs;
    this.#bytes = 0;
  }
}
