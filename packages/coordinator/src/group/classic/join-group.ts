/**
 * Decides JoinGroup for classic groups.
 *
 * The answer is given now only when nothing has to be waited for; else it is parked in the member until the rebalance's first phase ends.
 * A JoinGroup with a member id that nobody knows never makes a group. Source: GroupMetadataManager.classicGroupJoinToClassicGroup.
 */
import { assert } from '@skarab/base';
import { ErrorCode, newJoinGroupResponse } from '@skarab/protocol';
import { checkpointed, type Decision, nothing } from '../../runtime/decision.ts';
import { NEW_MEMBER_JOIN_TIMEOUT_MS } from '../group-coordinator-config.ts';
import { type GroupRecord, newGroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { writeErrorToResponse } from '../write-error.ts';
import type { ClassicGroup } from './classic-group.ts';
import { ClassicMember, protocolsOf } from './classic-member.ts';
import { type Joining, joinReason } from './joining.ts';
import { newMemberId } from './member-id.ts';
import { maybePrepareRebalance } from './rebalance.ts';
import { startSession } from './session.ts';
import { replaceStaticMember } from './static-member.ts';

/** The version from which new dynamic members must come back with the id they are given. */
const MEMBER_ID_REQUIRED_MIN_VERSION = 4;

/** Decides a JoinGroup to a classic group, to none, or to an empty one of another type. */
export function joinGroup(parts: ShardParts, joining: Joining): Decision<null, GroupRecord> {
  const { groupId, memberId } = joining.request;
  const { registry } = parts;
  const existing = registry.getClassic(groupId);
  if (existing === undefined && memberId !== '') return refuse(joining, memberId, ErrorCode.UNKNOWN_MEMBER_ID);
  // An empty group of another type makes way.
  const tombstones = existing === undefined ? (registry.get(groupId)?.tombstones() ?? []) : [];
  const group = existing ?? registry.create(groupId, joining.nowMs);
  const decision = joinClassicGroup(parts, group, joining);
  const isNew = existing === undefined && decision === nothing;
  return isNew ? checkpointNewGroup(parts, group, joining, tombstones) : decision;
}

/** A group that was just made exists for the log only with a record; when that fails, the group is gone again. */
function checkpointNewGroup(
  parts: ShardParts,
  { groupId }: ClassicGroup,
  { reply, nowMs }: Joining,
  tombstones: readonly GroupRecord[],
): Decision<null, GroupRecord> {
  return checkpointed([...tombstones, newGroupRecord(groupId, nowMs)], null, (error) => {
    if (error === ErrorCode.NONE) return;
    parts.logger.warn({ groupId, error }, 'failed to write empty metadata of a new group');
    reply.send(newJoinGroupResponse({ errorCode: writeErrorToResponse(error) }));
  });
}

function refuse({ reply }: Joining, memberId: string, errorCode: ErrorCode): Decision<null, GroupRecord> {
  reply.send(newJoinGroupResponse({ memberId, errorCode }));
  return nothing;
}

function joinClassicGroup(parts: ShardParts, group: ClassicGroup, joining: Joining): Decision<null, GroupRecord> {
  const { request } = joining;
  const { memberId, protocolType } = request;
  if (!acceptsJoiningMember(group, memberId, parts.config.maxSize)) {
    group.remove(memberId);
    return refuse(joining, '', ErrorCode.GROUP_MAX_SIZE_REACHED);
  }
  if (group.isIn('Dead')) return refuse(joining, memberId, ErrorCode.COORDINATOR_NOT_AVAILABLE);
  const names = request.protocols.map(({ name }) => name);
  if (!group.supportsProtocols(protocolType, names))
    return refuse(joining, memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  return memberId === '' ? joinNewMember(parts, group, joining) : joinExistingMember(parts, group, joining);
}

/**
 * Whether there is room. During the first phase of a rebalance members who came back count, not members as such: the group may have been larger
 * than its limit, and this is how the last ones to come back are left out.
 */
function acceptsJoiningMember(group: ClassicGroup, memberId: string, maxSize: number): boolean {
  const member = group.members.get(memberId);
  if (group.isIn('Empty', 'Dead')) return true;
  if (group.isIn('PreparingRebalance'))
    return (member !== undefined && member.awaitingJoin !== null) || group.awaitingJoinCount < maxSize;
  return member !== undefined || group.members.size < maxSize;
}

function joinNewMember(parts: ShardParts, group: ClassicGroup, joining: Joining): Decision<null, GroupRecord> {
  const { context, request, nowMs } = joining;
  const { groupInstanceId } = request;
  const memberId = newMemberId(parts.random, context.clientId, groupInstanceId);
  const { groupId, state } = group;
  if (groupInstanceId !== null) {
    const current = group.staticMembers.get(groupInstanceId);
    parts.logger.info({ groupId, state, groupInstanceId, memberId, replaces: current }, 'static member joins');
    return current === undefined
      ? addMember(parts, group, joining, memberId)
      : replaceStaticMember(parts, group, joining, current, memberId);
  }
  if (context.apiVersion < MEMBER_ID_REQUIRED_MIN_VERSION) return addMember(parts, group, joining, memberId);
  parts.logger.info({ groupId, state, memberId }, 'dynamic member is asked to join with the id it was given');
  group.pendingJoinMembers.add(memberId);
  startSession(parts, group, memberId, request.sessionTimeoutMs, nowMs);
  return refuse(joining, memberId, ErrorCode.MEMBER_ID_REQUIRED);
}

function joinExistingMember(parts: ShardParts, group: ClassicGroup, joining: Joining): Decision<null, GroupRecord> {
  const { request } = joining;
  const { memberId, groupInstanceId } = request;
  if (group.pendingJoinMembers.has(memberId)) {
    // Ids are given out to dynamic members only; a client that claims to be static with one is somebody else.
    if (groupInstanceId !== null) return refuse(joining, '', ErrorCode.UNKNOWN_SERVER_ERROR);
    return addMember(parts, group, joining, memberId);
  }
  const error = group.validateMember(memberId, groupInstanceId);
  if (error !== ErrorCode.NONE) return refuse(joining, memberId, error);
  const member = group.member(memberId);
  const during = `during ${group.stateName}; client reason: ${joinReason(request)}`;
  switch (group.state) {
    case 'PreparingRebalance':
      return rejoin(parts, group, joining, `Member ${memberId} is joining group ${during}`);
    case 'CompletingRebalance':
    case 'Stable': {
      // The leader comes back to have partitions assigned anew, for reasons that need not show in what it says.
      if (group.state === 'Stable' && group.isLeader(memberId))
        return rejoin(parts, group, joining, `Leader ${memberId} re-joining group ${during}`);
      if (!member.matches(request.protocols))
        return rejoin(parts, group, joining, `Updating metadata for member ${memberId} ${during}`);
      // It missed the answer; the generation is still the one it asks for.
      joining.reply.send(group.joinResponse(memberId));
      return nothing;
    }
    case 'Empty':
    case 'Dead':
      parts.logger.warn({ groupId: group.groupId, memberId, state: group.state }, 'rejoining member meets no group');
      return refuse(joining, memberId, ErrorCode.UNKNOWN_MEMBER_ID);
  }
}

/** A member comes back with a parked JoinGroup. */
function rejoin(parts: ShardParts, group: ClassicGroup, joining: Joining, reason: string): Decision<null, GroupRecord> {
  const { request, reply, nowMs } = joining;
  const { memberId, protocols, rebalanceTimeoutMs, sessionTimeoutMs } = request;
  group.update(group.member(memberId), protocolsOf(protocols), rebalanceTimeoutMs, sessionTimeoutMs, reply);
  return maybePrepareRebalance(parts, group, reason, nowMs);
}

/**
 * Takes a new member in with its JoinGroup parked.
 *
 * It cannot send heartbeats yet, and its connection is not read while the request is parked, so nobody would notice that it is gone: its first
 * JoinGroup gets a generous time of its own.
 */
function addMember(
  parts: ShardParts,
  group: ClassicGroup,
  joining: Joining,
  memberId: string,
): Decision<null, GroupRecord> {
  const { context, request, reply, nowMs } = joining;
  const { groupInstanceId, protocolType, rebalanceTimeoutMs, sessionTimeoutMs } = request;
  assert(!group.members.has(memberId), `member ${memberId} joins twice`);
  const { clientId, clientHost } = context;
  const identity = { memberId, groupInstanceId, clientId, clientHost, protocolType };
  const member = new ClassicMember(identity, rebalanceTimeoutMs, sessionTimeoutMs, protocolsOf(request.protocols));
  member.isNew = true;
  if (group.isIn('PreparingRebalance') && group.previousState === 'Empty') group.newMemberAdded = true;
  group.add(member, reply);
  startSession(parts, group, memberId, NEW_MEMBER_JOIN_TIMEOUT_MS, nowMs);
  const reason = `Adding new member ${memberId} with group instance id ${groupInstanceId}; client reason: ${joinReason(request)}`;
  return maybePrepareRebalance(parts, group, reason, nowMs);
}
