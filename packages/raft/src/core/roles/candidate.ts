/**
 * Stands for election in an epoch, and has voted for itself. Source: org.apache.kafka.raft.CandidateState.
 */
import { EpochElection } from '../epoch-election.ts';
import type { ReplicaKey } from '../replica-key.ts';
import type { VoterSet } from '../voter-set.ts';
import type { RoleBase } from './role.ts';

/** The role of a replica that asks for votes. */
export class CandidateRole implements RoleBase {
  readonly kind = 'candidate';
  readonly leaderId = null;
  readonly leaderEndpoints = [];
  readonly epoch: number;
  readonly votedKey: ReplicaKey;
  readonly election: EpochElection;
  readonly electionDeadlineMs: number;

  constructor(epoch: number, local: ReplicaKey, voters: VoterSet, electionDeadlineMs: number) {
    this.epoch = epoch;
    this.votedKey = local;
    this.election = new EpochElection(voters, local.id);
    this.electionDeadlineMs = electionDeadlineMs;
  }

  canGrantVote(_replica: ReplicaKey, isUpToDate: boolean, isPreVote: boolean): boolean {
    return isPreVote && isUpToDate;
  }
}
