/**
 * The voters of the quorum: who they are, where they listen, and which protocol versions they speak. Immutable.
 *
 * Source: org.apache.kafka.raft.VoterSet, org.apache.kafka.raft.Endpoints; KIP-853.
 */
import { ZERO_UUID } from '@skarab/base';
import { newVotersRecord, type VotersRecord } from '@skarab/protocol';
import { isSameReplica, matchesReplica, type ReplicaKey } from './replica-key.ts';

/** A controller listener. */
export interface VoterEndpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Versions of the raft protocol that a voter supports. */
export interface KraftVersionRange {
  readonly min: number;
  readonly max: number;
}

/** A voter. */
export interface VoterNode {
  readonly key: ReplicaKey;
  readonly endpoints: readonly VoterEndpoint[];
  readonly kraftVersions: KraftVersionRange;
}

/** What this software supports. */
export const SUPPORTED_KRAFT_VERSIONS: KraftVersionRange = { min: 0, max: 1 };

/** The voters by node id. */
export class VoterSet implements Iterable<VoterNode> {
  readonly #voters: ReadonlyMap<number, VoterNode>;

  constructor(voters: Iterable<VoterNode> = []) {
    this.#voters = new Map([...voters].map((voter) => [voter.key.id, voter]));
  }

  /** The voters of `controller.quorum.voters`, whose directories are not known. */
  static static(listener: string, voters: Iterable<{ id: number; host: string; port: number }>): VoterSet {
    return new VoterSet(
      [...voters].map(({ id, host, port }) => ({
        key: { id, directoryId: null },
        endpoints: [{ name: listener, host, port }],
        kraftVersions: { min: 0, max: 0 },
      })),
    );
  }

  /** The voters that a control record names. */
  static fromRecord(record: VotersRecord): VoterSet {
    return new VoterSet(
      record.voters.map((voter) => ({
        key: {
          id: voter.voterId,
          directoryId: voter.voterDirectoryId === ZERO_UUID ? null : voter.voterDirectoryId,
        },
        endpoints: voter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
        kraftVersions: {
          min: voter.kRaftVersionFeature.minSupportedVersion,
          max: voter.kRaftVersionFeature.maxSupportedVersion,
        },
      })),
    );
  }

  get size(): number {
    return this.#voters.size;
  }

  /** Ids of the voters in ascending order. */
  get ids(): readonly number[] {
    return [...this.#voters.keys()].sort((a, b) => a - b);
  }

  get(id: number): VoterNode | undefined {
    return this.#voters.get(id);
  }

  /** True when the replica may vote. */
  has(replica: ReplicaKey): boolean {
    const voter = this.#voters.get(replica.id);
    return voter !== undefined && matchesReplica(voter.key, replica);
  }

  /** True when the replica is all there is. */
  isOnlyVoter(replica: ReplicaKey): boolean {
    return this.#voters.size === 1 && this.has(replica);
  }

  /** True when the voter is in the set with other listeners or versions than it has now. */
  needsUpdate(voter: VoterNode): boolean {
    const known = this.#voters.get(voter.key.id);
    return known !== undefined && matchesReplica(known.key, voter.key) && !isSameVoter(known, voter);
  }

  /** The set with a voter as it is now. */
  with(voter: VoterNode): VoterSet {
    return new VoterSet(new Map(this.#voters).set(voter.key.id, voter).values());
  }

  /** The set without a voter. */
  without(id: number): VoterSet {
    return new VoterSet([...this.#voters.values()].filter(({ key }) => key.id !== id));
  }

  /** The control record that names these voters. */
  toRecord(): VotersRecord {
    return newVotersRecord({
      version: 0,
      voters: [...this.#voters.values()].map(({ key, endpoints, kraftVersions }) => ({
        voterId: key.id,
        voterDirectoryId: key.directoryId ?? ZERO_UUID,
        endpoints: endpoints.map(({ name, host, port }) => ({ name, host, port })),
        kRaftVersionFeature: { minSupportedVersion: kraftVersions.min, maxSupportedVersion: kraftVersions.max },
      })),
    });
  }

  [Symbol.iterator](): Iterator<VoterNode> {
    return this.#voters.values();
  }
}

function isSameVoter(a: VoterNode, b: VoterNode): boolean {
  const isSameEndpoint = (endpoint: VoterEndpoint): boolean =>
    b.endpoints.some(({ name, host, port }) => {
      return name === endpoint.name && host === endpoint.host && port === endpoint.port;
    });
  return (
    isSameReplica(a.key, b.key) &&
    a.kraftVersions.min === b.kraftVersions.min &&
    a.kraftVersions.max === b.kraftVersions.max &&
    a.endpoints.length === b.endpoints.length &&
    a.endpoints.every(isSameEndpoint)
  );
}
