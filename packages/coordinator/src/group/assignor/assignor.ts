/**
 * What an assignor is given and gives back.
 *
 * Assignors are pure and deterministic: the order of members, topics and partitions they are given is that of a JVM coordinator, and so is what
 * they decide. Source: org.apache.kafka.coordinator.group.api.assignor (PartitionAssignor, GroupSpec, GroupAssignment).
 */
import type { Uuid } from '@skarab/base';
import type { Assignment } from '../consumer/assignment.ts';
import type { SubscriptionType } from '../consumer/subscription-type.ts';
import type { SubscribedTopicIds } from './subscribed-topic-ids.ts';

/** One member as assignors see it. */
export interface MemberSpec {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly topicIds: SubscribedTopicIds;
  /** What it is to have until now. */
  readonly assignment: Assignment;
}

/** The group as assignors see it. */
export interface GroupSpec {
  readonly members: readonly MemberSpec[];
  readonly subscriptionType: SubscriptionType;
  /** Whether a partition is in anybody's target until now. */
  isPartitionAssigned(topicId: Uuid, partition: number): boolean;
  /** Of a topic that exists. */
  partitionCount(topicId: Uuid): number;
}

/** Partitions per member; who is not here gets none. */
export type GroupAssignment = ReadonlyMap<string, Assignment>;

/** A way to assign partitions. */
export interface Assignor {
  readonly name: string;
  /** The assignment; null when it cannot be made, which no group that replay allows leads to. */
  assign(group: GroupSpec): GroupAssignment | null;
}
