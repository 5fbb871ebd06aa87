/**
 * One wait for the device for all appends of a turn (or of `append.linger.ms`), and one at a time: what comes while it lasts shares the next.
 *
 *     append append ─soon▶ flush ═══════▶ done     append append append (meanwhile) ──▶ flush ═══▶ done
 */
import type { Clock, StorageError, Timer } from '@skarab/base';
import type { RaftLog } from '../ports.ts';

/** Flushes a log in groups. */
export class FlushBatcher {
  readonly #log: RaftLog;
  readonly #clock: Clock;
  readonly #onFlushed: (error: StorageError | null, endOffset: number) => void;
  #isScheduled = false;
  #isFlushing = false;
  #lingerTimer: Timer | null = null;
  #isWantedAgain = false;
  /** Where the log was cut while a flush was under way: what came after that is not durable by it. */
  #cutOffset = Number.POSITIVE_INFINITY;

  constructor(log: RaftLog, clock: Clock, onFlushed: (error: StorageError | null, endOffset: number) => void) {
    this.#log = log;
    this.#clock = clock;
    this.#onFlushed = onFlushed;
  }

  /** Makes everything appended in this turn durable; or in the next `lingerMs`, unless somebody is in more of a hurry. */
  schedule(lingerMs = 0): void {
    if (lingerMs > 0) {
      if (this.#lingerTimer !== null || this.#isScheduled) return;
      this.#lingerTimer = this.#clock.after(lingerMs, () => {
        this.#lingerTimer = null;
        this.#flushOnce();
      });
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.soon(() => {
      this.#isScheduled = false;
      this.#flushOnce();
    });
  }

  /** The log has been cut at `offset`. */
  cutAt(offset: number): void {
    this.#cutOffset = Math.min(this.#cutOffset, offset);
  }

  /** Flushes at no later time. */
  stop(): void {
    this.#lingerTimer?.cancel();
  }

  #flushOnce(): void {
    if (this.#isFlushing) this.#isWantedAgain = true;
    else this.#flush();
  }

  #flush(): void {
    this.#isFlushing = true;
    this.#cutOffset = Number.POSITIVE_INFINITY;
    this.#log.flush((error, endOffset) => {
      this.#isFlushing = false;
      this.#onFlushed(error, Math.min(endOffset, this.#cutOffset));
      if (error !== null || !this.#isWantedAgain) return;
      this.#isWantedAgain = false;
      this.#flush();
    });
  }
}
