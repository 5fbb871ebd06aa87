/**
 * Fetches from the leader of its epoch: records, or a snapshot where the log of the leader begins too late.
 *
 * A voter that cannot fetch for a while stands for election; an observer goes on seeking. Source: org.apache.kafka.raft.FollowerState.
 */
import type { OffsetAndEpoch } from '../offset-and-epoch.ts';
import type { ReplicaKey } from '../replica-key.ts';
import type { VoterEndpoint } from '../voter-set.ts';
import type { RoleBase } from './role.ts';

/** A snapshot that is being fetched. */
export interface FetchingSnapshot {
  readonly id: OffsetAndEpoch;
  /** Bytes that are here. */
  readonly position: number;
}

/** The role of a replica that has a leader. */
export class FollowerRole implements RoleBase {
  readonly kind = 'follower';
  readonly epoch: number;
  readonly leaderId: number;
  readonly leaderEndpoints: readonly VoterEndpoint[];
  readonly votedKey: ReplicaKey | null;
  fetchDeadlineMs: number;
  /** When the voters may be looked after again. */
  updateVotersAtMs: number;
  /** With `kraft.version` 0, whether this leader knows who this voter is. */
  hasUpdatedLeader = false;
  fetchingSnapshot: FetchingSnapshot | null = null;
  /** Up to where the leader's log is committed, in so far as this log is known to be the same. */
  leaderHighWatermark: number | null = null;
  /** The leader's process has probably ended: it takes no connection. */
  #isLeaderGone = false;
  #hasFetched = false;
  readonly #fetchTimeoutMs: number;

  constructor(
    leader: { readonly epoch: number; readonly id: number; readonly endpoints: readonly VoterEndpoint[] },
    votedKey: ReplicaKey | null,
    fetchTimeoutMs: number,
    nowMs: number,
  ) {
    this.epoch = leader.epoch;
    this.leaderId = leader.id;
    this.leaderEndpoints = leader.endpoints;
    this.votedKey = votedKey;
    this.#fetchTimeoutMs = fetchTimeoutMs;
    this.fetchDeadlineMs = nowMs + fetchTimeoutMs;
    this.updateVotersAtMs = nowMs + fetchTimeoutMs;
  }

  /** The leader has answered. */
  onFetched(nowMs: number): void {
    this.fetchDeadlineMs = nowMs + this.#fetchTimeoutMs;
    this.#hasFetched = true;
    this.#isLeaderGone = false;
  }

  /** The leader could not be reached: without a fetch within `patienceMs` somebody else should lead. */
  onUnreachable(nowMs: number, patienceMs: number): void {
    if (this.#isLeaderGone) return;
    this.#isLeaderGone = true;
    this.fetchDeadlineMs = Math.min(this.fetchDeadlineMs, nowMs + patienceMs);
  }

  /** The voters have been looked after. */
  onVotersUpdated(nowMs: number): void {
    this.updateVotersAtMs = nowMs + this.#fetchTimeoutMs;
  }

  /** A leader that was heard of, and can be reached, gets no rival; one that only others spoke of does. */
  canGrantVote(_replica: ReplicaKey, isUpToDate: boolean, isPreVote: boolean): boolean {
    return isPreVote && (!this.#hasFetched || this.#isLeaderGone) && isUpToDate;
  }
}
