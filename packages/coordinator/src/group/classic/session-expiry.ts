/**
 * What happens when a session ends: the member goes, and the group goes on without it.
 *
 * Source: GroupMetadataManager.expireClassicGroupMemberHeartbeat.
 */
import { type Decision, nothing } from '../../runtime/decision.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ClassicGroup } from './classic-group.ts';
import { completeJoinPhase, maybePrepareRebalance } from './rebalance.ts';

/** The session of a member, or of somebody who was given an id, is over. */
export function expireSession(
  parts: ShardParts,
  groupId: string,
  memberId: string,
  nowMs: number,
): Decision<null, GroupRecord> {
  const group = parts.registry.getClassic(groupId);
  if (group === undefined || group.isIn('Dead')) return nothing;
  if (group.pendingJoinMembers.has(memberId)) {
    parts.logger.info({ groupId, memberId }, 'pending member has not joined in time; forgetting it');
    group.remove(memberId);
    return completeIfAllJoined(parts, group, nowMs);
  }
  const member = group.members.get(memberId);
  if (member === undefined || member.hasSatisfiedHeartbeat) return nothing;
  parts.logger.info({ groupId, memberId }, 'member has not been heard of in time; removing it');
  group.remove(memberId);
  return group.isIn('Stable', 'CompletingRebalance')
    ? maybePrepareRebalance(parts, group, `removing member ${memberId} on heartbeat expiration.`, nowMs)
    : completeIfAllJoined(parts, group, nowMs);
}

/** Unlike a member that leaves, a session that ends does not wait for the delay of an initial rebalance. */
function completeIfAllJoined(parts: ShardParts, group: ClassicGroup, nowMs: number): Decision<null, GroupRecord> {
  const isComplete = group.isIn('PreparingRebalance') && group.hasAllMembersJoined;
  return isComplete ? completeJoinPhase(parts, group, nowMs) : nothing;
}
