/**
 * How far the replica and its listener are: what is committed, what has been delivered, who leads as far as the listener knows.
 */
import type { Clock, Turns } from '@skarab/base';
import type { RaftLog } from '../ports.ts';
import { CommitWaiters } from './commit-waiters.ts';
import type { LeaderNews } from './leader-news.ts';
import type { LeaderAndEpoch, RaftListener } from './listener.ts';
import type { LogDelivery } from './log-delivery.ts';

/** How long a delivery may hold the event loop. */
const TURN_MS = 4;

/** What goes on, and who is told. */
export interface ProgressParts {
  readonly log: RaftLog;
  readonly listener: RaftListener;
  readonly delivery: LogDelivery;
  readonly leaderNews: LeaderNews;
  readonly clock: Clock;
  /** What is committed could not be read after the start. */
  readonly onFailed: (error: Error) => void;
}

/** The progress of a replica. */
export class Progress {
  readonly delivery: LogDelivery;
  readonly leaderNews: LeaderNews;
  readonly waiters = new CommitWaiters();
  readonly #log: RaftLog;
  readonly #listener: RaftListener;
  #highWatermark: number | null = null;
  readonly #clock: Clock;
  readonly #onFailed: (error: Error) => void;
  /** While what is committed is delivered bit by bit, nothing is delivered beside it. */
  #isCatchingUp = true;
  #isEnded = false;

  constructor({ log, listener, delivery, leaderNews, clock, onFailed }: ProgressParts) {
    this.#log = log;
    this.#listener = listener;
    this.delivery = delivery;
    this.leaderNews = leaderNews;
    this.#clock = clock;
    this.#onFailed = onFailed;
  }

  /** Offset up to which the log is committed; null until that is known. */
  get highWatermark(): number | null {
    return this.#highWatermark;
  }

  get isCatchingUp(): boolean {
    return this.#isCatchingUp;
  }

  /** Waits until it is known what is committed, and delivers that, giving way between pieces. Errors: rejects when the replica stops. */
  async catchUp(): Promise<void> {
    await this.waiters.wait(0);
    await this.#finish(this.#pieces());
  }

  /** Everything before `offset` is committed. */
  advance(offset: number): void {
    this.#log.updateHighWatermark(offset);
    this.#highWatermark = offset;
    if (!this.#isCatchingUp) this.#deliver();
    this.waiters.reach(offset);
  }

  /** Another leads, or nobody. */
  changeLeader(leader: LeaderAndEpoch, epochStartOffset: number): void {
    this.leaderNews.change(leader, epochStartOffset, this.#isCatchingUp ? null : this.#highWatermark);
  }

  /** The replica stops. */
  fail(error: Error): void {
    this.#isEnded = true;
    this.waiters.fail(error);
    this.leaderNews.fail(error);
  }

  #pieces(): Turns<void> {
    return this.delivery.deliverTo(() => this.#highWatermark ?? 0);
  }

  /** Delivers at once what takes no longer than a turn may, and the rest bit by bit. */
  #deliver(): void {
    const pieces = this.#pieces();
    const startMs = this.#clock.monotonicMs();
    while (this.#clock.monotonicMs() - startMs < TURN_MS) {
      if (pieces.next().done) {
        this.#onDelivered();
        return;
      }
    }
    this.#isCatchingUp = true;
    this.#finish(pieces).catch(this.#onFailed);
  }

  async #finish(pieces: Turns<void>): Promise<void> {
    for (const _ of pieces) {
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
      if (this.#isEnded) return;
    }
    this.#isCatchingUp = false;
    this.#onDelivered();
  }

  #onDelivered(): void {
    this.#listener.handleHighWatermark(this.#highWatermark ?? 0);
    this.leaderNews.tell(this.#highWatermark ?? 0);
  }
}
