/**
 * What a replica is to the quorum at the moment.
 *
 *     start ─▶ unattached ─▶ candidate ─▶ leader ─▶ resigned ─▶ unattached (next epoch)
 *                    ▲ a former leader starts as resigned, so that it cannot lead twice in one epoch
 *
 * Only what a quorum of one needs is here; prospective and follower join this union with the second voter.
 * Source: org.apache.kafka.raft.EpochState, UnattachedState, CandidateState, ResignedState; KIP-595, KIP-996.
 */
import type { ElectionState } from '../election-state.ts';
import type { ReplicaKey } from '../replica-key.ts';
import type { LeaderRole } from './leader.ts';

/** Knows of no leader in its epoch. */
export interface UnattachedRole {
  readonly kind: 'unattached';
  readonly epoch: number;
  readonly votedKey: ReplicaKey | null;
}

/** Stands for election, and has voted for itself. */
export interface CandidateRole {
  readonly kind: 'candidate';
  readonly epoch: number;
  readonly votedKey: ReplicaKey;
}

/** Led its epoch and does so no more. */
export interface ResignedRole {
  readonly kind: 'resigned';
  readonly epoch: number;
  readonly leaderId: number;
}

/** A role. */
export type Role = UnattachedRole | CandidateRole | ResignedRole | LeaderRole;

/** What of a role must survive a restart. */
export function electionOf(role: Role, localId: number): ElectionState {
  switch (role.kind) {
    case 'unattached':
    case 'candidate':
      return { epoch: role.epoch, leaderId: null, votedKey: role.votedKey };
    case 'resigned':
      return { epoch: role.epoch, leaderId: role.leaderId, votedKey: null };
    case 'leader':
      return { epoch: role.epoch, leaderId: localId, votedKey: null };
  }
}
