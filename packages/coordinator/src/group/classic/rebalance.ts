/**
 * The rebalance of a classic group: calling everybody back, closing the door, and waiting for everybody to sync.
 *
 * Three timers drive it when members do not: `join-` (how long the door stays open), `sync-` (how long members may take to fetch their
 * assignment), and the members' sessions. Source: GroupMetadataManager (prepareRebalance, completeClassicGroupJoin, expirePendingSync).
 */
import { EMPTY_BYTES, ErrorCode, errorName, newSyncGroupResponse } from '@skarab/protocol';
import { checkpointed, type Decision, nothing } from '../../runtime/decision.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ClassicGroup } from './classic-group.ts';
import { endSession, keepSession } from './session.ts';

function joinKey(groupId: string): string {
  return `join-${groupId}`;
}

function syncKey(groupId: string): string {
  return `sync-${groupId}`;
}

/** Begins a rebalance if the group is not in one, else ends its first phase if nobody is missing. */
export function maybePrepareRebalance(
  parts: ShardParts,
  group: ClassicGroup,
  reason: string,
  nowMs: number,
): Decision<null, GroupRecord> {
  return group.canRebalance ? prepareRebalance(parts, group, reason, nowMs) : maybeCompleteJoin(parts, group, nowMs);
}

/** Begins a rebalance: who waits for an assignment is sent back, and the door opens. */
export function prepareRebalance(
  parts: ShardParts,
  group: ClassicGroup,
  reason: string,
  nowMs: number,
): Decision<null, GroupRecord> {
  const { groupId, state, generationId } = group;
  if (state === 'CompletingRebalance') propagateError(parts, group, ErrorCode.REBALANCE_IN_PROGRESS, nowMs);
  group.pendingSyncMembers.clear();
  parts.timers.cancel(syncKey(groupId));
  const isInitial = group.isEmpty;
  group.transitionTo('PreparingRebalance', nowMs);
  parts.logger.info({ groupId, state, generationId, reason }, 'preparing to rebalance');
  if (isInitial) {
    const { initialRebalanceDelayMs } = parts.config;
    const remainingMs = Math.max(group.rebalanceTimeoutMs - initialRebalanceDelayMs, 0);
    keepDoorOpen(parts, groupId, initialRebalanceDelayMs, remainingMs, nowMs);
    return nothing;
  }
  if (group.hasAllMembersJoined) return completeJoinPhase(parts, group, nowMs);
  scheduleJoinPhaseEnd(parts, group, nowMs);
  return nothing;
}

/** Ends the first phase if nobody is missing; an initial rebalance waits for its delay whatever happens. */
export function maybeCompleteJoin(parts: ShardParts, group: ClassicGroup, nowMs: number): Decision<null, GroupRecord> {
  const isWaitingForMembers = group.isIn('PreparingRebalance') && group.previousState !== 'Empty';
  return isWaitingForMembers && group.hasAllMembersJoined ? completeJoinPhase(parts, group, nowMs) : nothing;
}

function scheduleJoinPhaseEnd(parts: ShardParts, group: ClassicGroup, nowMs: number): void {
  const { groupId } = group;
  parts.timers.schedule(joinKey(groupId), nowMs + group.rebalanceTimeoutMs, null, (dueMs) => {
    const due = parts.registry.getClassic(groupId);
    return due === undefined ? nothing : completeJoinPhase(parts, due, dueMs);
  });
}

/** The first members of a group give others time to come: the delay, again for as long as somebody came, up to the rebalance timeout. */
function keepDoorOpen(parts: ShardParts, groupId: string, delayMs: number, remainingMs: number, nowMs: number): void {
  parts.timers.schedule(joinKey(groupId), nowMs + delayMs, null, (dueMs) => {
    const group = parts.registry.getClassic(groupId);
    if (group === undefined) return nothing;
    if (!group.newMemberAdded || remainingMs === 0) return completeJoinPhase(parts, group, dueMs);
    group.newMemberAdded = false;
    const nextDelayMs = Math.min(parts.config.initialRebalanceDelayMs, remainingMs);
    keepDoorOpen(parts, groupId, nextDelayMs, Math.max(remainingMs - delayMs, 0), dueMs);
    return nothing;
  });
}

/**
 * Closes the door: dynamic members who have not come back are out, the others learn the new generation.
 *
 * Static members stay even when they have not come back, as long as their session lasts. When nobody at all came, the door stays open for another
 * rebalance timeout, until sessions end. An empty group's generation is checkpointed at once.
 */
export function completeJoinPhase(parts: ShardParts, group: ClassicGroup, nowMs: number): Decision<null, GroupRecord> {
  const { groupId } = group;
  // The timer may have been that of an earlier group of this id, which a failed write took back.
  if (!group.isIn('PreparingRebalance')) return nothing;
  parts.timers.cancel(joinKey(groupId));
  removeAbsentDynamicMembers(parts, group);
  if (!group.maybeElectNewJoinedLeader() && group.members.size > 0) {
    parts.logger.error({ groupId }, 'rebalance could not complete because no members rejoined');
    scheduleJoinPhaseEnd(parts, group, nowMs);
    return nothing;
  }
  group.initNextGeneration(nowMs);
  const { generationId } = group;
  if (group.isEmpty) {
    parts.logger.info({ groupId, generationId }, 'group is now empty');
    return checkpointed([group.toRecord()], null, (error) => {
      // Without the record the previous generation would come back after a failover, and time out.
      if (error !== ErrorCode.NONE)
        parts.logger.warn({ groupId, error: errorName(error) }, 'failed to write empty metadata of group');
    });
  }
  parts.logger.info({ groupId, generationId, memberCount: group.members.size }, 'stabilized group');
  for (const member of group.members.values()) {
    group.completeJoin(member, group.joinResponse(member.memberId));
    keepSession(parts, group, member, nowMs);
    member.isNew = false;
    group.pendingSyncMembers.add(member.memberId);
  }
  parts.timers.schedule(syncKey(groupId), nowMs + group.rebalanceTimeoutMs, null, (dueMs) =>
    expirePendingSync(parts, groupId, generationId, dueMs),
  );
  return nothing;
}

function removeAbsentDynamicMembers(parts: ShardParts, group: ClassicGroup): void {
  const absent = [...group.members.values()].filter(
    (member) => member.awaitingJoin === null && member.groupInstanceId === null,
  );
  for (const { memberId } of absent) {
    group.remove(memberId);
    endSession(parts, group, memberId);
  }
  if (absent.length === 0) return;
  const memberIds = absent.map(({ memberId }) => memberId);
  parts.logger.info({ groupId: group.groupId, memberIds }, 'removed dynamic members who have not joined');
}

/** Members that learned of the generation and never asked for their assignment are out. */
function expirePendingSync(
  parts: ShardParts,
  groupId: string,
  generationId: number,
  nowMs: number,
): Decision<null, GroupRecord> {
  const group = parts.registry.getClassic(groupId);
  if (group === undefined || group.generationId !== generationId) return nothing;
  if (!group.isIn('CompletingRebalance', 'Stable') || group.pendingSyncMembers.size === 0) return nothing;
  const memberIds = [...group.pendingSyncMembers];
  for (const memberId of memberIds) {
    group.remove(memberId);
    endSession(parts, group, memberId);
  }
  const reason = `Removing [${memberIds.join(', ')}] on pending sync request expiration`;
  return prepareRebalance(parts, group, reason, nowMs);
}

/** A member has synced; when it was the last one, nobody needs to be waited for. */
export function removePendingSync(parts: ShardParts, group: ClassicGroup, memberId: string): void {
  group.pendingSyncMembers.delete(memberId);
  if (group.pendingSyncMembers.size === 0) parts.timers.cancel(syncKey(group.groupId));
}

/** Takes every assignment back and answers every parked SyncGroup with `error`. */
export function propagateError(parts: ShardParts, group: ClassicGroup, errorCode: ErrorCode, nowMs: number): void {
  for (const member of group.members.values()) {
    member.assignment = EMPTY_BYTES;
    if (group.completeSync(member, newSyncGroupResponse({ errorCode }))) keepSession(parts, group, member, nowMs);
  }
}

/** Gives every member its assignment and answers every parked SyncGroup with it. */
export function propagateAssignment(
  parts: ShardParts,
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Uint8Array>,
  nowMs: number,
): void {
  const { protocolType, protocolName } = group;
  for (const member of group.members.values()) {
    member.assignment = assignments.get(member.memberId) ?? EMPTY_BYTES;
    const { assignment } = member;
    if (group.completeSync(member, newSyncGroupResponse({ protocolType, protocolName, assignment })))
      keepSession(parts, group, member, nowMs);
  }
}
