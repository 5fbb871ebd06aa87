/**
 * Decides the target assignment of a new group epoch, unless the last one is too recent (KIP-1263).
 *
 * Source: GroupMetadataManager.maybeUpdateTargetAssignment, org.apache.kafka.coordinator.group.modern.TargetAssignmentBuilder.
 */
import { ErrorCode } from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import type { GroupSpec, MemberSpec } from '../assignor/assignor.ts';
import { SubscribedTopicIds, unionInOrder } from '../assignor/subscribed-topic-ids.ts';
import { grownCapacity, hashOrder } from '../java-hash-order.ts';
import { inHashOrder, javaHashCode } from '../java-string.ts';
import { targetEpochRecord, targetRecord } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { type Assignment, isSameAssignment, NO_PARTITIONS } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, subscribedRegexOf } from './consumer-member.ts';
import { preferredAssignor } from './preferred-assignor.ts';
import type { SubscriptionType } from './subscription-type.ts';

/** What a member is to have, and as of which epoch. */
export interface MemberTarget {
  readonly kind: 'target';
  readonly epoch: number;
  readonly assignment: Assignment;
}

/** A group on its way to another epoch because of one member. */
export interface GroupChange {
  readonly group: ConsumerGroup;
  readonly groupEpoch: number;
  readonly subscriptionType: SubscriptionType;
  readonly before: ConsumerMember;
  readonly after: ConsumerMember;
}

/** The member's target after the change, with the records of a new one in `records`. */
export function maybeUpdateTargetAssignment(
  parts: ShardParts,
  change: GroupChange,
  records: GroupRecord[],
  nowMs: number,
): MemberTarget | Refusal {
  const { group, groupEpoch, before, after } = change;
  const { epoch, timestampMs } = group.target;
  const { assignmentIntervalMs } = parts.groupConfigs.consumer(group.groupId);
  if (epoch >= groupEpoch || !canComputeNext(timestampMs, assignmentIntervalMs, nowMs))
    return { kind: 'target', epoch, assignment: group.targetOf(after) };
  const [defaultAssignor] = parts.assignors.values();
  const assignor = parts.assignors.get(preferredAssignor(group, before, after) ?? '') ?? defaultAssignor!;
  const spec = groupSpecOf(parts, change);
  const assigned = assignor.assign(spec);
  if (assigned === null) return refused(ErrorCode.UNKNOWN_SERVER_ERROR);
  const { groupId } = group;
  parts.logger.info({ groupId, groupEpoch, assignor: assignor.name }, 'computed a new target assignment');
  for (const { memberId } of spec.members) {
    const old = group.targets.get(memberId);
    const target = assigned.get(memberId) ?? NO_PARTITIONS;
    if (old === undefined || !isSameAssignment(old, target)) records.push(targetRecord(groupId, memberId, target));
  }
  records.push(targetEpochRecord(groupId, groupEpoch, nowMs));
  return { kind: 'target', epoch: groupEpoch, assignment: assigned.get(after.memberId) ?? NO_PARTITIONS };
}

/** An interval of 0 is always over, also when the clock has been set back; so is that after no or an unknown assignment. */
export function canComputeNext(timestampMs: number, intervalMs: number, nowMs: number): boolean {
  return timestampMs === 0 || intervalMs === 0 || nowMs >= timestampMs + intervalMs;
}

/** The members after the change, each with the target that it, or the static member it replaces, has now. */
function groupSpecOf(parts: ShardParts, { group, subscriptionType, after }: GroupChange): GroupSpec {
  const image = parts.topics.image;
  const topicIds = new Map<readonly string[], SubscribedTopicIds>();
  const specOf = (member: ConsumerMember, assignment: Assignment): MemberSpec => {
    const names = subscribedNames(group, member);
    let ids = topicIds.get(names);
    if (ids === undefined) {
      ids = new SubscribedTopicIds(names, image);
      topicIds.set(names, ids);
    }
    return { memberId: member.memberId, instanceId: member.instanceId, topicIds: ids, assignment };
  };
  const specs = new Map<string, MemberSpec>();
  for (const member of group.orderedMembers())
    specs.set(member.memberId, specOf(member, group.targets.get(member.memberId) ?? NO_PARTITIONS));
  let maxSize = specs.size;
  for (const memberId of changedMemberIds(group, after)) {
    if (memberId === after.memberId) specs.set(memberId, specOf(after, targetBefore(group, after)));
    else specs.delete(memberId);
    maxSize = Math.max(maxSize, specs.size);
  }
  const order = hashOrder([...specs.keys()], javaHashCode, grownCapacity(maxSize));
  return {
    members: order.map((memberId) => specs.get(memberId)!),
    subscriptionType,
    isPartitionAssigned: (topicId, partition) => group.targets.isAssigned(topicId, partition),
    partitionCount: (topicId) => image.topicById(topicId)?.partitionCount ?? 0,
  };
}

/** The changed member, and the static member that it replaces. */
function changedMemberIds(group: ConsumerGroup, { memberId, instanceId }: ConsumerMember): string[] {
  const previous = instanceId === null ? undefined : group.staticMembers.get(instanceId);
  return previous === undefined || previous === memberId ? [memberId] : inHashOrder([memberId, previous]);
}

function targetBefore(group: ConsumerGroup, { memberId, instanceId }: ConsumerMember): Assignment {
  const previous = instanceId === null ? undefined : group.staticMembers.get(instanceId);
  return group.targets.get(previous ?? memberId) ?? NO_PARTITIONS;
}

/** The topics that a member subscribes to by name or by what its regular expression matched. */
export function subscribedNames(group: ConsumerGroup, member: ConsumerMember): readonly string[] {
  const regex = subscribedRegexOf(member);
  const resolved = regex === null ? undefined : group.resolvedRegexes.get(regex);
  return resolved === undefined
    ? member.subscribedTopicNames
    : unionInOrder(member.subscribedTopicNames, resolved.topics);
}
