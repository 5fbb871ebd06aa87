/**
 * Knows of no leader in its epoch, or not where it is; may have voted. Seeks the leader among the bootstrap servers.
 *
 * Source: org.apache.kafka.raft.UnattachedState, QuorumState (unattachedOrProspectiveCanGrantVote).
 */
import { matchesReplica, type ReplicaKey } from '../replica-key.ts';
import type { RoleBase } from './role.ts';

/** The role of a replica without a leader. */
export class UnattachedRole implements RoleBase {
  readonly kind = 'unattached';
  readonly leaderEndpoints = [];
  readonly epoch: number;
  readonly leaderId: number | null;
  readonly votedKey: ReplicaKey | null;
  /** When a voter stands for election. */
  readonly electionDeadlineMs: number;

  constructor(epoch: number, leaderId: number | null, votedKey: ReplicaKey | null, electionDeadlineMs: number) {
    this.epoch = epoch;
    this.leaderId = leaderId;
    this.votedKey = votedKey;
    this.electionDeadlineMs = electionDeadlineMs;
  }

  canGrantVote(replica: ReplicaKey, isUpToDate: boolean, isPreVote: boolean): boolean {
    return canGrantVoteWithoutLeader(this, replica, isUpToDate, isPreVote);
  }
}

/** The rule for those who have no leader to fetch from: one vote an epoch, and none when it has a leader already. */
export function canGrantVoteWithoutLeader(
  role: { readonly leaderId: number | null; readonly votedKey: ReplicaKey | null },
  replica: ReplicaKey,
  isUpToDate: boolean,
  isPreVote: boolean,
): boolean {
  if (isPreVote) return isUpToDate;
  if (role.votedKey !== null) return matchesReplica(role.votedKey, replica);
  return role.leaderId === null && isUpToDate;
}
