/**
 * The in-sync replicas of a partition as its leader sees them: what the controller has confirmed, and what it has been asked for.
 *
 * A replica that is to join counts at once for what must be replicated (the maximal ISR), one that is to leave counts until the controller says that
 * it has left: whatever the controller answers, the high watermark never passes what every member has. Shape: immutable values.
 * Source: org.apache.kafka.server.partition.PartitionState; KIP-497.
 */

/** One replica of a proposed ISR. */
export interface IsrMember {
  readonly brokerId: number;
  /** -1: not known, not to be checked. */
  readonly brokerEpoch: number;
}

/** What a leader asks the controller for. */
export interface IsrProposal {
  readonly topicId: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly IsrMember[];
}

/** What the controller says to it: an error code, or how the partition is now. */
export type IsrAnswer =
  | {
      readonly errorCode: 0;
      readonly leaderEpoch: number;
      readonly partitionEpoch: number;
      readonly isr: readonly number[];
    }
  | { readonly errorCode: number };

/** The set, and the change under way if there is one. */
export interface IsrState {
  /** What the controller has confirmed. */
  readonly isr: readonly number[];
  /** Whoever must have a record before it counts as replicated. */
  readonly maximalIsr: readonly number[];
  /** The change that the controller has been asked for. */
  readonly pending: IsrProposal | undefined;
}

/** A confirmed set, no change under way. */
export function committedIsr(isr: readonly number[]): IsrState {
  return { isr, maximalIsr: isr, pending: undefined };
}

/** `brokerId` is to join. */
export function pendingExpansion({ isr }: IsrState, brokerId: number, proposal: IsrProposal): IsrState {
  return { isr, maximalIsr: [...isr, brokerId], pending: proposal };
}

/** Some are to leave. */
export function pendingShrink({ isr }: IsrState, proposal: IsrProposal): IsrState {
  return { isr, maximalIsr: isr, pending: proposal };
}
