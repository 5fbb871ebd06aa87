/**
 * The timers of streams group members: who is not heard of, or does not give up tasks in time, is fenced.
 *
 * Source: GroupMetadataManager (scheduleStreamsGroupSessionTimeout, scheduleStreamsGroupRebalanceTimeout).
 */
import type { ShardParts } from '../shard-parts.ts';
import { fenceOverdueStreamsMember, rebalanceKey, sessionKey } from './fence.ts';
import type { StreamsGroup } from './streams-group.ts';
import { type StreamsMember, StreamsMemberState } from './streams-member.ts';

/** A write that failed is tried again after this long. */
const RETRY_BACKOFF_MS = 500;

/** Starts a member's session anew. */
export function keepStreamsSession(parts: ShardParts, groupId: string, memberId: string, nowMs: number): void {
  const { sessionTimeoutMs } = parts.groupConfigs.streams(groupId);
  parts.timers.schedule(sessionKey(groupId, memberId), nowMs + sessionTimeoutMs, RETRY_BACKOFF_MS, () =>
    fenceOverdueStreamsMember(parts, groupId, memberId, () => true),
  );
}

/** The member must give tasks up before it can leave its epoch. */
export function awaitTaskRevocation(parts: ShardParts, groupId: string, member: StreamsMember, nowMs: number): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  parts.timers.schedule(rebalanceKey(groupId, memberId), nowMs + rebalanceTimeoutMs, RETRY_BACKOFF_MS, () =>
    fenceOverdueStreamsMember(parts, groupId, memberId, (due) => due.memberEpoch === memberEpoch),
  );
}

/** It has. */
export function endTaskRevocation({ timers }: ShardParts, groupId: string, memberId: string): void {
  timers.cancel(rebalanceKey(groupId, memberId));
}

/** The members of a loaded group have their timeouts anew. */
export function resumeStreamsGroup(parts: ShardParts, group: StreamsGroup, nowMs: number): void {
  const { groupId } = group;
  for (const member of group.orderedMembers()) {
    keepStreamsSession(parts, groupId, member.memberId, nowMs);
    if (member.state === StreamsMemberState.UNREVOKED_TASKS) awaitTaskRevocation(parts, groupId, member, nowMs);
  }
}
