/**
 * The timers of consumer group members: who is not heard of, does not give up partitions, or does not join or sync in time is fenced.
 *
 * A timer that finds another group, another member or another epoch does nothing. Source: GroupMetadataManager (scheduleConsumerGroupSessionTimeout,
 * scheduleConsumerGroupRebalanceTimeout, scheduleConsumerGroupJoinTimeoutIfAbsent, scheduleConsumerGroupSyncTimeout).
 */
import type { ShardParts } from '../shard-parts.ts';
import type { ConsumerMember } from './consumer-member.ts';

/** A write that failed is tried again after this long. */
const RETRY_BACKOFF_MS = 500;

type MemberTimer = 'session-timeout' | 'rebalance-timeout' | 'consumer-group-join' | 'consumer-group-sync';

function keyOf(timer: MemberTimer, groupId: string, memberId: string): string {
  return `${timer}-${groupId}-${memberId}`;
}

function schedule(
  parts: ShardParts,
  timer: MemberTimer,
  groupId: string,
  memberId: string,
  timing: { readonly nowMs: number; readonly timeoutMs: number },
  reason: string,
  isStillDue: (member: ConsumerMember) => boolean = () => true,
): void {
  const deadlineMs = timing.nowMs + timing.timeoutMs;
  parts.timers.schedule(keyOf(timer, groupId, memberId), deadlineMs, RETRY_BACKOFF_MS, (dueMs) =>
    parts.onConsumerMemberOverdue(groupId, memberId, reason, isStillDue, dueMs),
  );
}

/** Starts a member's session anew. */
export function keepConsumerSession(
  parts: ShardParts,
  groupId: string,
  memberId: string,
  timeoutMs: number,
  nowMs: number,
): void {
  schedule(parts, 'session-timeout', groupId, memberId, { nowMs, timeoutMs }, 'the member session expired');
}

/** The member must give partitions up before it can leave its epoch. */
export function awaitRevocation(parts: ShardParts, groupId: string, member: ConsumerMember, nowMs: number): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  const reason = `it failed to transition from epoch ${memberEpoch} within ${rebalanceTimeoutMs}ms`;
  const timing = { nowMs, timeoutMs: rebalanceTimeoutMs };
  schedule(parts, 'rebalance-timeout', groupId, memberId, timing, reason, (due) => due.memberEpoch === memberEpoch);
}

/** It has. */
export function endRevocation({ timers }: ShardParts, groupId: string, memberId: string): void {
  timers.cancel(keyOf('rebalance-timeout', groupId, memberId));
}

/** A classic member was told to join again; it has one rebalance timeout from the first time. */
export function awaitJoin(parts: ShardParts, groupId: string, member: ConsumerMember, nowMs: number): void {
  const { memberId, rebalanceTimeoutMs: timeoutMs } = member;
  if (parts.timers.isScheduled(keyOf('consumer-group-join', groupId, memberId))) return;
  const reason = 'the classic member failed to join within the rebalance timeout';
  schedule(parts, 'consumer-group-join', groupId, memberId, { nowMs, timeoutMs }, reason);
}

/** It has. */
export function endJoin({ timers }: ShardParts, groupId: string, memberId: string): void {
  timers.cancel(keyOf('consumer-group-join', groupId, memberId));
}

/** A classic member has joined and must fetch its assignment. */
export function awaitSync(
  parts: ShardParts,
  groupId: string,
  memberId: string,
  timeoutMs: number,
  nowMs: number,
): void {
  const reason = 'the member failed to sync within timeout';
  schedule(parts, 'consumer-group-sync', groupId, memberId, { nowMs, timeoutMs }, reason);
}

/** It has. */
export function endSync({ timers }: ShardParts, groupId: string, memberId: string): void {
  timers.cancel(keyOf('consumer-group-sync', groupId, memberId));
}

/** Waits for the member in no way any more. */
export function endTimers(parts: ShardParts, groupId: string, memberId: string): void {
  parts.timers.cancel(keyOf('session-timeout', groupId, memberId));
  endRevocation(parts, groupId, memberId);
  endJoin(parts, groupId, memberId);
  endSync(parts, groupId, memberId);
}
