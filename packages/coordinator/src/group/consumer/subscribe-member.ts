/**
 * Finds the member that a heartbeat or a JoinGroup is from, or makes it; a static member takes the place of the one before it.
 *
 * Source: GroupMetadataManager (getOrMaybeSubscribeDynamicConsumerGroupMember, getOrMaybeSubscribeStaticConsumerGroupMember, replaceMember,
 * throwIf…).
 */
import { ErrorCode } from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import {
  currentAssignmentRecord,
  memberRecord,
  memberTombstones,
  targetRecord,
} from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { isSubset, NO_PARTITIONS, type TopicPartitionList } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, newConsumerMember, STATIC_LEAVE_EPOCH } from './consumer-member.ts';

/** Who asks to be, or to stay, a member. */
export interface Subscriber {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Whether a member is made when there is none. */
  readonly isJoining: boolean;
  /** What a member of the new protocol says of itself; null for one of the classic protocol. */
  readonly claim: { readonly memberEpoch: number; readonly owned: readonly TopicPartitionList[] | null } | null;
}

/** The member, perhaps new; the records that put a static member in another's place are in `records`. */
export function subscribeMember(
  group: ConsumerGroup,
  subscriber: Subscriber,
  records: GroupRecord[],
): ConsumerMember | Refusal {
  const { memberId, instanceId, isJoining, claim } = subscriber;
  if (instanceId !== null)
    return isJoining
      ? joinStatic(group, { ...subscriber, instanceId }, records)
      : stayStatic(group, { ...subscriber, instanceId });
  const member = group.members.get(memberId) ?? (isJoining ? newConsumerMember(memberId) : null);
  if (member === null) return unknownMember(group, memberId);
  return (claim && refuseEpoch(member, claim.memberEpoch, claim.owned)) ?? member;
}

/** There is no such member. */
export function unknownMember({ groupId }: ConsumerGroup, memberId: string): Refusal {
  return refused(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`);
}

/** The instance id belongs to nobody. */
export function unknownInstance(instanceId: string): Refusal {
  return refused(ErrorCode.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
}

/** Refuses a member whose instance id another member has now. */
export function refuseFenced(member: ConsumerMember, memberId: string, instanceId: string): Refusal | null {
  if (member.memberId === memberId) return null;
  return refused(
    ErrorCode.FENCED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${instanceId} was fenced by member ${member.memberId}.`,
  );
}

interface StaticSubscriber extends Subscriber {
  readonly instanceId: string;
}

/** Members of the new protocol give their instance id up before another one can have it. */
function joinStatic(
  group: ConsumerGroup,
  { memberId, instanceId, claim }: StaticSubscriber,
  records: GroupRecord[],
): ConsumerMember | Refusal {
  const existing = group.staticMember(instanceId);
  if (existing === undefined) return group.members.get(memberId) ?? newConsumerMember(memberId);
  if (claim !== null && existing.classic === null && existing.memberEpoch !== STATIC_LEAVE_EPOCH)
    return refused(
      ErrorCode.UNRELEASED_INSTANCE_ID,
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is owned by ${existing.memberId} member.`,
    );
  const replacement = { ...existing, memberId, memberEpoch: 0, previousMemberEpoch: 0 };
  const { groupId } = group;
  // The timers of the old member stay, in case the write fails; they find nobody otherwise.
  records.push(
    ...memberTombstones(groupId, existing.memberId),
    memberRecord(groupId, replacement),
    targetRecord(groupId, memberId, group.targets.get(existing.memberId) ?? NO_PARTITIONS),
    currentAssignmentRecord(groupId, replacement),
  );
  return replacement;
}

function stayStatic(group: ConsumerGroup, { memberId, instanceId, claim }: StaticSubscriber): ConsumerMember | Refusal {
  const existing = group.staticMember(instanceId);
  if (existing === undefined) return unknownInstance(instanceId);
  const refusal =
    refuseFenced(existing, memberId, instanceId) ?? (claim && refuseEpoch(existing, claim.memberEpoch, claim.owned));
  return refusal ?? existing;
}

/** Epoch 0 is that of a member which starts anew; the epoch before is as good as the present one when its answer may have been lost. */
function refuseEpoch(
  member: ConsumerMember,
  received: number,
  owned: readonly TopicPartitionList[] | null,
): Refusal | null {
  const { memberEpoch, previousMemberEpoch, assignedPartitions } = member;
  if (received === 0 || received === memberEpoch) return null;
  const isBefore = received < memberEpoch;
  if (isBefore && received === previousMemberEpoch && isSubset(owned, assignedPartitions)) return null;
  return refused(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${isBefore ? 'smaller' : 'greater'} member epoch (${received}) than the one known by the ` +
      `group coordinator (${memberEpoch}). The member must abandon all its partitions and rejoin.`,
  );
}
