/**
 * One wait for the device for all appends of a turn, and one at a time: what comes while it lasts shares the next.
 *
 *     append append ─soon▶ flush ═══════▶ done     append append append (meanwhile) ──▶ flush ═══▶ done
 */
import type { Clock, StorageError } from '@skarab/base';
import type { RaftLog } from '../ports.ts';

/** Flushes a log in groups. */
export class FlushBatcher {
  readonly #log: RaftLog;
  readonly #clock: Clock;
  readonly #onFlushed: (error: StorageError | null, endOffset: number) => void;
  #isScheduled = false;
  #isFlushing = false;
  #isWantedAgain = false;

  constructor(log: RaftLog, clock: Clock, onFlushed: (error: StorageError | null, endOffset: number) => void) {
    this.#log = log;
    this.#clock = clock;
    this.#onFlushed = onFlushed;
  }

  /** Makes everything appended in this turn durable. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.soon(() => {
      this.#isScheduled = false;
      if (this.#isFlushing) this.#isWantedAgain = true;
      else this.#flush();
    });
  }

  #flush(): void {
    this.#isFlushing = true;
    this.#log.flush((error, endOffset) => {
      this.#isFlushing = false;
      this.#onFlushed(error, endOffset);
      if (error !== null || !this.#isWantedAgain) return;
      this.#isWantedAgain = false;
      this.#flush();
    });
  }
}
