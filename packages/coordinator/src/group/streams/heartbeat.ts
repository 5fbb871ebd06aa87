/**
 * Decides StreamsGroupHeartbeat: joining, leaving, and everything in between (KIP-1071).
 *
 * A heartbeat takes these steps, each of which may write records: the member as it says it is now; the topology, when it is the first; the topics
 * of the topology; the group epoch; the target assignment of that epoch; and the member's own way to its target.
 * Source: GroupMetadataManager.streamsGroupHeartbeat.
 */
import {
  ErrorCode,
  newStreamsGroupHeartbeatResponse,
  newStreamsGroupHeartbeatResponseStatus,
  newStreamsGroupHeartbeatResponseTaskIds,
  type StreamsGroupHeartbeatRequest,
} from '@skarab/protocol';
import { decided, type Refusal, refused, type Verdict } from '../../runtime/decision.ts';
import type { GroupRequestContext, StreamsHeartbeatResult } from '../group-requests.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { streamsCurrentRecord, streamsMemberRecord } from '../records/streams-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { nextTasks } from './current-tasks.ts';
import { partitionsByEndpoint } from './endpoints.ts';
import { fenceStreamsMember } from './fence.ts';
import { streamsGroupToJoin, streamsGroupToLeave, streamsMemberOf } from './group-to-join.ts';
import { awaitTaskRevocation, endTaskRevocation, keepStreamsSession } from './sessions.ts';
import { StreamsStatus, type TopologyStatus } from './status.ts';
import type { StreamsGroup } from './streams-group.ts';
import {
  isSameStreamsMember,
  isStreamsReconciledTo,
  type StreamsMember,
  StreamsMemberState,
} from './streams-member.ts';
import { awaitInitialMembers, maybeUpdateTargetTasks, type TasksTarget } from './target-tasks.ts';
import { hashOrderedTaskIds, isSameEpochTasks, type Tasks, taskSetOf, withoutEpochs } from './tasks.ts';
import { updateTopology } from './update-topology.ts';

/** Decides a heartbeat whose form is valid. */
export function streamsGroupHeartbeat(
  parts: ShardParts,
  context: GroupRequestContext,
  request: StreamsGroupHeartbeatRequest,
  nowMs: number,
): Verdict<StreamsHeartbeatResult, GroupRecord> {
  return request.memberEpoch < 0 ? leaveGroup(parts, request) : stayInGroup(parts, context, request, nowMs);
}

function leaveGroup(
  parts: ShardParts,
  { groupId, memberId, memberEpoch, shutdownApplication }: StreamsGroupHeartbeatRequest,
): Verdict<StreamsHeartbeatResult, GroupRecord> {
  const group = streamsGroupToLeave(parts, groupId);
  if ('kind' in group) return group;
  if (shutdownApplication) group.requestShutdown(memberId);
  const member = group.members.get(memberId);
  if (member === undefined)
    return refused(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`);
  const response = newStreamsGroupHeartbeatResponse({ memberId, memberEpoch, status: [] });
  return fenceStreamsMember(parts, group, member, { response, topicsToCreate: [] });
}

function stayInGroup(
  parts: ShardParts,
  context: GroupRequestContext,
  request: StreamsGroupHeartbeatRequest,
  nowMs: number,
): Verdict<StreamsHeartbeatResult, GroupRecord> {
  const { groupId, memberEpoch, memberId } = request;
  const records: GroupRecord[] = [];
  const group = streamsGroupToJoin(parts, groupId, memberEpoch === 0, records);
  if ('kind' in group) return group;
  const before = streamsMemberOf(group, request);
  if ('kind' in before) return before;
  const after = memberAfter(before, context, request);
  const hasChanged = !isSameStreamsMember(after, before);
  if (hasChanged) records.push(streamsMemberRecord(groupId, after));

  const status: TopologyStatus[] = [];
  const update = updateTopology(parts, { group, member: after, hasChanged, request }, records, status, nowMs);
  if ('kind' in update) return update;
  const { topology, groupEpoch, standbyCount } = update;
  awaitInitialMembers(parts, group, nowMs);
  const change = { group, groupEpoch, member: after, topology, standbyCount };
  const target = maybeUpdateTargetTasks(parts, change, records, status, nowMs);
  const next = reconcile(parts, group, after, target, ownedOf(request), records, nowMs);
  if ('kind' in next) return next;
  keepStreamsSession(parts, groupId, memberId, nowMs);
  if (request.shutdownApplication) group.requestShutdown(memberId);

  const { problem, topicsToCreate } = topology;
  const isTold = memberEpoch === 0 || !isSameEpochTasks(before.assigned, next.assigned);
  if (isTold && next.userEndpoint !== null) group.endpointEpoch++;
  const isBehind = group.endpointEpoch !== request.endpointInformationEpoch;
  const endpoints = isBehind ? partitionsByEndpoint(group, next, topology, parts.topics.image) : [];
  if (endpoints === null) return refused(ErrorCode.UNKNOWN_SERVER_ERROR);
  if (problem !== null) status.push(problem);
  if (group.shutdownRequester !== null)
    status.push({
      code: StreamsStatus.SHUTDOWN_APPLICATION,
      detail: `Streams group member ${group.shutdownRequester} encountered a fatal error and requested a shutdown for the entire application.`,
    });
  const response = newStreamsGroupHeartbeatResponse({
    memberId,
    memberEpoch: next.memberEpoch,
    heartbeatIntervalMs: parts.groupConfigs.streams(groupId).heartbeatIntervalMs,
    status: status.map(({ code, detail }) =>
      newStreamsGroupHeartbeatResponseStatus({ statusCode: code, statusDetail: detail }),
    ),
    ...(isTold ? toldTasks(next) : {}),
    partitionsByUserEndpoint: isBehind ? endpoints : null,
    // A group that is new now forgets it.
    endpointInformationEpoch: parts.registry.get(groupId) === undefined ? 0 : group.endpointEpoch,
  });
  return decided(records, { response, topicsToCreate });
}

/** The member as it says it is now; what it does not say stays. */
function memberAfter(
  before: StreamsMember,
  { clientId, clientHost }: GroupRequestContext,
  request: StreamsGroupHeartbeatRequest,
): StreamsMember {
  const { rebalanceTimeoutMs, topology, userEndpoint, clientTags } = request;
  return {
    ...before,
    rackId: request.rackId ?? before.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? before.rebalanceTimeoutMs : rebalanceTimeoutMs,
    topologyEpoch: topology?.epoch ?? before.topologyEpoch,
    clientId,
    clientHost,
    processId: request.processId ?? before.processId,
    clientTags: clientTags === null ? before.clientTags : new Map(clientTags.map(({ key, value }) => [key, value])),
    userEndpoint: userEndpoint === null ? before.userEndpoint : { host: userEndpoint.host, port: userEndpoint.port },
  };
}

function ownedOf({ activeTasks, standbyTasks, warmupTasks }: StreamsGroupHeartbeatRequest): Tasks | null {
  if (activeTasks === null || standbyTasks === null || warmupTasks === null) return null;
  return { active: taskSetOf(activeTasks), standby: taskSetOf(standbyTasks), warmup: taskSetOf(warmupTasks) };
}

function reconcile(
  parts: ShardParts,
  group: StreamsGroup,
  member: StreamsMember,
  { epoch: targetEpoch, tasks: target }: TasksTarget,
  owned: Tasks | null,
  records: GroupRecord[],
  nowMs: number,
): StreamsMember | Refusal {
  if (isStreamsReconciledTo(member, targetEpoch)) return member;
  const next = nextTasks({ member, targetEpoch, target, owned, processes: group.processes });
  if ('kind' in next || isSameStreamsMember(next, member)) return next;
  const { groupId } = group;
  records.push(streamsCurrentRecord(groupId, next));
  if (next.state === StreamsMemberState.UNREVOKED_TASKS) awaitTaskRevocation(parts, groupId, next, nowMs);
  else endTaskRevocation(parts, groupId, next.memberId);
  return next;
}

function toldTasks({ assigned }: StreamsMember) {
  const told = (tasks: Tasks['active']) =>
    hashOrderedTaskIds(tasks).map((taskIds) => newStreamsGroupHeartbeatResponseTaskIds(taskIds));
  return {
    activeTasks: told(withoutEpochs(assigned.active)),
    standbyTasks: told(assigned.standby),
    warmupTasks: told(assigned.warmup),
  };
}
