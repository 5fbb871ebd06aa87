/**
 * ConsumerGroupHeartbeat and ConsumerGroupDescribe before and after their deciders.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService (consumerGroupHeartbeat, consumerGroupDescribe,
 * throwIfConsumerGroupHeartbeatRequestIsInvalid).
 */
import {
  type ConsumerGroupHeartbeatRequest,
  ErrorCode,
  newConsumerGroupDescribeResponse,
  newConsumerGroupDescribeResponseDescribedGroup,
  newConsumerGroupHeartbeatResponse,
} from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import { describeConsumerGroup } from '../consumer/describe.ts';
import { consumerGroupHeartbeat as decideHeartbeat } from '../consumer/heartbeat.ts';
import { inHashOrder } from '../java-string.ts';
import { writeErrorToResponse } from '../write-error.ts';
import { type Call, either, type Front } from './call.ts';

/** Members make their own ids from this version on. */
const MEMBER_ID_REQUIRED_MIN_VERSION = 1;
const LEAVE_EPOCH = -1;
const STATIC_LEAVE_EPOCH = -2;

/** ConsumerGroupHeartbeat. */
export function consumerGroupHeartbeat(front: Front, call: Call<'consumerGroupHeartbeat'>): void {
  const { context, request, reply, nowMs } = call;
  const refuse = (errorCode: ErrorCode, errorMessage: string | null): void =>
    reply.send(newConsumerGroupHeartbeatResponse({ errorCode, errorMessage }));
  const invalid =
    refuseNames(request, context.apiVersion) ?? refuseEpoch(request) ?? refuseAssignor(front, request.serverAssignor);
  if (invalid !== null) {
    refuse(invalid.error, invalid.message);
    return;
  }
  front.runtime.write(
    front.partitionFor(request.groupId),
    ({ parts }) => decideHeartbeat(parts, context, request, nowMs),
    either(
      (response) => reply.send(response),
      (error, message) => refuse(writeErrorToResponse(error), message),
    ),
    nowMs,
  );
}

function invalidRequest(message: string): Refusal {
  return refused(ErrorCode.INVALID_REQUEST, message);
}

function isBlank(text: string | null): boolean {
  return text !== null && text.trim() === '';
}

function refuseNames(request: ConsumerGroupHeartbeatRequest, apiVersion: number): Refusal | null {
  const { memberEpoch } = request;
  const needsId = apiVersion >= MEMBER_ID_REQUIRED_MIN_VERSION || memberEpoch > 0 || memberEpoch === LEAVE_EPOCH;
  if (needsId && isBlank(request.memberId)) return invalidRequest("MemberId can't be empty.");
  if (isBlank(request.groupId)) return invalidRequest("GroupId can't be empty.");
  if (isBlank(request.instanceId)) return invalidRequest("InstanceId can't be empty.");
  return isBlank(request.rackId) ? invalidRequest("RackId can't be empty.") : null;
}

function refuseEpoch(request: ConsumerGroupHeartbeatRequest): Refusal | null {
  const { memberEpoch, rebalanceTimeoutMs, topicPartitions } = request;
  if (memberEpoch === STATIC_LEAVE_EPOCH && request.instanceId === null)
    return invalidRequest("InstanceId can't be null.");
  if (memberEpoch < STATIC_LEAVE_EPOCH) return invalidRequest('MemberEpoch is invalid.');
  if (memberEpoch !== 0) return null;
  if (rebalanceTimeoutMs === -1) return invalidRequest('RebalanceTimeoutMs must be provided in first request.');
  if (topicPartitions === null || topicPartitions.length > 0)
    return invalidRequest('TopicPartitions must be empty when (re-)joining.');
  if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null)
    return invalidRequest('Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.');
  return null;
}

function refuseAssignor({ assignors }: Front, name: string | null): Refusal | null {
  if (name === null || assignors.has(name)) return null;
  const supported = inHashOrder([...assignors.keys()]).join(', ');
  const message = `ServerAssignor ${name} is not supported. Supported assignors: ${supported}.`;
  return refused(ErrorCode.UNSUPPORTED_ASSIGNOR, message);
}

/** ConsumerGroupDescribe. */
export function consumerGroupDescribe(front: Front, { request, reply, nowMs }: Call<'consumerGroupDescribe'>): void {
  const groups = request.groupIds.map((groupId) => {
    let described = newConsumerGroupDescribeResponseDescribedGroup({ groupId });
    if (groupId === '') return { ...described, errorCode: ErrorCode.INVALID_GROUP_ID };
    front.runtime.read(
      front.partitionFor(groupId),
      ({ parts }) => describeConsumerGroup(parts, groupId),
      (error, response) => {
        described = response ?? { ...described, errorCode: writeErrorToResponse(error) };
      },
      nowMs,
    );
    return described;
  });
  reply.send(newConsumerGroupDescribeResponse({ groups }));
}
