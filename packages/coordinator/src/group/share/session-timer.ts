/**
 * The timer of a share group member's session.
 */
import type { ShardParts } from '../shard-parts.ts';

/** Names it. */
export const shareSessionKey = (groupId: string, memberId: string): string => `session-timeout-${groupId}-${memberId}`;

/** Waits for the member no more. */
export function endShareSession({ timers }: ShardParts, groupId: string, memberId: string): void {
  timers.cancel(shareSessionKey(groupId, memberId));
}
