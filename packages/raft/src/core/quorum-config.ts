/**
 * The times and sizes of a quorum, `controller.quorum.*`. Source: org.apache.kafka.raft.QuorumConfig.
 */

/** How a replica takes part in its quorum. */
export interface QuorumConfig {
  /** `election.timeout.ms`: how long a voter waits for votes; up to twice that, by chance. */
  readonly electionTimeoutMs: number;
  /** `election.backoff.max.ms`: longest wait of a voter that was not named as the next leader. */
  readonly electionBackoffMaxMs: number;
  /** `fetch.timeout.ms`: without a fetch for so long, a follower seeks another leader; a leader resigns after half as long again. */
  readonly fetchTimeoutMs: number;
  /** `request.timeout.ms`. */
  readonly requestTimeoutMs: number;
  /** `retry.backoff.ms`. */
  readonly retryBackoffMs: number;
  /** `fetch.max.bytes`. */
  readonly fetchMaxBytes: number;
  /** `fetch.snapshot.max.bytes`. */
  readonly fetchSnapshotMaxBytes: number;
  /** `auto.join.enable`: a controller that does not vote asks to be added. */
  readonly autoJoin: boolean;
}

/** Kafka's defaults. */
export const DEFAULT_QUORUM_CONFIG: QuorumConfig = {
  electionTimeoutMs: 1000,
  electionBackoffMaxMs: 1000,
  fetchTimeoutMs: 2000,
  requestTimeoutMs: 2000,
  retryBackoffMs: 20,
  fetchMaxBytes: 1024 * 1024,
  fetchSnapshotMaxBytes: 1024 * 1024,
  autoJoin: false,
};

/** How long a leader may hold a fetch back while there is nothing new. */
export const FETCH_MAX_WAIT_MS = 500;
