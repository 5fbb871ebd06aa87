/**
 * StreamsGroupHeartbeat and StreamsGroupDescribe before and after their deciders.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService (streamsGroupHeartbeat, streamsGroupDescribe,
 * throwIfStreamsGroupHeartbeatRequestIsUsingUnsupportedFeatures, throwIfStreamsGroupHeartbeatRequestIsInvalid).
 */
import {
  ErrorCode,
  newStreamsGroupDescribeResponse,
  newStreamsGroupDescribeResponseDescribedGroup,
  newStreamsGroupHeartbeatResponse,
  type StreamsGroupHeartbeatRequest,
} from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import { describeStreamsGroup } from '../streams/describe.ts';
import { streamsGroupHeartbeat as decideHeartbeat } from '../streams/heartbeat.ts';
import { writeErrorToResponse } from '../write-error.ts';
import { type Call, either, type Front } from './call.ts';

/** StreamsGroupHeartbeat. */
export function streamsGroupHeartbeat(front: Front, call: Call<'streamsGroupHeartbeat'>): void {
  const { context, request, reply, nowMs } = call;
  const refuse = (errorCode: ErrorCode, errorMessage: string | null): void =>
    reply.send({ response: newStreamsGroupHeartbeatResponse({ errorCode, errorMessage }), topicsToCreate: [] });
  const invalid = refuseUnsupported(request) ?? refuseNames(request) ?? refuseEpoch(request) ?? refuseTasks(request);
  if (invalid !== null) {
    refuse(invalid.error, invalid.message);
    return;
  }
  front.runtime.write(
    front.partitionFor(request.groupId),
    ({ parts }) => decideHeartbeat(parts, context, request, nowMs),
    either(
      (result) => reply.send(result),
      (error, message) => refuse(writeErrorToResponse(error), message),
    ),
    nowMs,
  );
}

function invalidRequest(message: string): Refusal {
  return refused(ErrorCode.INVALID_REQUEST, message);
}

/** What 4.3.1 has fields for and does not serve. */
function refuseUnsupported(request: StreamsGroupHeartbeatRequest): Refusal | null {
  if (request.instanceId !== null) return invalidRequest('Static membership is not yet supported.');
  if (request.taskOffsets !== null) return invalidRequest('TaskOffsets are not supported yet.');
  if (request.taskEndOffsets !== null) return invalidRequest('TaskEndOffsets are not supported yet.');
  if (isSome(request.warmupTasks)) return invalidRequest('WarmupTasks are not supported yet.');
  if (request.topology?.subtopologies.some(({ sourceTopicRegex }) => isSome(sourceTopicRegex)))
    return invalidRequest('Regular expressions for source topics are not supported yet.');
  return null;
}

function isSome(list: readonly unknown[] | null): boolean {
  return list !== null && list.length > 0;
}

function isBlank(text: string | null): boolean {
  return text !== null && text.trim() === '';
}

function refuseNames({ memberId, groupId, rackId }: StreamsGroupHeartbeatRequest): Refusal | null {
  if (isBlank(memberId)) return invalidRequest("MemberId can't be empty.");
  if (isBlank(groupId)) return invalidRequest("GroupId can't be empty.");
  return isBlank(rackId) ? invalidRequest("RackId can't be empty.") : null;
}

function refuseEpoch(request: StreamsGroupHeartbeatRequest): Refusal | null {
  const { memberEpoch, activeTasks, standbyTasks, warmupTasks, topology } = request;
  if (memberEpoch === -2) return invalidRequest("InstanceId can't be null.");
  if (memberEpoch < -2)
    return invalidRequest(`MemberEpoch is ${memberEpoch}, but must be greater than or equal to -2.`);
  if (memberEpoch !== 0) return null;
  if (request.rebalanceTimeoutMs === -1) return invalidRequest('RebalanceTimeoutMs must be provided in first request.');
  const tasks = { ActiveTasks: activeTasks, StandbyTasks: standbyTasks, WarmupTasks: warmupTasks };
  for (const [name, owned] of Object.entries(tasks))
    if (owned === null || owned.length > 0) return invalidRequest(`${name} must be empty when (re-)joining.`);
  if (topology === null) return invalidRequest('Topology must be non-null when (re-)joining.');
  const changelogs = topology.subtopologies.flatMap(({ stateChangelogTopics }) => stateChangelogTopics);
  const sized = changelogs.find(({ partitions }) => partitions !== 0);
  if (sized === undefined) return null;
  return refused(
    ErrorCode.STREAMS_INVALID_TOPOLOGY,
    `Changelog topic ${sized.name} must have an undefined partition count, but it is set to ${sized.partitions}.`,
  );
}

function refuseTasks(request: StreamsGroupHeartbeatRequest): Refusal | null {
  const tasks = [request.activeTasks, request.standbyTasks, request.warmupTasks];
  if (tasks.some((owned) => owned !== null) && tasks.includes(null))
    return invalidRequest('If one task-type is non-null, all must be non-null.');
  if (request.memberEpoch !== 0 && request.topology !== null)
    return invalidRequest('Topology can only be provided when (re-)joining.');
  return null;
}

/** StreamsGroupDescribe. */
export function streamsGroupDescribe(front: Front, { request, reply, nowMs }: Call<'streamsGroupDescribe'>): void {
  const groups = request.groupIds.map((groupId) => {
    let described = newStreamsGroupDescribeResponseDescribedGroup({ groupId });
    if (groupId === '') return { ...described, errorCode: ErrorCode.INVALID_GROUP_ID };
    front.runtime.read(
      front.partitionFor(groupId),
      ({ parts }) => describeStreamsGroup(parts, groupId),
      (error, response) => {
        described = response ?? { ...described, errorCode: writeErrorToResponse(error) };
      },
      nowMs,
    );
    return described;
  });
  reply.send(newStreamsGroupDescribeResponse({ groups }));
}
