/**
 * Decides ShareGroupHeartbeat: joining, leaving, and everything in between (KIP-932).
 *
 * The member as it says it is now, perhaps with a new group epoch; the target assignment of that epoch; what the member has; and which partitions need
 * a state at the share coordinator first. Source: GroupMetadataManager.shareGroupHeartbeat.
 */
import type { Uuid } from '@skarab/base';
import {
  ErrorCode,
  newShareGroupHeartbeatResponse,
  type ShareGroupHeartbeatRequest,
  type ShareGroupHeartbeatResponse,
} from '@skarab/protocol';
import { decided, type Refusal, refused, type Verdict } from '../../runtime/decision.ts';
import { type Assignment, isSameAssignment } from '../consumer/assignment.ts';
import type { GroupRequestContext } from '../group-requests.ts';
import type { GroupRecord } from '../records/group-record.ts';
import {
  shareCurrentAssignmentRecord,
  shareGroupEpochRecord,
  shareMemberRecord,
  shareStatePartitionsRecord,
} from '../records/share-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { fenceShareMember } from './leave.ts';
import { keepShareSession } from './sessions.ts';
import { ShareGroup } from './share-group.ts';
import { areSameNames, hasTheSame, newShareMember, type ShareMember, saysTheSame } from './share-member.ts';
import { missingStates, withInitializing } from './state-partitions.ts';
import { maybeUpdateShareTarget } from './target-assignment.ts';

const LEAVE_EPOCH = -1;

/** States that the share coordinator is to make. */
export interface StatesToInitialize {
  readonly groupId: string;
  readonly stateEpoch: number;
  readonly topics: readonly { readonly topicId: Uuid; readonly partitions: readonly number[] }[];
}

/** A heartbeat's answer, and what must be done beside it; null: nothing. */
export interface ShareHeartbeatOutcome {
  readonly response: ShareGroupHeartbeatResponse;
  readonly toInitialize: StatesToInitialize | null;
}

/** Decides a heartbeat whose form is valid. */
export function shareGroupHeartbeat(
  parts: ShardParts,
  context: GroupRequestContext,
  request: ShareGroupHeartbeatRequest,
  nowMs: number,
): Verdict<ShareHeartbeatOutcome, GroupRecord> {
  return request.memberEpoch === LEAVE_EPOCH ? leave(parts, request) : stay(parts, context, request, nowMs);
}

function leave(
  parts: ShardParts,
  { groupId, memberId, memberEpoch }: ShareGroupHeartbeatRequest,
): Verdict<ShareHeartbeatOutcome, GroupRecord> {
  if (parts.registry.get(groupId) === undefined)
    return refused(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} not found.`);
  const group = shareGroupOf(parts, groupId);
  if ('kind' in group) return group;
  const member = group.members.get(memberId);
  if (member === undefined) return unknownMember(groupId, memberId);
  const response = newShareGroupHeartbeatResponse({ memberId, memberEpoch });
  return fenceShareMember(parts, group, member, { response, toInitialize: null });
}

function stay(
  parts: ShardParts,
  context: GroupRequestContext,
  request: ShareGroupHeartbeatRequest,
  nowMs: number,
): Verdict<ShareHeartbeatOutcome, GroupRecord> {
  const { groupId, memberId, memberEpoch } = request;
  const isJoining = memberEpoch === 0;
  const known = shareGroupOf(parts, groupId);
  if ('kind' in known && (!isJoining || parts.registry.get(groupId) !== undefined)) return known;
  const group = 'kind' in known ? new ShareGroup(groupId, parts.timeline) : known;
  const before = memberBefore(parts, group, request);
  if ('kind' in before) return before;
  const records: GroupRecord[] = [];
  const after = memberAfter(before, context, request);
  if (!saysTheSame(before, after)) records.push(shareMemberRecord(groupId, after));
  const haveNamesChanged = !areSameNames(before.subscribedTopicNames, after.subscribedTopicNames);
  const isPending = group.target.get().epoch >= group.groupEpoch && hasUnassignedStates(group);
  const subscriptions = group.subscriptions.copy();
  subscriptions.removeNames(before.subscribedTopicNames);
  subscriptions.addNames(after.subscribedTopicNames);
  const { groupEpoch, isBumped } = groupEpochAfter(parts, group, haveNamesChanged || isPending, subscriptions, records);
  const target = maybeUpdateShareTarget(parts, group, groupEpoch, after, records, nowMs);
  const next = reconciled(parts, after, target, isBumped);
  if (!hasTheSame(after, next)) records.push(shareCurrentAssignmentRecord(groupId, next));
  keepShareSession(parts, groupId, memberId, nowMs);
  const toInitialize = statesToInitialize(parts, group, groupEpoch, subscriptions.topics(), records, nowMs);
  return decided(records, { response: responseOf(parts, request, before, next), toInitialize });
}

/** The share group; or that there is none. */
function shareGroupOf({ registry }: ShardParts, groupId: string): ShareGroup | Refusal {
  const group = registry.get(groupId);
  if (group instanceof ShareGroup) return group;
  const message = group === undefined ? `Share group ${groupId} not found.` : `Group ${groupId} is not a share group.`;
  return refused(ErrorCode.GROUP_ID_NOT_FOUND, message);
}

function unknownMember(groupId: string, memberId: string): Refusal {
  return refused(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`);
}

/** The member as it was; a new one when it joins; or why it may not speak. */
function memberBefore(
  { config }: ShardParts,
  group: ShareGroup,
  { groupId, memberId, memberEpoch }: ShareGroupHeartbeatRequest,
): ShareMember | Refusal {
  const member = group.members.get(memberId);
  const { shareMaxSize } = config;
  if (member === undefined && group.members.size >= shareMaxSize)
    return refused(
      ErrorCode.GROUP_MAX_SIZE_REACHED,
      `The share group has reached its maximum capacity of ${shareMaxSize} members.`,
    );
  if (memberEpoch === 0) return member ?? newShareMember(memberId);
  if (member === undefined) return unknownMember(groupId, memberId);
  const end = 'The member must abandon all its partitions and rejoin.';
  if (memberEpoch > member.memberEpoch)
    return refused(
      ErrorCode.FENCED_MEMBER_EPOCH,
      `The share group member has a greater member epoch (${memberEpoch}) than the one known by the group coordinator (${member.memberEpoch}). ${end}`,
    );
  if (memberEpoch < member.memberEpoch && memberEpoch !== member.previousMemberEpoch)
    return refused(
      ErrorCode.FENCED_MEMBER_EPOCH,
      `The share group member has a smaller member epoch (${memberEpoch}) than the one known by the group coordinator (${member.memberEpoch}), ` +
        `and it does not match the previous member epoch (${member.previousMemberEpoch}). ${end}`,
    );
  return member;
}

/** The member as it says it is now; what it does not say stays. */
function memberAfter(
  before: ShareMember,
  { clientId, clientHost }: GroupRequestContext,
  { rackId, subscribedTopicNames }: ShareGroupHeartbeatRequest,
): ShareMember {
  const names = subscribedTopicNames === null ? before.subscribedTopicNames : [...new Set(subscribedTopicNames)].sort();
  return { ...before, rackId: rackId ?? before.rackId, clientId, clientHost, subscribedTopicNames: names };
}

/** Whether partitions that have a state now are in nobody's target yet. */
function hasUnassignedStates(group: ShareGroup): boolean {
  if (group.isEmpty) return false;
  const assigned = new Map<Uuid, Set<number>>();
  for (const [, target] of group.targets)
    for (const [topicId, partitions] of target)
      assigned.set(topicId, new Set([...(assigned.get(topicId) ?? []), ...partitions]));
  for (const [topicId, { name, partitions }] of group.statePartitions.initialized) {
    if (!group.subscriptions.has(name)) continue;
    const known = assigned.get(topicId);
    if (known?.size !== partitions.size || ![...partitions].every((partition) => known.has(partition))) return true;
  }
  return false;
}

/** The group's epoch with what has changed; a new one is in `records`. */
function groupEpochAfter(
  parts: ShardParts,
  group: ShareGroup,
  hasChanged: boolean,
  subscriptions: { topics(): Iterable<string> },
  records: GroupRecord[],
): { groupEpoch: number; isBumped: boolean } {
  const before = group.epoch.get();
  if (!hasChanged && !group.hasMetadataExpired) return { groupEpoch: before.groupEpoch, isBumped: false };
  const metadataHash = parts.topics.hashOf(subscriptions.topics());
  const isBumped = hasChanged || metadataHash !== before.metadataHash;
  const groupEpoch = before.groupEpoch + Number(isBumped);
  if (isBumped) records.push(shareGroupEpochRecord(group.groupId, groupEpoch, metadataHash));
  group.onMetadataSeen(groupEpoch);
  return { groupEpoch, isBumped };
}

/** The member with what its target gives it, without topics that it does not subscribe to any more. */
function reconciled(
  { topics }: ShardParts,
  member: ShareMember,
  { epoch, assignment }: { epoch: number; assignment: Assignment },
  hasSubscriptionChanged: boolean,
): ShareMember {
  if (!hasSubscriptionChanged && member.memberEpoch === epoch) return member;
  const names = new Set(member.subscribedTopicNames);
  const kept = new Map([...assignment].filter(([topicId]) => names.has(topics.image.topicById(topicId)?.name ?? '')));
  const assignedPartitions = isSameAssignment(kept, member.assignedPartitions) ? member.assignedPartitions : kept;
  if (epoch === member.memberEpoch) return { ...member, assignedPartitions };
  return { ...member, memberEpoch: epoch, previousMemberEpoch: member.memberEpoch, assignedPartitions };
}

/** The states that are missing; that they are on their way is in `records`. */
function statesToInitialize(
  { topics, config, initializationsSinceMs }: ShardParts,
  group: ShareGroup,
  stateEpoch: number,
  names: Iterable<string>,
  records: GroupRecord[],
  nowMs: number,
): StatesToInitialize | null {
  const { groupId, statePartitions } = group;
  const sinceMs = initializationsSinceMs.get(groupId) ?? 0;
  const isTakingTooLong = nowMs - sinceMs >= config.shareInitializeRetryIntervalMs;
  const missing = missingStates(statePartitions, names, topics.image, isTakingTooLong);
  if (missing.size === 0) return null;
  initializationsSinceMs.set(groupId, nowMs);
  records.push(shareStatePartitionsRecord(groupId, withInitializing(statePartitions, missing), topics.image));
  const wanted = [...missing].map(([topicId, { partitions }]) => ({ topicId, partitions: [...partitions] }));
  return { groupId, stateEpoch, topics: wanted };
}

function responseOf(
  { groupConfigs }: ShardParts,
  { groupId, memberEpoch, subscribedTopicNames }: ShareGroupHeartbeatRequest,
  before: ShareMember,
  after: ShareMember,
): ShareGroupHeartbeatResponse {
  const isTold =
    memberEpoch === 0 ||
    subscribedTopicNames !== null ||
    !isSameAssignment(before.assignedPartitions, after.assignedPartitions);
  return newShareGroupHeartbeatResponse({
    memberId: after.memberId,
    memberEpoch: after.memberEpoch,
    heartbeatIntervalMs: groupConfigs.share(groupId).heartbeatIntervalMs,
    assignment: isTold
      ? {
          topicPartitions: [...after.assignedPartitions].map(([topicId, partitions]) => ({
            topicId,
            partitions: [...partitions],
          })),
        }
      : null,
  });
}
