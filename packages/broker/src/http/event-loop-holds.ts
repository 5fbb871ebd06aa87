/**
 * Tells how long the event loop was held by its own work: what a tick is late by, as far as the loop's thread computed meanwhile. A machine
 * that gives the thread no time makes a loop late as well, but that is no fault of the work.
 */
export class EventLoopHolds {
  readonly #tickMs: number;
  #lastMs: number;
  #lastCpuMs: number;
  #longestMs = 0;

  /** `tickMs`: how far apart ticks should be. */
  constructor(tickMs: number, nowMs: number, cpuMs: number) {
    this.#tickMs = tickMs;
    this.#lastMs = nowMs;
    this.#lastCpuMs = cpuMs;
  }

  /** The loop has come round: at `nowMs`, after `cpuMs` of its thread's time in all. */
  tick(nowMs: number, cpuMs: number): void {
    const heldMs = Math.min(nowMs - this.#lastMs - this.#tickMs, cpuMs - this.#lastCpuMs);
    this.#longestMs = Math.max(this.#longestMs, heldMs);
    this.#lastMs = nowMs;
    this.#lastCpuMs = cpuMs;
  }

  /** Milliseconds of the longest hold since it was last asked for. */
  takeLongest(): number {
    const longest = this.#longestMs;
    this.#longestMs = 0;
    return longest;
  }
}
