/**
 * Decides LeaveGroup for classic groups: a batch of members, static ones by their instance id alone (what an administrator has).
 *
 * Source: GroupMetadataManager.classicGroupLeaveToClassicGroup.
 */
import {
  ErrorCode,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type MemberIdentity,
  newLeaveGroupResponse,
  newMemberResponse,
} from '@skarab/protocol';
import { answered, type Decision, nothing, refused, type Verdict } from '../../runtime/decision.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ClassicGroup } from './classic-group.ts';
import { maybeCompleteJoin, maybePrepareRebalance } from './rebalance.ts';
import { endSession } from './session.ts';

/** Decides a LeaveGroup in the form of v3 and above. */
export function leaveGroup(
  parts: ShardParts,
  request: LeaveGroupRequest,
  nowMs: number,
): Verdict<LeaveGroupResponse, GroupRecord> {
  const group = parts.registry.getClassic(request.groupId);
  if (group === undefined) return refused(ErrorCode.UNKNOWN_MEMBER_ID);
  if (group.isIn('Dead')) return answered(newLeaveGroupResponse({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }));
  const members = request.members.map((identity) => {
    const { memberId, groupInstanceId } = identity;
    return newMemberResponse({ memberId, groupInstanceId, errorCode: leave(parts, group, identity) });
  });
  const left = members.filter(({ errorCode }) => errorCode === ErrorCode.NONE).map(({ memberId }) => memberId);
  const decision = left.length === 0 ? nothing : continueWithout(parts, group, left, nowMs);
  return { ...decision, response: newLeaveGroupResponse({ members }) };
}

function leave(parts: ShardParts, group: ClassicGroup, identity: MemberIdentity): ErrorCode {
  const { memberId, groupInstanceId } = identity;
  if (group.pendingJoinMembers.has(memberId)) {
    group.remove(memberId);
    endSession(parts, group, memberId);
    return ErrorCode.NONE;
  }
  const staticId = groupInstanceId === null ? undefined : group.staticMembers.get(groupInstanceId);
  const leavingId = memberId === '' ? (staticId ?? '') : memberId;
  const error = group.validateMember(leavingId, groupInstanceId);
  if (error !== ErrorCode.NONE) return error;
  const reason = identity.reason ?? 'not provided';
  parts.logger.info({ groupId: group.groupId, memberId: leavingId, reason }, 'member has left');
  endSession(parts, group, leavingId);
  group.remove(leavingId);
  return ErrorCode.NONE;
}

function continueWithout(
  parts: ShardParts,
  group: ClassicGroup,
  memberIds: readonly string[],
  nowMs: number,
): Decision<null, GroupRecord> {
  if (group.isIn('PreparingRebalance')) return maybeCompleteJoin(parts, group, nowMs);
  if (!group.isIn('Stable', 'CompletingRebalance')) return nothing;
  const reason = `explicit \`LeaveGroup\` request for (${memberIds.join(', ')}) members.`;
  return maybePrepareRebalance(parts, group, reason, nowMs);
}
