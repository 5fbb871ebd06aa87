/**
 * Which partitions a member has, or is to have.
 *
 * Source: org.apache.kafka.coordinator.group.modern.Assignment, org.apache.kafka.coordinator.group.Utils.
 */
import type { Uuid } from '@skarab/base';
import { grownCapacity, hashOrder, intSetOrder, uuidHashCode } from '../java-hash-order.ts';

/** Partitions by topic, both in the order in which a JVM coordinator goes through them. No topic is without partitions. */
export type Assignment = ReadonlyMap<Uuid, readonly number[]>;

/** Partitions by topic, each with the epoch in which the member got it. */
export type EpochAssignment = ReadonlyMap<Uuid, ReadonlyMap<number, number>>;

/** Topics and partitions as requests and records list them. */
export interface TopicPartitionList {
  readonly topicId: Uuid;
  readonly partitions: readonly number[];
}

/** No partitions. */
export const NO_PARTITIONS: ReadonlyMap<Uuid, never> = new Map<Uuid, never>();

/** The assignment that a record lists. */
export function assignmentOf(topics: readonly TopicPartitionList[]): Assignment {
  const byTopic = new Map(topics.map(({ topicId, partitions }) => [topicId, partitions]));
  const order = hashOrder([...byTopic.keys()], uuidHashCode, grownCapacity(byTopic.size));
  return new Map(order.map((topicId) => [topicId, intSetOrder(byTopic.get(topicId)!)]));
}

/** Whether two assignments name the same partitions. */
export function isSameAssignment(a: Assignment, b: Assignment): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others === undefined || others.length !== partitions.length) return false;
    const set = new Set(others);
    if (!partitions.every((partition) => set.has(partition))) return false;
  }
  return true;
}

/** Whether two assignments name the same partitions, since the same epochs. */
export function isSameEpochAssignment(a: EpochAssignment, b: EpochAssignment): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const [partition, epoch] of partitions) if (others.get(partition) !== epoch) return false;
  }
  return true;
}

/** Every partition of an assignment in one epoch. */
export function withEpoch(assignment: Assignment, epoch: number): EpochAssignment {
  const entries = [...assignment].map(([topicId, partitions]): [Uuid, Map<number, number>] => [
    topicId,
    new Map(partitions.map((partition) => [partition, epoch])),
  ]);
  return new Map(entries);
}

/** The partitions without their epochs, as lists. */
export function topicPartitionsOf(assignment: EpochAssignment): { topicId: Uuid; partitions: number[] }[] {
  return [...assignment].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()] }));
}

/** Whether everything that is listed is in the assignment; nothing is known of no list. */
export function isSubset(list: readonly TopicPartitionList[] | null, assignment: EpochAssignment): boolean {
  if (list === null) return false;
  return list.every(({ topicId, partitions }) => {
    const assigned = assignment.get(topicId);
    return assigned !== undefined && partitions.every((partition) => assigned.has(partition));
  });
}
