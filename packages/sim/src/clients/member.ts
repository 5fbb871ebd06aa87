/**
 * A member of a consumer group, of whichever protocol: it owns partitions, reads them and commits.
 */
import type { Simulation } from '../cluster/simulation.ts';
import { CoordinatorClient, KeyType } from './coordinator-client.ts';
import { GroupOffsets } from './group-offsets.ts';
import { OwnedPartitions } from './owned-partitions.ts';
import type { Owner, Owners } from './owners.ts';
import { RunningClient } from './running-client.ts';

/** Which group, and what is done there. */
export interface MemberOptions {
  readonly groupId: string;
  readonly topic: string;
  /** Of a static member. */
  readonly instanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly owners: Owners;
}

export abstract class Member extends RunningClient implements Owner {
  readonly name: string;
  readonly instanceId: string | null;
  abstract memberId: string;
  /** The epoch, or generation, that it is in. */
  abstract memberEpoch: number;
  protected readonly coordinator: CoordinatorClient;
  protected readonly partitions: OwnedPartitions;
  /** Static members that leave for a while stay in the group. */
  protected isLeavingForGood = false;

  constructor(simulation: Simulation, process: number, what: string, options: MemberOptions) {
    super(simulation, process);
    const { groupId, topic, instanceId, owners } = options;
    this.instanceId = instanceId;
    this.name = `${what} ${process}${instanceId === null ? '' : ` (${instanceId})`}`;
    const { client } = this;
    this.coordinator = new CoordinatorClient(client, KeyType.GROUP, groupId);
    const offsets = new GroupOffsets(new CoordinatorClient(client, KeyType.GROUP, groupId), topic, () => this);
    this.partitions = new OwnedPartitions({ client, topic, owner: this, owners, offsets });
  }

  /** The partitions that it owns. */
  get owned(): readonly number[] {
    return this.partitions.indexes;
  }

  /** Commits and leaves; a static member for a while, unless it is for good. */
  leave(isForGood: boolean): Promise<void> {
    this.isLeavingForGood = isForGood || this.instanceId === null;
    return this.stop();
  }

  abstract isOwnerAt(nowMs: number, groupEpoch: number): boolean;

  protected get nowMs(): number {
    return this.simulation.clock.monotonicMs();
  }
}
