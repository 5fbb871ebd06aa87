/**
 * How long a new connection has to wait for connections not to come faster than `max.connection.creation.rate`.
 *
 * The rate is taken over the last `quota.window.num` windows of `quota.window.size.seconds`; a wait is as long as the excess takes to average out, a
 * window at most. Pure. Source: kafka.network.ConnectionQuotas, QuotaUtils.
 */
import { type RateWindows, SampledRate } from './sampled-rate.ts';

export class ConnectionRate {
  readonly #limitPerSecond: () => number;
  readonly #windows: RateWindows;
  readonly #rate: SampledRate;

  constructor(limitPerSecond: () => number, windows: RateWindows) {
    this.#limitPerSecond = limitPerSecond;
    this.#windows = windows;
    this.#rate = new SampledRate(windows);
  }

  /** Counts a connection; returns for how many milliseconds it has to wait. */
  record(nowMs: number): number {
    this.#rate.record(1, nowMs);
    return Math.min(this.#rate.excessMs(this.#limitPerSecond(), nowMs), this.#windows.sizeMs);
  }

  /** Whether no connection is remembered. */
  isIdle(nowMs: number): boolean {
    return this.#rate.isIdle(nowMs);
  }

  /** Does not count the last connection after all. */
  takeBack(nowMs: number): void {
    this.#rate.record(-1, nowMs);
  }
}
