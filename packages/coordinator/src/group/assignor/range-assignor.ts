/**
 * The range assignor: per topic, every subscriber gets a run of neighbouring partitions, static members first, then by id.
 *
 * Topics with as many partitions and the same subscribers are assigned alike, so that they can be joined.
 * Source: org.apache.kafka.coordinator.group.assignor.RangeAssignor.
 */
import type { Uuid } from '@skarab/base';
import type { Assignment } from '../consumer/assignment.ts';
import { grownCapacity, hashOrder, tableSizeFor, uuidHashCode } from '../java-hash-order.ts';
import type { GroupAssignment, GroupSpec, MemberSpec } from './assignor.ts';

/** A topic while its partitions are given out. */
interface Topic {
  readonly partitionCount: number;
  subscriberCount: number;
  /** The first partition that nobody has yet. */
  next: number;
  /** How many subscribers have their share. */
  served: number;
}

/** Assigns by ranges. */
export function rangeAssignor(group: GroupSpec): GroupAssignment {
  const members = [...group.members].sort(compareMembers);
  const [first] = members;
  if (first === undefined) return new Map();
  const topicIdsOf = (member: MemberSpec): readonly Uuid[] =>
    (group.subscriptionType === 'homogeneous' ? first : member).topicIds.ids;
  const topics = countSubscribers(group, members, topicIdsOf);
  const sizeOf = ({ topicIds }: MemberSpec): number =>
    group.subscriptionType === 'homogeneous' ? topics.size : topicIds.nameCount;
  return new Map(members.map((member) => [member.memberId, takeShares(topicIdsOf(member), topics, sizeOf(member))]));
}

function compareMembers(a: MemberSpec, b: MemberSpec): number {
  if (a.instanceId !== null && b.instanceId !== null) return a.instanceId < b.instanceId ? -1 : 1;
  if (a.instanceId !== null || b.instanceId !== null) return a.instanceId !== null ? -1 : 1;
  return a.memberId < b.memberId ? -1 : 1;
}

function countSubscribers(
  group: GroupSpec,
  members: readonly MemberSpec[],
  topicIdsOf: (member: MemberSpec) => readonly Uuid[],
): Map<Uuid, Topic> {
  const topics = new Map<Uuid, Topic>();
  for (const member of members)
    for (const topicId of topicIdsOf(member)) {
      const topic = topics.get(topicId);
      if (topic !== undefined) topic.subscriberCount++;
      else {
        const partitionCount = group.partitionCount(topicId);
        topics.set(topicId, { partitionCount, subscriberCount: 1, next: 0, served: 0 });
      }
    }
  return topics;
}

/** The next subscriber's share of each of its topics; the first ones get what is left over, one each. */
function takeShares(topicIds: readonly Uuid[], topics: ReadonlyMap<Uuid, Topic>, expectedSize: number): Assignment {
  const shares = new Map<Uuid, number[]>();
  for (const topicId of topicIds) {
    const topic = topics.get(topicId)!;
    const { partitionCount, subscriberCount, next } = topic;
    const quota = Math.floor(partitionCount / subscriberCount);
    const count = quota + Number(topic.served < partitionCount % subscriberCount);
    topic.served++;
    topic.next += count;
    if (count > 0)
      shares.set(
        topicId,
        Array.from({ length: count }, (_none, index) => next + index),
      );
  }
  const capacity = grownCapacity(shares.size, tableSizeFor(Math.trunc(expectedSize / 0.75 + 1)));
  const order = hashOrder([...shares.keys()], uuidHashCode, capacity);
  return new Map(order.map((topicId) => [topicId, shares.get(topicId)!]));
}
