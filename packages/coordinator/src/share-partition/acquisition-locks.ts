/**
 * The deadlines of acquired records: a member has a record until then, and no longer.
 *
 * Source: org.apache.kafka.server.share.fetch.AcquisitionLockTimerTask.
 */
import { TimerQueue } from '../runtime/timer-queue.ts';

/** What a member has acquired until when. */
export interface AcquisitionLock {
  readonly key: string;
  readonly memberId: string;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly expirationMs: number;
  /** Its time has come; who is under way to another state may still look back at it. */
  hasExpired: boolean;
}

/** The locks of one share partition. */
export class AcquisitionLocks {
  readonly #timers = new TimerQueue<AcquisitionLock>();
  #lastKey = 0;

  get size(): number {
    return this.#timers.size;
  }

  add(memberId: string, firstOffset: number, lastOffset: number, expirationMs: number): AcquisitionLock {
    const key = String(++this.#lastKey);
    const lock = { key, memberId, firstOffset, lastOffset, expirationMs, hasExpired: false };
    this.#timers.schedule(key, expirationMs, lock);
    return lock;
  }

  cancel(lock: AcquisitionLock): void {
    this.#timers.cancel(lock.key);
  }

  /** Takes one lock that is over, or null. */
  takeExpired(nowMs: number): AcquisitionLock | null {
    const lock = this.#timers.takeDue(nowMs)?.task ?? null;
    if (lock !== null) lock.hasExpired = true;
    return lock;
  }

  nextDeadlineMs(): number | null {
    return this.#timers.nextDeadlineMs();
  }

  clear(): void {
    this.#timers.clear();
  }
}
