/**
 * How far the replica and its listener are: what is committed, what has been delivered, who leads as far as the listener knows.
 */
import type { Clock } from '@skarab/base';
import type { RaftLog } from '../ports.ts';
import { CommitWaiters } from './commit-waiters.ts';
import type { LeaderNews } from './leader-news.ts';
import type { LeaderAndEpoch, RaftListener } from './listener.ts';
import type { LogDelivery } from './log-delivery.ts';

/** The progress of a replica. */
export class Progress {
  readonly delivery: LogDelivery;
  readonly leaderNews: LeaderNews;
  readonly waiters = new CommitWaiters();
  readonly #log: RaftLog;
  readonly #listener: RaftListener;
  #highWatermark: number | null = null;
  /** Until what was committed before has been delivered bit by bit, nothing is delivered beside it. */
  #isCatchingUp = true;

  constructor(log: RaftLog, listener: RaftListener, delivery: LogDelivery, leaderNews: LeaderNews) {
    this.#log = log;
    this.#listener = listener;
    this.delivery = delivery;
    this.leaderNews = leaderNews;
  }

  /** Offset up to which the log is committed; null until that is known. */
  get highWatermark(): number | null {
    return this.#highWatermark;
  }

  get isCatchingUp(): boolean {
    return this.#isCatchingUp;
  }

  /** Waits until it is known what is committed, and delivers that, giving way between pieces. Errors: rejects when the replica stops. */
  async catchUp(clock: Clock): Promise<void> {
    await this.waiters.wait(0);
    for (const _ of this.delivery.deliverTo(() => this.#highWatermark ?? 0)) {
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
    this.#isCatchingUp = false;
    this.#onDelivered();
  }

  /** Everything before `offset` is committed. */
  advance(offset: number): void {
    this.#log.updateHighWatermark(offset);
    this.#highWatermark = offset;
    if (!this.#isCatchingUp) {
      for (const _ of this.delivery.deliverTo(() => offset));
      this.#onDelivered();
    }
    this.waiters.reach(offset);
  }

  /** Another leads, or nobody. */
  changeLeader(leader: LeaderAndEpoch, epochStartOffset: number): void {
    this.leaderNews.change(leader, epochStartOffset, this.#isCatchingUp ? null : this.#highWatermark);
  }

  /** The replica stops. */
  fail(error: Error): void {
    this.waiters.fail(error);
    this.leaderNews.fail(error);
  }

  #onDelivered(): void {
    this.#listener.handleHighWatermark(this.#highWatermark ?? 0);
    this.leaderNews.tell(this.#highWatermark ?? 0);
  }
}
