/**
 * Decides ConsumerGroupHeartbeat: joining, leaving, and everything in between (KIP-848).
 *
 * A heartbeat takes three steps, each of which may write records: the member as it says it is now, perhaps with a new group epoch; the target
 * assignment of that epoch; and the member's own way to its target. Source: GroupMetadataManager.consumerGroupHeartbeat.
 */
import { randomUuid } from '@skarab/base';
import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  newConsumerGroupHeartbeatResponse,
  newConsumerGroupHeartbeatResponseAssignment,
  newConsumerGroupHeartbeatResponseTopicPartitions,
} from '@skarab/protocol';
import { decided, type Verdict } from '../../runtime/decision.ts';
import type { GroupRequestContext } from '../group-requests.ts';
import { stringSetOrder } from '../java-hash-order.ts';
import { memberRecord } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { isSameEpochAssignment, topicPartitionsOf } from './assignment.ts';
import { type ConsumerMember, isSameMember, isSameSet } from './consumer-member.ts';
import { consumerGroupToJoin, refuseFull } from './group-to-join.ts';
import { leaveConsumerGroup } from './leave.ts';
import { maybeReconcile } from './reconcile.ts';
import { maybeUpdateRegexes } from './regular-expressions.ts';
import { keepConsumerSession } from './sessions.ts';
import { subscribeMember } from './subscribe-member.ts';
import { updateSubscriptionMetadata } from './subscription-metadata.ts';
import { maybeUpdateTargetAssignment } from './target-assignment.ts';

/** Decides a heartbeat whose form is valid. */
export function consumerGroupHeartbeat(
  parts: ShardParts,
  context: GroupRequestContext,
  request: ConsumerGroupHeartbeatRequest,
  nowMs: number,
): Verdict<ConsumerGroupHeartbeatResponse, GroupRecord> {
  return request.memberEpoch < 0
    ? leaveConsumerGroup(parts, request, nowMs)
    : stayInGroup(parts, context, request, nowMs);
}

function stayInGroup(
  parts: ShardParts,
  context: GroupRequestContext,
  request: ConsumerGroupHeartbeatRequest,
  nowMs: number,
): Verdict<ConsumerGroupHeartbeatResponse, GroupRecord> {
  const { groupId, memberEpoch, instanceId, topicPartitions: owned } = request;
  const records: GroupRecord[] = [];
  const isJoining = memberEpoch === 0;
  const group = consumerGroupToJoin(parts, groupId, isJoining, records, nowMs);
  if ('kind' in group) return group;
  const full = refuseFull(parts, group, request.memberId);
  if (full !== null) return full;
  const memberId = request.memberId === '' ? randomUuid((length) => parts.random.bytes(length)) : request.memberId;
  const before = subscribeMember(group, { memberId, instanceId, isJoining, claim: { memberEpoch, owned } }, records);
  if ('kind' in before) return before;

  const after = memberAfter(before, context, request);
  if (!isSameMember(after, before)) records.push(memberRecord(groupId, after));
  const haveNamesChanged = !isSameSet(after.subscribedTopicNames, before.subscribedTopicNames);
  const mayDescribe = context.mayDescribe;
  const regexChange = maybeUpdateRegexes(parts, group, before, after, mayDescribe, records, nowMs);
  if (typeof regexChange !== 'string') return regexChange;
  // An expression that is not resolved yet bumps the epoch when it is.
  const isBumped = haveNamesChanged || regexChange === 'resolved';
  const update =
    isBumped || group.hasMetadataExpired(nowMs)
      ? updateSubscriptionMetadata(parts, group, isBumped, before, after, records, nowMs)
      : { groupEpoch: group.groupEpoch, subscriptionType: group.subscriptionType };

  const target = maybeUpdateTargetAssignment(parts, { group, ...update, before, after }, records, nowMs);
  if (target.kind === 'refusal') return target;
  const hasSubscriptionChanged = haveNamesChanged || regexChange !== 'none';
  const next = maybeReconcile(parts, group, { member: after, target, hasSubscriptionChanged, owned }, records, nowMs);
  if ('kind' in next) return next;
  const { sessionTimeoutMs, heartbeatIntervalMs } = parts.groupConfigs.consumer(groupId);
  keepConsumerSession(parts, groupId, memberId, sessionTimeoutMs, nowMs);
  return decided(records, responseOf(request, before, next, heartbeatIntervalMs));
}

/** The member as it says it is now; what it does not say stays. */
function memberAfter(
  before: ConsumerMember,
  { clientId, clientHost }: GroupRequestContext,
  request: ConsumerGroupHeartbeatRequest,
): ConsumerMember {
  const { subscribedTopicNames: names, rebalanceTimeoutMs } = request;
  return {
    ...before,
    instanceId: request.instanceId ?? before.instanceId,
    rackId: request.rackId ?? before.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? before.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignorName: request.serverAssignor ?? before.serverAssignorName,
    subscribedTopicNames: names === null ? before.subscribedTopicNames : stringSetOrder(names),
    subscribedTopicRegex: request.subscribedTopicRegex ?? before.subscribedTopicRegex,
    clientId,
    clientHost,
    classic: null,
  };
}

/** A member that says everything does so because it knows nothing; another one learns its assignment when that has changed. */
function responseOf(
  request: ConsumerGroupHeartbeatRequest,
  before: ConsumerMember,
  after: ConsumerMember,
  heartbeatIntervalMs: number,
): ConsumerGroupHeartbeatResponse {
  const { memberEpoch, rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, topicPartitions } = request;
  const hasSubscription = subscribedTopicNames !== null || subscribedTopicRegex !== null;
  const isFull = rebalanceTimeoutMs !== -1 && hasSubscription && topicPartitions !== null;
  const isTold =
    memberEpoch === 0 || isFull || !isSameEpochAssignment(before.assignedPartitions, after.assignedPartitions);
  return newConsumerGroupHeartbeatResponse({
    memberId: after.memberId,
    memberEpoch: after.memberEpoch,
    heartbeatIntervalMs,
    assignment: isTold
      ? newConsumerGroupHeartbeatResponseAssignment({
          topicPartitions: topicPartitionsOf(after.assignedPartitions).map((topic) =>
            newConsumerGroupHeartbeatResponseTopicPartitions(topic),
          ),
        })
      : null,
  });
}
