/**
 * What a replica is to the quorum at the moment.
 *
 *                     ┌────────────── election lost, timeout ──────────────┐
 *                     ▼                                                    │
 *     start ─▶ unattached ──timeout──▶ prospective ──pre-votes──▶ candidate ──votes──▶ leader ──▶ resigned
 *                     │ ▲                   ▲  ▲                                                      │
 *               leader│ │higher epoch       │  └────────── timeout ── candidate                       │
 *                     ▼ │                   │                                  unattached (next epoch)◀┘
 *                  follower ──fetch timeout─┘
 *
 * From anywhere a higher epoch leads to unattached, or to follower when its leader is known. A former leader starts as resigned, so that it
 * cannot lead twice in one epoch. Observers are unattached or follow. Source: org.apache.kafka.raft.QuorumState; KIP-595, KIP-996.
 */
import type { ElectionState } from '../election-state.ts';
import type { ReplicaKey } from '../replica-key.ts';
import type { VoterEndpoint } from '../voter-set.ts';
import type { CandidateRole } from './candidate.ts';
import type { FollowerRole } from './follower.ts';
import type { LeaderRole } from './leader.ts';
import type { ProspectiveRole } from './prospective.ts';
import type { ResignedRole } from './resigned.ts';
import type { UnattachedRole } from './unattached.ts';

/** What the roles have in common. */
export interface RoleBase {
  readonly epoch: number;
  /** Who leads this epoch, as far as this replica knows; itself counts. */
  readonly leaderId: number | null;
  readonly leaderEndpoints: readonly VoterEndpoint[];
  /** For whom this replica voted in this epoch, where that must not be forgotten. */
  readonly votedKey: ReplicaKey | null;
  /** Whether a vote may be given to a replica whose log is (`isUpToDate`) at least as long as the own one. */
  canGrantVote(replica: ReplicaKey, isUpToDate: boolean, isPreVote: boolean): boolean;
}

/** A role. */
export type Role = UnattachedRole | ProspectiveRole | CandidateRole | FollowerRole | LeaderRole | ResignedRole;

/** The name of a role. */
export type RoleKind = Role['kind'];

/** What of a role must survive a restart. */
export function electionOf({ epoch, leaderId, votedKey }: Role): ElectionState {
  return { epoch, leaderId, votedKey };
}
