/** A throttle time is an int32 in responses. */
const LONGEST_DEBT_MS = 2 ** 31 - 1;

/**
 * Permits that come at a rate, are kept up to a burst, and may be overdrawn. It is full at first.
 *
 * Pure. Source: org.apache.kafka.common.metrics.stats.TokenBucket; KIP-599.
 */
export class TokenBucket {
  readonly #burstSeconds: number;
  #tokens = Number.POSITIVE_INFINITY;
  #updatedMs = 0;

  /** `burstSeconds`: for how long permits are kept. */
  constructor(burstSeconds: number) {
    this.#burstSeconds = burstSeconds;
  }

  /** For how many milliseconds permits have to come until nothing is overdrawn. */
  debtMs(ratePerSecond: number, nowMs: number): number {
    this.#refill(ratePerSecond, nowMs);
    if (this.#tokens >= 0) return 0;
    return Math.min(Math.round((-this.#tokens / ratePerSecond) * 1000), LONGEST_DEBT_MS);
  }

  take(count: number, ratePerSecond: number, nowMs: number): void {
    this.#refill(ratePerSecond, nowMs);
    this.#tokens -= count;
  }

  /** True when it is as full as a new one. */
  isFull(ratePerSecond: number, nowMs: number): boolean {
    this.#refill(ratePerSecond, nowMs);
    return this.#tokens >= ratePerSecond * this.#burstSeconds;
  }

  #refill(ratePerSecond: number, nowMs: number): void {
    const earned = (ratePerSecond * Math.max(0, nowMs - this.#updatedMs)) / 1000;
    this.#tokens = Math.min(ratePerSecond * this.#burstSeconds, this.#tokens + earned);
    this.#updatedMs = nowMs;
  }
}
