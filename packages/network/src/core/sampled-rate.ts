/**
 * A rate over the last windows of time, the current one among them.
 *
 * What is older than all windows is forgotten. The rate is never taken over less than all windows but the current one, so that a first burst is not a
 * high rate. Pure. Source: org.apache.kafka.common.metrics.stats.Rate, SampledStat; org.apache.kafka.server.quota.QuotaUtils.
 */

/** Over which time rates are taken. */
export interface RateWindows {
  readonly count: number;
  readonly sizeMs: number;
}

interface Sample {
  readonly startMs: number;
  lastMs: number;
  total: number;
}

export class SampledRate {
  readonly #windows: RateWindows;
  /** The oldest first. */
  #samples: Sample[] = [];

  constructor(windows: RateWindows) {
    this.#windows = windows;
  }

  /** Adds to the current window; a negative value takes back. */
  record(value: number, nowMs: number): void {
    this.#forgetOld(nowMs);
    let current = this.#samples.at(-1);
    if (current === undefined || nowMs - current.startMs >= this.#windows.sizeMs) {
      current = { startMs: nowMs, lastMs: nowMs, total: 0 };
      this.#samples.push(current);
    }
    current.lastMs = nowMs;
    current.total += value;
  }

  /** For how many milliseconds nothing may come for the rate to be down to the limit; 0 when it is. */
  excessMs(limitPerSecond: number, nowMs: number): number {
    this.#forgetOld(nowMs);
    const spanMs = this.#spanMs(nowMs);
    const perSecond = (this.#samples.reduce((sum, { total }) => sum + total, 0) * 1000) / spanMs;
    return perSecond <= limitPerSecond ? 0 : Math.round(((perSecond - limitPerSecond) / limitPerSecond) * spanMs);
  }

  /** Whether nothing is remembered, as if nothing had ever been recorded. */
  isIdle(nowMs: number): boolean {
    this.#forgetOld(nowMs);
    return this.#samples.length === 0;
  }

  #forgetOld(nowMs: number): void {
    const { count, sizeMs } = this.#windows;
    const oldest = this.#samples[0];
    if (oldest === undefined || nowMs - oldest.lastMs < count * sizeMs) return;
    this.#samples = this.#samples.filter(({ lastMs }) => nowMs - lastMs < count * sizeMs);
  }

  /** The time that the windows stand for. */
  #spanMs(nowMs: number): number {
    const { count, sizeMs } = this.#windows;
    const elapsedMs = nowMs - (this.#samples[0]?.startMs ?? nowMs);
    const missing = Math.max(0, count - 1 - Math.floor(elapsedMs / sizeMs));
    return Math.max(1, elapsedMs + missing * sizeMs);
  }
}
