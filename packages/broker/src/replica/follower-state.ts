/**
 * What a leader knows about one of its followers: how far it has fetched, and when it was last caught up.
 *
 * Caught up means: at some moment within the last `replica.lag.time.max.ms` it had everything that the leader had. That moment is the time of a fetch that
 * reached the log end of the fetch before it, since what was appended meanwhile could not have been fetched yet. Shape: plain state, times as arguments.
 * Source: org.apache.kafka.server.replica.Replica.
 */

/** Nothing is known: smaller than every offset. */
const UNKNOWN_OFFSET = -1;

/** One fetch of a follower, as the leader saw it. */
export interface FollowerFetch {
  /** Where it fetched from: the end of its log. */
  readonly fetchOffset: number;
  /** Where its log begins. */
  readonly logStartOffset: number;
  /** End of the leader's log before the fetch. */
  readonly leaderEndOffset: number;
  /** Epoch of the broker that fetches; -1 where it does not say. */
  readonly brokerEpoch: number;
  readonly nowMs: number;
}

export class FollowerState {
  readonly brokerId: number;
  #logEndOffset = UNKNOWN_OFFSET;
  #logStartOffset = UNKNOWN_OFFSET;
  #lastCaughtUpMs = Number.NEGATIVE_INFINITY;
  #lastFetchMs = Number.NEGATIVE_INFINITY;
  #lastFetchLeaderEndOffset = 0;
  #brokerEpoch: number | undefined;

  constructor(brokerId: number) {
    this.brokerId = brokerId;
  }

  /** Where it fetches from next; -1 before its first fetch. */
  get logEndOffset(): number {
    return this.#logEndOffset;
  }

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  get lastCaughtUpMs(): number {
    return this.#lastCaughtUpMs;
  }

  /** Epoch of the broker as of its last fetch; undefined before the first. */
  get brokerEpoch(): number | undefined {
    return this.#brokerEpoch;
  }

  /** Takes in a fetch. */
  onFetch({ fetchOffset, logStartOffset, leaderEndOffset, brokerEpoch, nowMs }: FollowerFetch): void {
    if (fetchOffset >= leaderEndOffset) this.#lastCaughtUpMs = Math.max(this.#lastCaughtUpMs, nowMs);
    else if (fetchOffset >= this.#lastFetchLeaderEndOffset)
      this.#lastCaughtUpMs = Math.max(this.#lastCaughtUpMs, this.#lastFetchMs);
    this.#logEndOffset = fetchOffset;
    this.#logStartOffset = logStartOffset;
    this.#lastFetchLeaderEndOffset = Math.max(leaderEndOffset, this.#lastFetchLeaderEndOffset);
    this.#lastFetchMs = nowMs;
    this.#brokerEpoch = brokerEpoch;
  }

  /**
   * A leader epoch begins. A new leader knows nothing of its followers; those that are in sync get the time of one lag to show up. A leader that stays
   * keeps what it knows.
   */
  onLeaderEpoch(nowMs: number, leaderEndOffset: number, isNewLeader: boolean, isInSync: boolean): void {
    if (isNewLeader) {
      this.#logEndOffset = UNKNOWN_OFFSET;
      this.#logStartOffset = UNKNOWN_OFFSET;
      this.#lastFetchLeaderEndOffset = UNKNOWN_OFFSET;
      this.#lastFetchMs = Number.NEGATIVE_INFINITY;
      this.#brokerEpoch = undefined;
      this.#lastCaughtUpMs = isInSync ? nowMs : Number.NEGATIVE_INFINITY;
      return;
    }
    this.#lastFetchLeaderEndOffset = leaderEndOffset;
    this.#lastFetchMs = isInSync ? nowMs : Number.NEGATIVE_INFINITY;
    this.#lastCaughtUpMs = isInSync ? nowMs : Number.NEGATIVE_INFINITY;
  }

  /** Whether it has everything now, or had everything not long ago. */
  isCaughtUp(leaderEndOffset: number, nowMs: number, lagTimeMaxMs: number): boolean {
    return leaderEndOffset === this.#logEndOffset || nowMs - this.#lastCaughtUpMs <= lagTimeMaxMs;
  }
}
