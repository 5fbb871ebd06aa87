/**
 * Time as a port. Cores get the time as an argument (`nowMs`); hosts read it here and arm timers here, so that a simulator can
 * own both.
 */

/** A running timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** Wall time, elapsed time and timers. */
export interface Clock {
  /** Wall-clock milliseconds since the epoch, an integer; may jump. */
  nowMs(): number;
  /** Milliseconds since some start, with a fraction; never goes back. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` once after the input/output that is ready now has been handled. */
  soon(callback: () => void): void;
}

/** The machine's clock. Timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, 0x7fffffff));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  soon: (callback) => {
    setImmediate(callback);
  },
};
