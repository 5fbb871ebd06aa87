/**
 * The leader's role: it knows how far each replica is, and with it how far the log is committed.
 *
 * Its own log counts only as far as it is durable: an entry is committed when a majority of the voters have it on disk. The high watermark
 * does not move before an entry of this epoch can be counted, or a later leader could lose what looked committed.
 * Source: org.apache.kafka.raft.LeaderState; Raft §5.4.2.
 */
import { assert } from '@skarab/base';
import { isSameReplica, matchesReplica, type ReplicaKey } from '../replica-key.ts';
import type { VoterSet } from '../voter-set.ts';
import { ReplicaState } from './replica-state.ts';

/** How long an observer is remembered after its last fetch. */
const OBSERVER_SESSION_TIMEOUT_MS = 300_000;

/** The role of the leader of an epoch. */
export class LeaderRole {
  readonly kind = 'leader';
  readonly epoch: number;
  /** Where the log ended when the epoch began. */
  readonly epochStartOffset: number;
  readonly grantingVoterIds: readonly number[];
  readonly #local: ReplicaKey;
  #voters = new Map<number, ReplicaState>();
  readonly #observers = new Map<string, ReplicaState>();
  #highWatermark: number | null = null;
  #leaderEndOffset: number;

  constructor(epoch: number, epochStartOffset: number, local: ReplicaKey, grantingVoterIds: readonly number[]) {
    this.epoch = epoch;
    this.epochStartOffset = epochStartOffset;
    this.grantingVoterIds = grantingVoterIds;
    this.#local = local;
    this.#leaderEndOffset = epochStartOffset;
  }

  /** Offset up to which the log is committed; null until that is known in this epoch. */
  get highWatermark(): number | null {
    return this.#highWatermark;
  }

  /** The voters with their progress. */
  get voters(): Iterable<ReplicaState> {
    return this.#voters.values();
  }

  /** The observers that fetched lately. */
  observers(nowMs: number): Iterable<ReplicaState> {
    for (const [key, state] of this.#observers) {
      const isLocal = isSameReplica(state.key, this.#local);
      if (!isLocal && nowMs - state.lastFetchMs >= OBSERVER_SESSION_TIMEOUT_MS) this.#observers.delete(key);
    }
    return this.#observers.values();
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
    return this.#updateHighWatermark();
  }

  #stateOf(replica: ReplicaKey): ReplicaState {
    const voter = this.#voters.get(replica.id);
    if (voter !== undefined && matchesReplica(voter.key, replica)) return voter;
    const key = observerKey(replica);
    let observer = this.#observers.get(key);
    if (observer === undefined) {
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
  }

  #updateHighWatermark(): boolean {
    const ends = [...this.#voters.values()].map(({ endOffset }) => endOffset ?? -1).sort((a, b) => b - a);
    const majorityEnd = ends[Math.floor(ends.length / 2)] ?? -1;
    if (majorityEnd <= this.epochStartOffset || majorityEnd <= (this.#highWatermark ?? -1)) return false;
    this.#highWatermark = majorityEnd;
    return true;
  }
}

function observerKey({ id, directoryId }: ReplicaKey): string {
  return `${id}:${directoryId ?? ''}`;
}
