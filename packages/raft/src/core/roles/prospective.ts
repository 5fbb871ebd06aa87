/**
 * Would stand for election: asks whether it would be elected before it disturbs anybody with a new epoch.
 *
 * Source: org.apache.kafka.raft.ProspectiveState; KIP-996.
 */
import { EpochElection } from '../epoch-election.ts';
import type { ReplicaKey } from '../replica-key.ts';
import type { VoterEndpoint, VoterSet } from '../voter-set.ts';
import type { RoleBase } from './role.ts';
import { canGrantVoteWithoutLeader } from './unattached.ts';

/** What a prospective candidate keeps of the role before. */
export interface KnownOfEpoch {
  readonly epoch: number;
  readonly leaderId: number | null;
  readonly leaderEndpoints: readonly VoterEndpoint[];
  readonly votedKey: ReplicaKey | null;
}

/** The role of a replica that asks for pre-votes. */
export class ProspectiveRole implements RoleBase {
  readonly kind = 'prospective';
  readonly epoch: number;
  readonly leaderId: number | null;
  readonly leaderEndpoints: readonly VoterEndpoint[];
  readonly votedKey: ReplicaKey | null;
  readonly election: EpochElection;
  readonly electionDeadlineMs: number;

  constructor(known: KnownOfEpoch, voters: VoterSet, localId: number, electionDeadlineMs: number) {
    this.epoch = known.epoch;
    this.leaderId = known.leaderId;
    this.leaderEndpoints = known.leaderEndpoints;
    this.votedKey = known.votedKey;
    this.election = new EpochElection(voters, localId);
    this.electionDeadlineMs = electionDeadlineMs;
  }

  canGrantVote(replica: ReplicaKey, isUpToDate: boolean, isPreVote: boolean): boolean {
    return canGrantVoteWithoutLeader(this, replica, isUpToDate, isPreVote);
  }
}
