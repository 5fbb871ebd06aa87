/**
 * Decides JoinGroup for a member of the classic protocol in a consumer group: it joins at once, whatever the others do, and learns of an
 * assignment by SyncGroup.
 *
 * Source: GroupMetadataManager.classicGroupJoinToConsumerGroup.
 */
import { randomUuid } from '@skarab/base';
import {
  type ConsumerProtocolSubscription,
  ErrorCode,
  type JoinGroupResponse,
  newJoinGroupResponse,
} from '@skarab/protocol';
import {
  checkpointed,
  decidedWith,
  nothing,
  refused,
  type Verdict,
  type WriteListener,
} from '../../runtime/decision.ts';
import type { Joining } from '../classic/joining.ts';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/subscribed-topics.ts';
import { stringSetOrder } from '../java-hash-order.ts';
import { memberRecord } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, isSameMember, isSameSet } from './consumer-member.ts';
import { canDowngradeReplacing, downgradeReplacing } from './downgrade.ts';
import { readSubscription, withTopicIds } from './embedded-protocol.ts';
import { refuseFull } from './group-to-join.ts';
import { isMigrationDisabled } from './migration-policy.ts';
import { maybeReconcile } from './reconcile.ts';
import { maybeUpdateRegexes } from './regular-expressions.ts';
import { awaitSync, endJoin, keepConsumerSession } from './sessions.ts';
import { subscribeMember } from './subscribe-member.ts';
import { updateSubscriptionMetadata } from './subscription-metadata.ts';
import { type MemberTarget, maybeUpdateTargetAssignment } from './target-assignment.ts';

/** The version from which new dynamic members must come back with the id they are given. */
const MEMBER_ID_REQUIRED_MIN_VERSION = 4;

/** Decides a JoinGroup to a consumer group with members. */
export function joinConsumerGroup(
  parts: ShardParts,
  group: ConsumerGroup,
  joining: Joining,
): Verdict<null, GroupRecord> {
  const { request, context, reply } = joining;
  if (isMigrationDisabled(parts.config.consumerMigrationPolicy)) return refused(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  const isNew = request.memberId === '';
  const memberId = isNew ? randomUuid((length) => parts.random.bytes(length)) : request.memberId;
  const full = refuseFull(parts, group, memberId);
  if (full !== null) return full;
  const names = request.protocols.map(({ name }) => name);
  if (!group.supportsClassicProtocols(request.protocolType, names))
    return refused(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  if (isNew && request.groupInstanceId === null && context.apiVersion >= MEMBER_ID_REQUIRED_MIN_VERSION) {
    reply.send(newJoinGroupResponse({ memberId, errorCode: ErrorCode.MEMBER_ID_REQUIRED }));
    return nothing;
  }
  return joinWithId(parts, group, joining, memberId);
}

function joinWithId(
  parts: ShardParts,
  group: ConsumerGroup,
  joining: Joining,
  memberId: string,
): Verdict<null, GroupRecord> {
  const { request, context, nowMs } = joining;
  const { groupInstanceId: instanceId } = request;
  const records: GroupRecord[] = [];
  const isJoining = instanceId === null || request.memberId === '';
  const before = subscribeMember(group, { memberId, instanceId, isJoining, claim: null }, records);
  if ('kind' in before) return before;
  const existing = group.staticMember(instanceId);
  const replaced = existing !== undefined && canDowngradeReplacing(parts, group, existing) ? existing : null;
  const subscription = readSubscription(request.protocols[0]!.metadata);
  if (subscription === null) return refused(ErrorCode.UNKNOWN_SERVER_ERROR);

  const after = memberAfter(before, joining, subscription);
  if (!isSameMember(after, before)) records.push(memberRecord(group.groupId, after));
  const haveNamesChanged = !isSameSet(after.subscribedTopicNames, before.subscribedTopicNames);
  const regexChange = maybeUpdateRegexes(parts, group, before, after, context.mayDescribe, records, nowMs);
  if (typeof regexChange !== 'string') return regexChange;
  const isBumped = haveNamesChanged || regexChange !== 'none';
  const update =
    isBumped || group.hasMetadataExpired(nowMs)
      ? updateSubscriptionMetadata(parts, group, isBumped, before, after, records, nowMs)
      : { groupEpoch: group.groupEpoch, subscriptionType: group.subscriptionType };

  const owned = withTopicIds(subscription.ownedPartitions, parts.topics.image);
  const reconcile = (target: MemberTarget) =>
    maybeReconcile(parts, group, { member: after, target, hasSubscriptionChanged: isBumped, owned }, records, nowMs);
  if (replaced !== null) {
    // With a new subscription everybody is called back anyway.
    const { epoch } = group.target;
    const isStale = epoch < update.groupEpoch;
    const next = isStale ? after : reconcile({ kind: 'target', epoch, assignment: group.targetOf(after) });
    if ('kind' in next) return next;
    const refusal = downgradeReplacing(parts, group, replaced, next, isStale, records, nowMs);
    return refusal ?? checkpointed(records, null, whenJoined(parts, joining, next, true));
  }
  const target = maybeUpdateTargetAssignment(parts, { group, ...update, before, after }, records, nowMs);
  if (target.kind === 'refusal') return target;
  const next = reconcile(target);
  return 'kind' in next ? next : decidedWith(records, null, whenJoined(parts, joining, next, false));
}

/** The member as it says it is now. */
function memberAfter(
  before: ConsumerMember,
  { request, context }: Joining,
  subscription: ConsumerProtocolSubscription,
): ConsumerMember {
  const { groupInstanceId, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = request;
  const rackId = subscription.rackId ?? '';
  return {
    ...before,
    instanceId: groupInstanceId ?? before.instanceId,
    rackId: rackId === '' ? before.rackId : rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? before.rebalanceTimeoutMs : rebalanceTimeoutMs,
    subscribedTopicNames: stringSetOrder(subscription.topics),
    subscribedTopicRegex: '',
    clientId: context.clientId,
    clientHost: context.clientHost,
    classic: {
      sessionTimeoutMs,
      supportedProtocols: protocols.map(({ name, metadata }) => ({ name, metadata: Uint8Array.from(metadata) })),
    },
  };
}

/** Answers when the member is in the log, and begins to wait for its heartbeats and its SyncGroup. */
function whenJoined(
  parts: ShardParts,
  { request, reply }: Joining,
  { memberId, memberEpoch, classic }: ConsumerMember,
  isDowngrade: boolean,
): WriteListener {
  const { groupId, sessionTimeoutMs, rebalanceTimeoutMs } = request;
  const response: JoinGroupResponse = newJoinGroupResponse({
    memberId,
    generationId: memberEpoch,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    protocolName: classic?.supportedProtocols[0]?.name ?? null,
  });
  return (error, nowMs) => {
    if (error !== ErrorCode.NONE) return;
    endJoin(parts, groupId, memberId);
    if (!isDowngrade) {
      keepConsumerSession(parts, groupId, memberId, sessionTimeoutMs, nowMs);
      awaitSync(parts, groupId, memberId, rebalanceTimeoutMs, nowMs);
    }
    reply.send(response);
  };
}
