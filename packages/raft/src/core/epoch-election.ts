/**
 * The votes for one replica in one election. Source: org.apache.kafka.raft.internals.EpochElection.
 */
import type { ReplicaKey } from './replica-key.ts';
import type { VoterSet } from './voter-set.ts';

/** Counts votes. */
export class EpochElection {
  readonly #voters: ReadonlyMap<number, ReplicaKey>;
  readonly #votes = new Map<number, boolean>();

  /** The candidate votes for itself. */
  constructor(voters: VoterSet, localId: number) {
    this.#voters = new Map([...voters].map(({ key }) => [key.id, key]));
    this.record(localId, true);
  }

  /** Takes in an answer; those who do not vote do not count. */
  record(voterId: number, isGranted: boolean): void {
    if (this.#voters.has(voterId)) this.#votes.set(voterId, isGranted);
  }

  get isGranted(): boolean {
    return this.#count(true) >= this.#majority;
  }

  /** True when those who have not answered yet cannot turn it any more. */
  get isRejected(): boolean {
    return this.#voters.size - this.#count(false) < this.#majority;
  }

  /** Ids of those who said yes, ascending. */
  get grantingVoterIds(): readonly number[] {
    return [...this.#votes]
      .filter(([, isGranted]) => isGranted)
      .map(([id]) => id)
      .sort((a, b) => a - b);
  }

  /** Those who have not answered. */
  get unrecordedVoters(): readonly ReplicaKey[] {
    return [...this.#voters.values()].filter(({ id }) => !this.#votes.has(id));
  }

  get #majority(): number {
    return Math.floor(this.#voters.size / 2) + 1;
  }

  #count(isGranted: boolean): number {
    let count = 0;
    for (const vote of this.#votes.values()) if (vote === isGranted) count++;
    return count;
  }
}
