/**
 * Decides SyncGroup, Heartbeat and LeaveGroup of members of the classic protocol in a consumer group.
 *
 * Source: GroupMetadataManager (classicGroupSyncToConsumerGroup, classicGroupHeartbeatToConsumerGroup, classicGroupLeaveToConsumerGroup).
 */
import {
  ErrorCode,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type MemberIdentity,
  newHeartbeatResponse,
  newLeaveGroupResponse,
  newMemberResponse,
  newSyncGroupResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@skarab/protocol';
import { answered, checkpointed, type Refusal, refused, type Verdict } from '../../runtime/decision.ts';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/subscribed-topics.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { Reply } from '../reply.ts';
import type { ShardParts } from '../shard-parts.ts';
import { assignmentOf, topicPartitionsOf } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ClassicMemberMetadata, type ConsumerMember, MemberState } from './consumer-member.ts';
import { embeddedVersion, writeAssignment } from './embedded-protocol.ts';
import { fenceMembers } from './fence-members.ts';
import { awaitJoin, endSync, keepConsumerSession } from './sessions.ts';

/** A member that speaks the classic protocol. */
interface ClassicConsumerMember extends ConsumerMember {
  readonly classic: ClassicMemberMetadata;
}

/** The classic member that a request of some generation comes from. */
function findMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
  generationId: number,
): ClassicConsumerMember | Refusal {
  const member = instanceId === null ? group.members.get(memberId) : group.staticMember(instanceId);
  if (member === undefined) return refused(ErrorCode.UNKNOWN_MEMBER_ID);
  if (instanceId !== null && member.memberId !== memberId) return refused(ErrorCode.FENCED_INSTANCE_ID);
  const { classic } = member;
  if (classic === null) return refused(ErrorCode.UNKNOWN_MEMBER_ID);
  return member.memberEpoch === generationId ? { ...member, classic } : refused(ErrorCode.ILLEGAL_GENERATION);
}

/** Decides a SyncGroup: the assignment is there already. */
export function syncConsumerGroup(
  parts: ShardParts,
  group: ConsumerGroup,
  request: SyncGroupRequest,
  reply: Reply<SyncGroupResponse>,
  nowMs: number,
): Verdict<null, GroupRecord> {
  const { groupId, memberId, protocolType, protocolName } = request;
  const member = findMember(group, memberId, request.groupInstanceId, request.generationId);
  if ('kind' in member) return member;
  const [protocol] = member.classic.supportedProtocols;
  if (protocolType !== null && protocolType !== CONSUMER_PROTOCOL_TYPE)
    return refused(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  if (protocolName !== null && protocolName !== protocol?.name) return refused(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  // A member that gives partitions up has joined for this epoch and is not called back before it is done.
  if (group.target.epoch > member.memberEpoch && member.state !== MemberState.UNREVOKED_PARTITIONS) {
    awaitJoin(parts, groupId, member, nowMs);
    return refused(ErrorCode.REBALANCE_IN_PROGRESS);
  }
  return checkpointed([], null, (error, endMs) => {
    if (error !== ErrorCode.NONE) return;
    endSync(parts, groupId, memberId);
    keepConsumerSession(parts, groupId, memberId, member.classic.sessionTimeoutMs, endMs);
    const version = embeddedVersion(protocol?.metadata ?? new Uint8Array());
    const assigned = assignmentOf(topicPartitionsOf(member.assignedPartitions));
    const response: Partial<SyncGroupResponse> =
      version === null
        ? { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }
        : { protocolType, protocolName, assignment: writeAssignment(assigned, parts.topics.image, version) };
    reply.send(newSyncGroupResponse(response));
  });
}

/** Decides a Heartbeat: the member is called back to join when there is something to learn. */
export function heartbeatToConsumerGroup(
  parts: ShardParts,
  group: ConsumerGroup,
  request: HeartbeatRequest,
  nowMs: number,
): Verdict<HeartbeatResponse, GroupRecord> {
  const { groupId, memberId } = request;
  const member = findMember(group, memberId, request.groupInstanceId, request.generationId);
  if ('kind' in member) return member;
  keepConsumerSession(parts, groupId, memberId, member.classic.sessionTimeoutMs, nowMs);
  if (!mustRejoin(group, member)) return answered(newHeartbeatResponse());
  awaitJoin(parts, groupId, member, nowMs);
  return answered(newHeartbeatResponse({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS }));
}

function mustRejoin(group: ConsumerGroup, member: ConsumerMember): boolean {
  if (member.memberEpoch < group.target.epoch || member.state === MemberState.UNREVOKED_PARTITIONS) return true;
  return member.state === MemberState.UNRELEASED_PARTITIONS && !isWaiting(group, member);
}

/** Whether others still have partitions of the member's target. */
function isWaiting(group: ConsumerGroup, { memberId, assignedPartitions }: ConsumerMember): boolean {
  for (const [topicId, partitions] of group.targets.get(memberId) ?? [])
    for (const partition of partitions)
      if (!assignedPartitions.get(topicId)?.has(partition) && group.partitionEpochs.get(topicId, partition) !== -1)
        return true;
  return false;
}

/** Decides a LeaveGroup in the form of v3 and above; members of the new protocol can be made to leave by it too. */
export function leaveConsumerGroupAsClassic(
  parts: ShardParts,
  group: ConsumerGroup,
  request: LeaveGroupRequest,
  nowMs: number,
): Verdict<LeaveGroupResponse, GroupRecord> {
  const leaving = new Map<string, ConsumerMember>();
  const members = request.members.map((identity) => {
    const { memberId, groupInstanceId } = identity;
    const member = findLeaving(group, identity);
    if ('kind' in member) return newMemberResponse({ memberId, groupInstanceId, errorCode: member.error });
    leaving.set(member.memberId, member);
    return newMemberResponse({ memberId, groupInstanceId });
  });
  return fenceMembers(parts, group, [...leaving.values()], newLeaveGroupResponse({ members }), nowMs);
}

/** Administrators name a static member by its instance id alone. */
function findLeaving(group: ConsumerGroup, { memberId, groupInstanceId }: MemberIdentity): ConsumerMember | Refusal {
  const member = groupInstanceId === null ? group.members.get(memberId) : group.staticMember(groupInstanceId);
  if (member === undefined) return refused(ErrorCode.UNKNOWN_MEMBER_ID);
  if (groupInstanceId !== null && memberId !== '' && member.memberId !== memberId)
    return refused(ErrorCode.FENCED_INSTANCE_ID);
  return member;
}
