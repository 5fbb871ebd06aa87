/**
 * The sessions of classic members: who is not heard of in time is out.
 *
 * A parked JoinGroup or SyncGroup stands for a heartbeat; answering it starts the session anew. What happens at the end of a session is in
 * session-expiry.ts. Source: GroupMetadataManager.rescheduleClassicGroupMemberHeartbeat.
 */
import type { Group } from '../group.ts';
import type { ShardParts } from '../shard-parts.ts';
import { ClassicGroup } from './classic-group.ts';
import type { ClassicMember } from './classic-member.ts';

function sessionKey(groupId: string, memberId: string): string {
  return `heartbeat-${groupId}-${memberId}`;
}

/** Starts a member's session anew. */
export function keepSession(parts: ShardParts, group: ClassicGroup, member: ClassicMember, nowMs: number): void {
  startSession(parts, group, member.memberId, member.sessionTimeoutMs, nowMs);
}

/** Starts a session of some length, of a member or of somebody who may become one. */
export function startSession(
  parts: ShardParts,
  { groupId }: ClassicGroup,
  memberId: string,
  timeoutMs: number,
  nowMs: number,
): void {
  parts.timers.schedule(sessionKey(groupId, memberId), nowMs + timeoutMs, null, (dueMs) =>
    parts.onClassicSessionExpired(groupId, memberId, dueMs),
  );
}

/** Waits for the member no longer. */
export function endSession(parts: ShardParts, group: ClassicGroup, memberId: string): void {
  parts.timers.cancel(sessionKey(group.groupId, memberId));
}

/** In a settled or preparing classic group, a commit is as good as a heartbeat. */
export function keepSessionOfCommitter(parts: ShardParts, group: Group, memberId: string, nowMs: number): void {
  if (!(group instanceof ClassicGroup) || !group.isIn('Stable', 'PreparingRebalance')) return;
  keepSession(parts, group, group.member(memberId), nowMs);
}
