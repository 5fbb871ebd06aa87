/**
 * Assigns partitions to the members of a share group: every member gets some, partitions are shared where members outnumber them.
 *
 * What members have they keep, as far as the balance allows. Among equals the choice follows the order given, where the JVM's follows its hash
 * tables. Source: org.apache.kafka.coordinator.group.assignor.SimpleAssignor (homogeneous and heterogeneous).
 */
import type { Uuid } from '@skarab/base';
import { type Assignment, assignmentOf } from '../consumer/assignment.ts';

/** A member as the assignor sees it. */
export interface ShareMemberSpec {
  readonly memberId: string;
  readonly topicIds: readonly Uuid[];
  /** What it is to have until now. */
  readonly assignment: Assignment;
}

/** A partition of a topic, as text, for sets. */
const textOf = (topicId: Uuid, partition: number): string => `${topicId}:${partition}`;

/** The partitions of each member. */
export function simpleAssignor(
  members: readonly ShareMemberSpec[],
  assignable: (topicId: Uuid) => readonly number[],
): ReadonlyMap<string, Assignment> {
  const topicIds = [...new Set(members.flatMap((member) => member.topicIds))];
  const isHomogeneous = members.every((member) => member.topicIds.length === topicIds.length);
  const assigned = new Map<string, Set<string>>(members.map(({ memberId }) => [memberId, new Set()]));
  const groups = isHomogeneous ? [topicIds] : topicIds.map((topicId) => [topicId]);
  for (const topics of groups) {
    const partitions = topics.flatMap((topicId) => assignable(topicId).map((partition) => textOf(topicId, partition)));
    const subscribers = members.filter((member) => topics.every((topicId) => member.topicIds.includes(topicId)));
    for (const [memberId, shares] of balance(subscribers, partitions))
      for (const partition of shares) assigned.get(memberId)!.add(partition);
  }
  return new Map([...assigned].map(([memberId, partitions]) => [memberId, parsed(partitions)]));
}

/** Spreads partitions over members that all want all of them. */
function balance(members: readonly ShareMemberSpec[], partitions: readonly string[]): Map<string, Set<string>> {
  const wanted = new Set(partitions);
  const sharing = partitions.length === 0 ? 0 : Math.ceil(members.length / partitions.length);
  const average = members.length === 0 ? 0 : (sharing * partitions.length) / members.length;
  const sharedBy = new Map(partitions.map((partition) => [partition, new Set<string>()]));
  const slots = members.map(({ memberId, assignment }, index) => {
    const desired = Math.ceil(average * (index + 1)) - Math.ceil(average * index);
    const kept = new Set<string>();
    for (const [topicId, numbers] of assignment)
      for (const partition of numbers) {
        const text = textOf(topicId, partition);
        const owners = sharedBy.get(text);
        if (!wanted.has(text) || kept.size >= desired || owners!.size >= sharing) continue;
        kept.add(text);
        owners!.add(memberId);
      }
    return { memberId, desired, kept };
  });
  let unfilled = slots.filter(({ kept, desired }) => kept.size < desired);
  for (const [partition, owners] of sharedBy) {
    for (const slot of unfilled) {
      if (owners.size >= sharing) break;
      if (owners.has(slot.memberId) || slot.kept.size >= slot.desired) continue;
      slot.kept.add(partition);
      owners.add(slot.memberId);
      // Whoever has just got one comes last.
      unfilled = [...unfilled.filter((other) => other !== slot), ...(slot.kept.size < slot.desired ? [slot] : [])];
    }
  }
  return new Map(slots.map(({ memberId, kept }) => [memberId, kept]));
}

function parsed(texts: ReadonlySet<string>): Assignment {
  const byTopic = new Map<Uuid, number[]>();
  for (const text of texts) {
    const at = text.lastIndexOf(':');
    const topicId = text.slice(0, at);
    const partition = Number(text.slice(at + 1));
    const partitions = byTopic.get(topicId);
    if (partitions === undefined) byTopic.set(topicId, [partition]);
    else partitions.push(partition);
  }
  return assignmentOf([...byTopic].map(([topicId, partitions]) => ({ topicId, partitions })));
}
