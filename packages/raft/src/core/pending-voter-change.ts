/**
 * A change of voters that the leader has begun and that is not yet committed; there is at most one at a time.
 *
 * Source: org.apache.kafka.raft.internals.AddVoterHandlerState, RemoveVoterHandlerState; KIP-853.
 */
import type { ReplicaKey } from './replica-key.ts';
import type { VoterEndpoint } from './voter-set.ts';

interface PendingChange {
  /** Whom to answer; null when that was done already. */
  token: number | null;
  /** When the change is given up, as far as those are concerned who wait for it. */
  readonly deadlineMs: number;
  /** Where the voters have been written; null before that. */
  lastOffset: number | null;
}

/** A voter that is being added: first it is asked what it supports, then the voters are written. */
export interface PendingAddition extends PendingChange {
  readonly kind: 'add';
  readonly voterKey: ReplicaKey;
  readonly endpoints: readonly VoterEndpoint[];
  readonly ackWhenCommitted: boolean;
  isWritten: boolean;
}

/** A voter that is being removed. */
export interface PendingRemoval extends PendingChange {
  readonly kind: 'remove';
  isWritten: boolean;
}

export type PendingVoterChange = PendingAddition | PendingRemoval;
