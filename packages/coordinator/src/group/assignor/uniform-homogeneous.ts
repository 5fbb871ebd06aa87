/**
 * The uniform assignment of a group whose members subscribe to the same topics.
 *
 * Everybody keeps what it has up to its quota; what is over, and what nobody had, goes to those below theirs, one after the other.
 * Source: org.apache.kafka.coordinator.group.assignor.UniformHomogeneousAssignmentBuilder.
 */
import type { Uuid } from '@skarab/base';
import type { Assignment } from '../consumer/assignment.ts';
import { copiedSetCapacity, hashOrder, uuidHashCode } from '../java-hash-order.ts';
import type { GroupAssignment, GroupSpec } from './assignor.ts';
import { MutableAssignment } from './mutable-assignment.ts';

interface TopicIdPartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

interface UnfilledMember {
  readonly memberId: string;
  readonly remainingQuota: number;
  readonly kept: Assignment;
}

/** What a member keeps under its quota. */
interface Kept {
  readonly assignment: Assignment;
  readonly remainingQuota: number;
}

/** Assigns; null when partitions were left over, which the quotas rule out as long as no partition has two owners. */
export function assignUniformHomogeneous(group: GroupSpec): GroupAssignment | null {
  const { members } = group;
  const [first] = members;
  if (first === undefined) return new Map();
  const { ids, nameCount } = first.topicIds;
  if (ids.length === 0) return new Map();
  const topicIds = hashOrder(ids, uuidHashCode, copiedSetCapacity(nameCount));
  const unassigned: TopicIdPartition[] = [];
  const total = collectUnassigned(group, topicIds, unassigned);
  const minimumQuota = Math.floor(total / members.length);
  let extraCount = total % members.length;

  const subscribed = new Set(topicIds);
  const targets = new Map<string, Assignment>();
  const unfilled: UnfilledMember[] = [];
  for (const [index, { memberId, assignment: old }] of members.entries()) {
    let takesExtra = extraCount > 0;
    const kept = keep(old, subscribed, minimumQuota + Number(takesExtra), unassigned);
    let { remainingQuota } = kept;
    // The extra partition is left to others, unless every one of the last members must take one.
    if (remainingQuota > 0 && takesExtra && members.length - index > extraCount) {
      remainingQuota--;
      takesExtra = false;
    }
    if (remainingQuota > 0) unfilled.push({ memberId, remainingQuota, kept: kept.assignment });
    if (takesExtra) extraCount--;
    targets.set(memberId, kept.assignment);
  }
  return fill(targets, unfilled, unassigned) ? targets : null;
}

/** Collects what is in nobody's target; returns how many partitions there are. */
function collectUnassigned(group: GroupSpec, topicIds: readonly Uuid[], unassigned: TopicIdPartition[]): number {
  let total = 0;
  for (const topicId of topicIds) {
    const count = group.partitionCount(topicId);
    for (let partition = 0; partition < count; partition++)
      if (!group.isPartitionAssigned(topicId, partition)) unassigned.push({ topicId, partition });
    total += count;
  }
  return total;
}

/** Gives up what is over the quota (to `unassigned`) and what is not subscribed to any more. */
function keep(old: Assignment, subscribed: ReadonlySet<Uuid>, quota: number, unassigned: TopicIdPartition[]): Kept {
  let remainingQuota = quota;
  let changed: MutableAssignment | null = null;
  for (const [topicId, partitions] of old) {
    if (!subscribed.has(topicId)) {
      changed ??= new MutableAssignment(old);
      changed.removeTopic(topicId);
      continue;
    }
    const keptCount = Math.min(partitions.length, remainingQuota);
    remainingQuota -= keptCount;
    for (const partition of partitions.slice(keptCount)) {
      changed ??= new MutableAssignment(old);
      changed.remove(topicId, partition);
      unassigned.push({ topicId, partition });
    }
  }
  return { assignment: changed?.toAssignment() ?? old, remainingQuota };
}

/** Gives everybody who is below the quota what it lacks; false when something is left over. */
function fill(
  targets: Map<string, Assignment>,
  unfilled: readonly UnfilledMember[],
  unassigned: readonly TopicIdPartition[],
): boolean {
  let next = 0;
  for (const { memberId, remainingQuota, kept } of unfilled) {
    const assignment = new MutableAssignment(kept);
    const end = Math.min(next + remainingQuota, unassigned.length);
    for (; next < end; next++) assignment.add(unassigned[next]!.topicId, unassigned[next]!.partition);
    targets.set(memberId, assignment.toAssignment());
  }
  return next === unassigned.length;
}
