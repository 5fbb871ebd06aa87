/**
 * The leader's role: it knows how far each replica is, and with it how far the log is committed.
 *
 * Its own log counts only as far as it is durable: an entry is committed when a majority of the voters have it on disk. The high watermark
 * does not move before an entry of this epoch can be counted, or a later leader could lose what looked committed. A leader that a majority
 * does not fetch from for a while gives up (check-quorum).
 * Source: org.apache.kafka.raft.LeaderState; Raft §5.4.2.
 */
import { assert } from '@skarab/base';
import type { PendingVoterChange } from '../pending-voter-change.ts';
import { isSameReplica, matchesReplica, type ReplicaKey } from '../replica-key.ts';
import type { VoterEndpoint, VoterNode, VoterSet } from '../voter-set.ts';
import { ReplicaState } from './replica-state.ts';
import type { RoleBase } from './role.ts';

/** How long an observer is remembered after its last fetch. */
const OBSERVER_SESSION_TIMEOUT_MS = 300_000;
/** A replica that was caught up and fetched within this time may become a voter. */
const CAUGHT_UP_TIMEOUT_MS = 3_600_000;
/** Most observers that are remembered. */
const MAX_OBSERVERS = 10_000;

/** What an epoch begins with. */
export interface LeaderStart {
  readonly epoch: number;
  /** Where the log ended when the epoch began. */
  readonly epochStartOffset: number;
  readonly local: VoterNode;
  readonly voters: VoterSet;
  readonly grantingVoterIds: readonly number[];
  readonly fetchTimeoutMs: number;
  readonly nowMs: number;
}

/** The role of the leader of an epoch. */
export class LeaderRole implements RoleBase {
  readonly kind = 'leader';
  readonly votedKey = null;
  readonly epoch: number;
  readonly epochStartOffset: number;
  readonly grantingVoterIds: readonly number[];
  readonly leaderId: number;
  readonly leaderEndpoints: readonly VoterEndpoint[];
  /** The voters as they have told since this epoch began, while `kraft.version` 0 lets nobody write them down. */
  volatileVoters: VoterSet;
  /** A voter that is being added or removed. */
  pendingChange: PendingVoterChange | null = null;
  isResignRequested = false;
  /** A `kraft.version` that was decided on, while its control record is on its way. */
  requestedKraftVersion: number | null = null;
  /** When those who do not fetch are told again of this epoch. */
  beginQuorumAtMs: number;
  readonly #local: ReplicaKey;
  readonly #beginQuorumTimeoutMs: number;
  readonly #checkQuorumTimeoutMs: number;
  #checkQuorumDeadlineMs: number;
  readonly #fetchedVoters = new Set<number>();
  #voters = new Map<number, ReplicaState>();
  readonly #observers = new Map<string, ReplicaState>();
  #highWatermark: number | null = null;
  #leaderEndOffset: number;

  constructor(start: LeaderStart) {
    const { local, voters, fetchTimeoutMs, nowMs } = start;
    this.epoch = start.epoch;
    this.epochStartOffset = start.epochStartOffset;
    this.grantingVoterIds = start.grantingVoterIds;
    this.leaderId = local.key.id;
    this.leaderEndpoints = local.endpoints;
    this.#local = local.key;
    this.#leaderEndOffset = start.epochStartOffset;
    this.#beginQuorumTimeoutMs = Math.floor(fetchTimeoutMs / 2);
    this.#checkQuorumTimeoutMs = Math.floor(fetchTimeoutMs * 1.5);
    this.#checkQuorumDeadlineMs = nowMs + this.#checkQuorumTimeoutMs;
    this.beginQuorumAtMs = nowMs;
    this.volatileVoters = voters.with(local);
    this.#updateVoters(voters);
  }

  /** Offset up to which the log is committed; null until that is known in this epoch. */
  get highWatermark(): number | null {
    return this.#highWatermark;
  }

  /** The log must be committed beyond this before anything is. */
  get commitFloor(): number {
    return this.epochStartOffset;
  }

  /** The voters with their progress. */
  get voters(): Iterable<ReplicaState> {
    return this.#voters.values();
  }

  /** When this leader gives up unless a majority fetches; a single voter never does. */
  get checkQuorumDeadlineMs(): number {
    return this.#voters.size === 1 ? Number.POSITIVE_INFINITY : this.#checkQuorumDeadlineMs;
  }

  /** The observers that fetched lately. */
  observers(nowMs: number): Iterable<ReplicaState> {
    for (const [key, state] of this.#observers) {
      const isLocal = isSameReplica(state.key, this.#local);
      if (!isLocal && nowMs - state.lastFetchMs >= OBSERVER_SESSION_TIMEOUT_MS) this.#observers.delete(key);
    }
    return this.#observers.values();
  }

  /** The other voters, those that are furthest first. */
  successors(): readonly ReplicaKey[] {
    return [...this.#voters.values()]
      .filter(({ key }) => key.id !== this.#local.id)
      .sort((a, b) => (b.endOffset ?? -1) - (a.endOffset ?? -1) || a.key.id - b.key.id)
      .map(({ key }) => key);
  }

  /** Voters that do not seem to know that this epoch has begun. */
  votersToTell(nowMs: number): readonly ReplicaKey[] {
    return [...this.#voters.values()]
      .filter(({ key, lastFetchMs }) => key.id !== this.#local.id && nowMs - lastFetchMs >= this.#beginQuorumTimeoutMs)
      .map(({ key }) => key);
  }

  /** They have been told. */
  onVotersTold(nowMs: number): void {
    this.beginQuorumAtMs = nowMs + this.#beginQuorumTimeoutMs;
  }

  /** A voter was heard of: when a majority was, the time to give up begins anew. The leader itself counts if it votes. */
  onVoterHeard(replica: ReplicaKey, nowMs: number): void {
    const state = this.#voters.get(replica.id);
    if (state !== undefined && matchesReplica(state.key, replica)) this.#fetchedVoters.add(replica.id);
    const majority = Math.floor(this.#voters.size / 2) + 1;
    const others = this.#voters.has(this.#local.id) ? majority - 1 : majority;
    if (this.#fetchedVoters.size < others) return;
    this.#fetchedVoters.clear();
    this.#checkQuorumDeadlineMs = nowMs + this.#checkQuorumTimeoutMs;
  }

  /** The log of this node is durable up to `durableOffset` and ends at `endOffset`. Returns whether the high watermark moved. */
  updateLocal(durableOffset: number, endOffset: number, voters: VoterSet): boolean {
    this.#updateVoters(voters);
    this.#leaderEndOffset = endOffset;
    const state = this.#stateOf(this.#local);
    assert((state.endOffset ?? 0) <= durableOffset, 'the durable end of the log went back');
    state.endOffset = durableOffset;
    return this.#updateHighWatermark();
  }

  /** A replica fetches from `fetchOffset`. Returns whether the high watermark moved. */
  updateReplica(replica: ReplicaKey, nowMs: number, fetchOffset: number): boolean {
    assert(replica.id !== this.#local.id, 'the leader does not fetch from itself');
    this.#stateOf(replica).onFetch(nowMs, fetchOffset, this.#leaderEndOffset);
    this.onVoterHeard(replica, nowMs);
    return this.#updateHighWatermark();
  }

  /** True when an observer has been at the end of the log lately. */
  isCaughtUp(replica: ReplicaKey, nowMs: number): boolean {
    const state = this.#observers.get(observerKey(replica));
    return state !== undefined && state.lastCaughtUpMs > 0 && state.lastFetchMs > nowMs - CAUGHT_UP_TIMEOUT_MS;
  }

  canGrantVote(): boolean {
    return false;
  }

  #stateOf(replica: ReplicaKey): ReplicaState {
    const voter = this.#voters.get(replica.id);
    if (voter !== undefined && matchesReplica(voter.key, replica)) return voter;
    const key = observerKey(replica);
    let observer = this.#observers.get(key);
    if (observer === undefined) {
      if (this.#observers.size >= MAX_OBSERVERS) this.#observers.delete(this.#observers.keys().next().value!);
      observer = new ReplicaState(replica);
      this.#observers.set(key, observer);
    }
    return observer;
  }

  /** Who votes may have changed; progress is kept. */
  #updateVoters(voterSet: VoterSet): void {
    const before = this.#voters;
    this.#voters = new Map();
    for (const { key, endpoints } of voterSet) {
      const known = before.get(key.id);
      const isKnown = known !== undefined && matchesReplica(known.key, key);
      const state = isKnown ? known : (this.#observers.get(observerKey(key)) ?? new ReplicaState(key));
      state.key = key;
      state.endpoints = endpoints;
      this.#observers.delete(observerKey(key));
      this.#voters.set(key.id, state);
      if (isKnown) before.delete(key.id);
    }
    for (const state of before.values()) this.#observers.set(observerKey(state.key), state);
    for (const id of this.#fetchedVoters) if (!this.#voters.has(id)) this.#fetchedVoters.delete(id);
  }

  #updateHighWatermark(): boolean {
    const ends = [...this.#voters.values()].map(({ endOffset }) => endOffset ?? -1).sort((a, b) => b - a);
    const majorityEnd = ends[Math.floor(ends.length / 2)] ?? -1;
    if (majorityEnd <= this.commitFloor || majorityEnd <= (this.#highWatermark ?? -1)) return false;
    this.#highWatermark = majorityEnd;
    return true;
  }
}

function observerKey({ id, directoryId }: ReplicaKey): string {
  return `${id}:${directoryId ?? ''}`;
}
