/**
 * Requests of the classic protocol go to groups of whatever type they are about: members of a consumer group may speak it too.
 *
 * Source: GroupMetadataManager (classicGroupJoin, classicGroupSync, classicGroupHeartbeat, classicGroupLeave).
 */
import {
  ErrorCode,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  newJoinGroupResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@skarab/protocol';
import { nothing, type Verdict } from '../runtime/decision.ts';
import { heartbeat } from './classic/heartbeat.ts';
import { joinGroup } from './classic/join-group.ts';
import type { Joining } from './classic/joining.ts';
import { leaveGroup } from './classic/leave-group.ts';
import { syncGroup } from './classic/sync-group.ts';
import { joinConsumerGroup } from './consumer/classic-join.ts';
import {
  heartbeatToConsumerGroup,
  leaveConsumerGroupAsClassic,
  syncConsumerGroup,
} from './consumer/classic-member-requests.ts';
import { ConsumerGroup } from './consumer/consumer-group.ts';
import type { GroupRecord } from './records/group-record.ts';
import type { Reply } from './reply.ts';
import type { ShardParts } from './shard-parts.ts';
import { StreamsGroup } from './streams/streams-group.ts';
import { endInitialWait } from './streams/target-tasks.ts';

/** Decides a JoinGroup. An empty consumer or streams group becomes a classic one. */
export function classicJoin(parts: ShardParts, joining: Joining): Verdict<null, GroupRecord> {
  const group = parts.registry.get(joining.request.groupId);
  if (group instanceof ConsumerGroup)
    return group.isEmpty ? joinGroup(parts, joining) : joinConsumerGroup(parts, group, joining);
  if (group instanceof StreamsGroup && group.isEmpty) {
    endInitialWait(parts, group.groupId);
    return joinGroup(parts, joining);
  }
  if (group === undefined || group.type === 'classic') return joinGroup(parts, joining);
  joining.reply.send(newJoinGroupResponse({ errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL }));
  return nothing;
}

/** Decides a SyncGroup. */
export function classicSync(
  parts: ShardParts,
  request: SyncGroupRequest,
  reply: Reply<SyncGroupResponse>,
  nowMs: number,
): Verdict<null, GroupRecord> {
  const group = parts.registry.get(request.groupId);
  if (group instanceof ConsumerGroup && !group.isEmpty) return syncConsumerGroup(parts, group, request, reply, nowMs);
  return syncGroup(parts, request, reply);
}

/** Decides a Heartbeat. */
export function classicHeartbeat(
  parts: ShardParts,
  request: HeartbeatRequest,
  nowMs: number,
): Verdict<HeartbeatResponse, GroupRecord> {
  const group = parts.registry.get(request.groupId);
  if (group instanceof ConsumerGroup) return heartbeatToConsumerGroup(parts, group, request, nowMs);
  return heartbeat(parts, request, nowMs);
}

/** Decides a LeaveGroup in the form of v3 and above. */
export function classicLeave(
  parts: ShardParts,
  request: LeaveGroupRequest,
  nowMs: number,
): Verdict<LeaveGroupResponse, GroupRecord> {
  const group = parts.registry.get(request.groupId);
  if (group instanceof ConsumerGroup) return leaveConsumerGroupAsClassic(parts, group, request, nowMs);
  return leaveGroup(parts, request, nowMs);
}
