/**
 * JoinGroup, SyncGroup, Heartbeat and LeaveGroup before and after their deciders.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService (joinGroup, syncGroup, heartbeat, leaveGroup).
 */
import {
  ErrorCode,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  newHeartbeatResponse,
  newJoinGroupResponse,
  newLeaveGroupResponse,
  newMemberIdentity,
  newMemberResponse,
  newSyncGroupResponse,
} from '@skarab/protocol';
import {
  classicHeartbeat as decideHeartbeat,
  classicJoin as decideJoinGroup,
  classicLeave as decideLeaveGroup,
  classicSync as decideSyncGroup,
} from '../classic-protocol.ts';
import { Reply } from '../reply.ts';
import { writeErrorToResponse } from '../write-error.ts';
import { type Call, either, type Front } from './call.ts';
import { forJoinVersion } from './error-response.ts';

/** LeaveGroup names several members, and answers for each, from this version on. */
const LEAVE_BATCH_MIN_VERSION = 3;
/** SyncGroup must name the group's protocol from this version on. */
const SYNC_PROTOCOL_MIN_VERSION = 5;

/** JoinGroup; answered when the member's place in the group is settled. */
export function joinGroup(front: Front, call: Call<'joinGroup'>): void {
  const { context, request, nowMs } = call;
  const { groupId, memberId, sessionTimeoutMs } = request;
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = front.config;
  // The rebalance timeout came with v1.
  const rebalanceTimeoutMs = context.apiVersion === 0 ? sessionTimeoutMs : request.rebalanceTimeoutMs;
  const reply = new Reply<ReturnType<typeof newJoinGroupResponse>>((response) =>
    call.reply.send(forJoinVersion(response, context.apiVersion)),
  );
  const refuse = (errorCode: ErrorCode): void => reply.send(newJoinGroupResponse({ memberId, errorCode }));
  if (groupId === '') {
    refuse(ErrorCode.INVALID_GROUP_ID);
    return;
  }
  if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
    refuse(ErrorCode.INVALID_SESSION_TIMEOUT);
    return;
  }
  const joining = { context, request: { ...request, rebalanceTimeoutMs }, reply, nowMs };
  front.runtime.write(
    front.partitionFor(groupId),
    ({ parts }) => decideJoinGroup(parts, joining),
    (error) => {
      if (error !== ErrorCode.NONE) reply.send(newJoinGroupResponse({ errorCode: writeErrorToResponse(error) }));
    },
    nowMs,
  );
}

/** SyncGroup; answered when the assignment is known. */
export function syncGroup(front: Front, { context, request, reply, nowMs }: Call<'syncGroup'>): void {
  const { groupId, protocolType, protocolName } = request;
  const refuse = (errorCode: ErrorCode): void => reply.send(newSyncGroupResponse({ errorCode }));
  if (context.apiVersion >= SYNC_PROTOCOL_MIN_VERSION && (protocolType === null || protocolName === null)) {
    refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    return;
  }
  if (groupId === '') {
    refuse(ErrorCode.INVALID_GROUP_ID);
    return;
  }
  front.runtime.write(
    front.partitionFor(groupId),
    ({ parts }) => decideSyncGroup(parts, request, reply, nowMs),
    (error) => {
      if (error !== ErrorCode.NONE) refuse(writeErrorToResponse(error));
    },
    nowMs,
  );
}

/** Heartbeat; while its shard loads, the member is told that all is well. */
export function heartbeat(front: Front, { request, reply, nowMs }: Call<'heartbeat'>): void {
  const { groupId } = request;
  const refuse = (errorCode: ErrorCode): void => reply.send(newHeartbeatResponse({ errorCode }));
  if (groupId === '') {
    refuse(ErrorCode.INVALID_GROUP_ID);
    return;
  }
  front.runtime.write(
    front.partitionFor(groupId),
    ({ parts }) => decideHeartbeat(parts, request, nowMs),
    either(
      (response) => reply.send(response),
      (error) =>
        refuse(error === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : writeErrorToResponse(error)),
    ),
    nowMs,
  );
}

/** LeaveGroup, of one member before v3. */
export function leaveGroup(front: Front, { context, request, reply, nowMs }: Call<'leaveGroup'>): void {
  const { groupId, memberId } = request;
  const isBatch = context.apiVersion >= LEAVE_BATCH_MIN_VERSION;
  const respond = (response: LeaveGroupResponse): void => reply.send(isBatch ? response : ofOneMember(response));
  if (groupId === '') {
    respond(newLeaveGroupResponse({ errorCode: ErrorCode.INVALID_GROUP_ID }));
    return;
  }
  const members = isBatch ? request.members : [newMemberIdentity({ memberId })];
  const batch: LeaveGroupRequest = { ...request, members };
  front.runtime.write(
    front.partitionFor(groupId),
    ({ parts }) => decideLeaveGroup(parts, batch, nowMs),
    either(respond, (error) => respond(leaveError(batch, writeErrorToResponse(error)))),
    nowMs,
  );
}

/** An unknown group knows none of the members; any other error is the whole request's. */
function leaveError({ members }: LeaveGroupRequest, errorCode: ErrorCode): LeaveGroupResponse {
  if (errorCode !== ErrorCode.UNKNOWN_MEMBER_ID) return newLeaveGroupResponse({ errorCode });
  return newLeaveGroupResponse({
    members: members.map(({ memberId, groupInstanceId }) =>
      newMemberResponse({ memberId, groupInstanceId, errorCode }),
    ),
  });
}

function ofOneMember({ errorCode, members }: LeaveGroupResponse): LeaveGroupResponse {
  return newLeaveGroupResponse({ errorCode: errorCode === ErrorCode.NONE ? (members[0]?.errorCode ?? 0) : errorCode });
}
