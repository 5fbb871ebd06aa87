/**
 * Decides Heartbeat for classic groups.
 *
 * Source: GroupMetadataManager.classicGroupHeartbeatToClassicGroup.
 */
import { ErrorCode, type HeartbeatRequest, type HeartbeatResponse, newHeartbeatResponse } from '@skarab/protocol';
import { answered, refused, type Verdict } from '../../runtime/decision.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ClassicGroup } from './classic-group.ts';
import { keepSession } from './session.ts';

/** Decides a Heartbeat: the session goes on, also while the member is told to join again. */
export function heartbeat(
  parts: ShardParts,
  request: HeartbeatRequest,
  nowMs: number,
): Verdict<HeartbeatResponse, never> {
  const group = parts.registry.getClassic(request.groupId);
  const error = group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : validate(group, request);
  if (group === undefined || error !== ErrorCode.NONE) return refused(error);
  keepSession(parts, group, group.member(request.memberId), nowMs);
  const errorCode = group.isIn('PreparingRebalance') ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  return answered(newHeartbeatResponse({ errorCode }));
}

function validate(group: ClassicGroup, request: HeartbeatRequest): ErrorCode {
  if (group.isIn('Dead')) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  const error = group.validateMember(request.memberId, request.groupInstanceId);
  if (error !== ErrorCode.NONE) return error;
  return request.generationId === group.generationId ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
}
