/**
 * Decides SyncGroup for classic groups: members wait until the leader's assignment is in the log.
 *
 * Source: GroupMetadataManager.classicGroupSyncToClassicGroup.
 */
import {
  EMPTY_BYTES,
  ErrorCode,
  errorName,
  newSyncGroupResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@skarab/protocol';
import { checkpointed, type Decision, nothing } from '../../runtime/decision.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { Reply } from '../reply.ts';
import type { ShardParts } from '../shard-parts.ts';
import { writeErrorToResponse } from '../write-error.ts';
import type { ClassicGroup } from './classic-group.ts';
import { maybePrepareRebalance, propagateAssignment, propagateError, removePendingSync } from './rebalance.ts';

/** Decides a SyncGroup. */
export function syncGroup(
  parts: ShardParts,
  request: SyncGroupRequest,
  reply: Reply<SyncGroupResponse>,
): Decision<null, GroupRecord> {
  const group = parts.registry.getClassic(request.groupId);
  const error = group === undefined || group.isEmpty ? ErrorCode.UNKNOWN_MEMBER_ID : validate(group, request);
  if (group === undefined || error !== ErrorCode.NONE) {
    reply.send(newSyncGroupResponse({ errorCode: error }));
    return nothing;
  }
  const { memberId } = request;
  removePendingSync(parts, group, memberId);
  if (group.isIn('Stable')) {
    const { protocolType, protocolName } = group;
    const { assignment } = group.member(memberId);
    reply.send(newSyncGroupResponse({ protocolType, protocolName, assignment }));
    return nothing;
  }
  group.parkSync(group.member(memberId), reply);
  return group.isLeader(memberId) ? checkpointAssignment(parts, group, request) : nothing;
}

function validate(group: ClassicGroup, request: SyncGroupRequest): ErrorCode {
  if (group.isIn('Dead')) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  const error = group.validateMember(request.memberId, request.groupInstanceId);
  if (error !== ErrorCode.NONE) return error;
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION;
  if (differs(request.protocolType, group.protocolType) || differs(request.protocolName, group.protocolName))
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  return group.isIn('PreparingRebalance') ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

function differs(asked: string | null, actual: string | null): boolean {
  return asked !== null && actual !== null && asked !== actual;
}

/** Writes what the leader has assigned; then everybody who waits learns it, or, when the write fails, has to join again. */
function checkpointAssignment(
  parts: ShardParts,
  group: ClassicGroup,
  request: SyncGroupRequest,
): Decision<null, GroupRecord> {
  const { groupId, generationId } = group;
  const { memberId } = request;
  const assigned = new Map(request.assignments.map((entry) => [entry.memberId, Uint8Array.from(entry.assignment)]));
  const assignments = new Map<string, Uint8Array>();
  for (const id of group.members.keys()) assignments.set(id, assigned.get(id) ?? EMPTY_BYTES);
  parts.logger.info({ groupId, generationId, memberId }, 'assignment received from leader');
  return checkpointed([group.toRecord(assignments)], null, (error, nowMs) => {
    // Meanwhile somebody may have joined or left: then the assignment is void.
    if (!group.isIn('CompletingRebalance') || group.generationId !== generationId) return;
    if (error === ErrorCode.NONE) {
      propagateAssignment(parts, group, assignments, nowMs);
      group.transitionTo('Stable', nowMs);
      return;
    }
    const errorCode = writeErrorToResponse(error);
    propagateError(parts, group, errorCode, nowMs);
    const reason = `Error ${errorName(errorCode)} when storing group assignment during SyncGroup (member: ${memberId}).`;
    maybePrepareRebalance(parts, group, reason, nowMs);
  });
}
