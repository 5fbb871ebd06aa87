/**
 * What a leader knows about one replica of the log, voter or observer.
 *
 * Source: org.apache.kafka.raft.LeaderState.ReplicaState.
 */
import type { ReplicaKey } from '../replica-key.ts';
import type { VoterEndpoint } from '../voter-set.ts';

/** Progress of one replica. -1 stands for "never" and "unknown", as DescribeQuorum has it. */
export class ReplicaState {
  key: ReplicaKey;
  endpoints: readonly VoterEndpoint[];
  /** Where the replica's log ends, as far as it told; null before its first fetch. */
  endOffset: number | null = null;
  lastFetchMs = -1;
  lastCaughtUpMs = -1;
  #leaderEndOffsetAtLastFetch = -1;

  constructor(key: ReplicaKey, endpoints: readonly VoterEndpoint[] = []) {
    this.key = key;
    this.endpoints = endpoints;
  }

  /** The replica fetches from `fetchOffset`, so it has everything before. */
  onFetch(nowMs: number, fetchOffset: number, leaderEndOffset: number): void {
    if (fetchOffset >= leaderEndOffset) this.lastCaughtUpMs = Math.max(this.lastCaughtUpMs, nowMs);
    else if (this.#leaderEndOffsetAtLastFetch > 0 && fetchOffset >= this.#leaderEndOffsetAtLastFetch) {
      // It has now what the log had at its last fetch, so it was caught up then.
      this.lastCaughtUpMs = Math.max(this.lastCaughtUpMs, this.lastFetchMs);
    }
    this.#leaderEndOffsetAtLastFetch = leaderEndOffset;
    this.lastFetchMs = Math.max(this.lastFetchMs, nowMs);
    this.endOffset = fetchOffset;
  }
}
