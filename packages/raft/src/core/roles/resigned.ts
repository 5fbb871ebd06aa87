/**
 * Led its epoch and does so no more; tells the others, until all know or the time of an election has passed.
 *
 * Source: org.apache.kafka.raft.ResignedState.
 */
import type { ReplicaKey } from '../replica-key.ts';
import type { VoterEndpoint, VoterNode } from '../voter-set.ts';
import type { RoleBase } from './role.ts';

/** The role of a former leader. */
export class ResignedRole implements RoleBase {
  readonly kind = 'resigned';
  readonly votedKey = null;
  readonly epoch: number;
  readonly leaderId: number;
  readonly leaderEndpoints: readonly VoterEndpoint[];
  /** Who should lead next, best first. */
  readonly preferredSuccessors: readonly ReplicaKey[];
  readonly electionDeadlineMs: number;
  readonly #unaware: Set<number>;

  constructor(
    epoch: number,
    local: VoterNode,
    voterIds: readonly number[],
    preferredSuccessors: readonly ReplicaKey[],
    electionDeadlineMs: number,
  ) {
    this.epoch = epoch;
    this.leaderId = local.key.id;
    this.leaderEndpoints = local.endpoints;
    this.preferredSuccessors = preferredSuccessors;
    this.electionDeadlineMs = electionDeadlineMs;
    this.#unaware = new Set(voterIds.filter((id) => id !== local.key.id));
  }

  /** Voters that have not yet answered to the resignation. */
  get unawareVoterIds(): readonly number[] {
    return [...this.#unaware];
  }

  onAcknowledged(voterId: number): void {
    this.#unaware.delete(voterId);
  }

  canGrantVote(_replica: ReplicaKey, isUpToDate: boolean, isPreVote: boolean): boolean {
    return isPreVote && isUpToDate;
  }
}
