/**
 * Who a replica of the metadata log is: its node, and the directory that holds its log. A node that lost its disk is another replica.
 *
 * Source: org.apache.kafka.raft.ReplicaKey; KIP-853.
 */
import { type Uuid, ZERO_UUID } from '@skarab/base';

/** A replica; `directoryId` is null where it is not known (static quorums). */
export interface ReplicaKey {
  readonly id: number;
  readonly directoryId: Uuid | null;
}

/** The replica that a message names; the zero uuid stands for no directory. */
export function replicaKey(id: number, directoryId: Uuid): ReplicaKey {
  return { id, directoryId: directoryId === ZERO_UUID ? null : directoryId };
}

/** True when both name the same replica. */
export function isSameReplica(a: ReplicaKey, b: ReplicaKey): boolean {
  return a.id === b.id && a.directoryId === b.directoryId;
}

/** True when `replica` is the one that `known` stands for; a known replica without a directory stands for any of its node. */
export function matchesReplica(known: ReplicaKey, replica: ReplicaKey): boolean {
  return known.id === replica.id && (known.directoryId === null || known.directoryId === replica.directoryId);
}
