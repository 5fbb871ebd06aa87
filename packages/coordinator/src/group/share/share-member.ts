/**
 * A member of a share group: what it said about itself, and what it has.
 *
 * Immutable; a change makes a new one. Source: org.apache.kafka.coordinator.group.modern.share.ShareGroupMember.
 */
import { type Assignment, isSameAssignment, NO_PARTITIONS } from '../consumer/assignment.ts';

/** One member. */
export interface ShareMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Distinct and sorted. */
  readonly subscribedTopicNames: readonly string[];
  readonly assignedPartitions: Assignment;
}

/** A member of which nothing is known yet. */
export function newShareMember(memberId: string): ShareMember {
  return {
    memberId,
    memberEpoch: 0,
    previousMemberEpoch: -1,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: [],
    assignedPartitions: NO_PARTITIONS,
  };
}

/** Whether two lists of distinct, sorted names are the same. */
export function areSameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

/** Whether a member says the same about itself as before. */
export function saysTheSame(a: ShareMember, b: ShareMember): boolean {
  return (
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    areSameNames(a.subscribedTopicNames, b.subscribedTopicNames)
  );
}

/** Whether a member has the same as before, in the same epoch. */
export function hasTheSame(a: ShareMember, b: ShareMember): boolean {
  return a.memberEpoch === b.memberEpoch && isSameAssignment(a.assignedPartitions, b.assignedPartitions);
}
