/**
 * ShareGroupHeartbeat and ShareGroupDescribe before and after their deciders, and the states of share groups' partitions.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService (shareGroupHeartbeat, shareGroupDescribe, deleteShareGroups).
 */
import {
  ErrorCode,
  newShareGroupDescribeResponse,
  newShareGroupDescribeResponseDescribedGroup,
  newShareGroupHeartbeatResponse,
  type ShareGroupHeartbeatRequest,
} from '@skarab/protocol';
import { describeShareGroup } from '../share/describe.ts';
import { shareGroupHeartbeat as decideHeartbeat, type StatesToInitialize } from '../share/heartbeat.ts';
import { beginStateDeletion, initializedStates, onStatesInitialized, type StatesToDelete } from '../share/states.ts';
import { writeErrorToResponse } from '../write-error.ts';
import { type Call, either, type Front } from './call.ts';

const LEAVE_EPOCH = -1;

/** ShareGroupHeartbeat; states that are missing are asked for once its records are committed. */
export function shareGroupHeartbeat(
  front: Front,
  { context, request, reply, nowMs }: Call<'shareGroupHeartbeat'>,
): void {
  const refuse = (errorCode: ErrorCode, errorMessage: string | null): void =>
    reply.send(newShareGroupHeartbeatResponse({ errorCode, errorMessage }));
  const invalid = invalidityOf(request);
  if (invalid !== null) {
    refuse(ErrorCode.INVALID_REQUEST, invalid);
    return;
  }
  front.runtime.write(
    front.partitionFor(request.groupId),
    ({ parts }) => decideHeartbeat(parts, context, request, nowMs),
    either(
      ({ response, toInitialize }) => {
        reply.send(response);
        if (toInitialize !== null) front.initializeStates(toInitialize);
      },
      (error, message) => refuse(writeErrorToResponse(error), message),
    ),
    nowMs,
  );
}

function invalidityOf(request: ShareGroupHeartbeatRequest): string | null {
  const { memberId, groupId, rackId, memberEpoch, subscribedTopicNames } = request;
  if (memberId.trim() === '') return "MemberId can't be empty.";
  if (groupId.trim() === '') return "GroupId can't be empty.";
  if (rackId?.trim() === '') return "RackId can't be empty.";
  if (memberEpoch === 0)
    return subscribedTopicNames === null || subscribedTopicNames.length === 0
      ? 'SubscribedTopicNames must be set in first request.'
      : null;
  return memberEpoch < LEAVE_EPOCH ? 'MemberEpoch is invalid.' : null;
}

/** ShareGroupDescribe. */
export function shareGroupDescribe(front: Front, { request, reply, nowMs }: Call<'shareGroupDescribe'>): void {
  const groups = request.groupIds.map((groupId) => {
    let described = newShareGroupDescribeResponseDescribedGroup({ groupId });
    if (groupId === '') return { ...described, errorCode: ErrorCode.INVALID_GROUP_ID };
    front.runtime.read(
      front.partitionFor(groupId),
      ({ parts }) => describeShareGroup(parts, groupId),
      (error, response) => {
        described = response ?? { ...described, errorCode: writeErrorToResponse(error) };
      },
      nowMs,
    );
    return described;
  });
  reply.send(newShareGroupDescribeResponse({ groups }));
}

/** Takes what is known of the states of a group's partitions. */
export type StatesReply = (states: StatesToDelete) => void;

/** The partitions of a group that have a state. */
export function shareGroupStates(front: Front, groupId: string, reply: StatesReply, nowMs: number): void {
  front.runtime.read(
    front.partitionFor(groupId),
    ({ parts }) => initializedStates(parts, groupId),
    (error, states) => reply({ errorCode: writeErrorToResponse(error), states: states ?? [] }),
    nowMs,
  );
}

/** Begins the deletion of a share group: its states must go before it. */
export function deleteShareGroupStates(front: Front, groupId: string, reply: StatesReply, nowMs: number): void {
  front.runtime.write(
    front.partitionFor(groupId),
    ({ parts }) => beginStateDeletion(parts, groupId),
    either(reply, (error) => reply({ errorCode: writeErrorToResponse(error), states: [] })),
    nowMs,
  );
}

/** The share coordinator has made states, or has not. */
export function statesInitialized(
  front: Front,
  { groupId, topics }: StatesToInitialize,
  isDone: boolean,
  nowMs: number,
): void {
  front.runtime.write(
    front.partitionFor(groupId),
    ({ parts }) => onStatesInitialized(parts, groupId, topics, isDone),
    () => {},
    nowMs,
  );
}
