/**
 * The sessions of share group members: who is not heard of is fenced.
 *
 * Source: GroupMetadataManager.scheduleShareGroupSessionTimeout.
 */
import type { ShardParts } from '../shard-parts.ts';
import { fenceShareMember } from './leave.ts';
import { shareSessionKey } from './session-timer.ts';
import { ShareGroup } from './share-group.ts';

const RETRY_BACKOFF_MS = 500;

/** Starts a member's session anew. */
export function keepShareSession(parts: ShardParts, groupId: string, memberId: string, nowMs: number): void {
  const { sessionTimeoutMs } = parts.groupConfigs.share(groupId);
  parts.timers.schedule(shareSessionKey(groupId, memberId), nowMs + sessionTimeoutMs, RETRY_BACKOFF_MS, () => {
    const group = parts.registry.get(groupId);
    const member = group instanceof ShareGroup ? group.members.get(memberId) : undefined;
    return fenceShareMember(parts, group instanceof ShareGroup ? group : null, member, null);
  });
}
