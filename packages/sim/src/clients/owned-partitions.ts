/**
 * The partitions that a member of a group owns.
 */
import type { GroupOffsets } from './group-offsets.ts';
import { OwnedPartition } from './owned-partition.ts';
import type { Owner, Owners } from './owners.ts';
import type { SimClient } from './sim-client.ts';

export interface OwnedPartitionsOptions {
  readonly client: SimClient;
  readonly topic: string;
  readonly owner: Owner;
  readonly owners: Owners;
  readonly offsets: GroupOffsets;
}

export class OwnedPartitions {
  readonly #options: OwnedPartitionsOptions;
  readonly #owned = new Map<number, OwnedPartition>();

  constructor(options: OwnedPartitionsOptions) {
    this.#options = options;
  }

  get indexes(): number[] {
    return [...this.#owned.keys()].toSorted((a, b) => a - b);
  }

  /** Goes on with what it has of these, and begins with the rest. */
  take(partitions: readonly number[]): void {
    const { client, topic, owner, owners, offsets } = this.#options;
    for (const partition of partitions) {
      owners.take(partition, owner);
      if (!this.#owned.has(partition))
        this.#owned.set(partition, new OwnedPartition(client, { topic, partition }, { offsets, owners }));
    }
  }

  /** Gives up all but these, after positions are committed, unless that takes too long. */
  async keepOnly(kept: readonly number[]): Promise<void> {
    const { owner, owners } = this.#options;
    const revoked = [...this.#owned].filter(([partition]) => !kept.includes(partition));
    await Promise.all(revoked.map(([, owned]) => owned.giveUp()));
    for (const [partition, owned] of revoked) {
      if (this.#owned.get(partition) !== owned) continue;
      this.#owned.delete(partition);
      owners.giveUp(partition, owner);
    }
  }

  /** Everything belongs to others: nothing is committed. */
  drop(): void {
    const { owner, owners } = this.#options;
    for (const [partition, owned] of this.#owned) {
      owned.drop();
      owners.giveUp(partition, owner);
    }
    this.#owned.clear();
  }
}
