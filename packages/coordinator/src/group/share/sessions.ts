/**
 * The sessions of share group members: who is not heard of is fenced.
 *
 * Source: GroupMetadataManager.scheduleShareGroupSessionTimeout.
 */
import type { ShardParts } from '../shard-parts.ts';
import { fenceShareMember } from './leave.ts';
import { ShareGroup } from './share-group.ts';

const RETRY_BACKOFF_MS = 500;

const keyOf = (groupId: string, memberId: string): string => `session-timeout-${groupId}-${memberId}`;

/** Starts a member's session anew. */
export function keepShareSession(parts: ShardParts, groupId: string, memberId: string, nowMs: number): void {
  const { sessionTimeoutMs } = parts.groupConfigs.share(groupId);
  parts.timers.schedule(keyOf(groupId, memberId), nowMs + sessionTimeoutMs, RETRY_BACKOFF_MS, () => {
    const group = parts.registry.get(groupId);
    const member = group instanceof ShareGroup ? group.members.get(memberId) : undefined;
    return fenceShareMember(parts, group instanceof ShareGroup ? group : null, member, null);
  });
}

/** Waits for the member no more. */
export function endShareSession({ timers }: ShardParts, groupId: string, memberId: string): void {
  timers.cancel(keyOf(groupId, memberId));
}
