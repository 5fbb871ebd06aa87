/**
 * Takes a member out of a share group, and bumps its epoch.
 *
 * Source: GroupMetadataManager.shareGroupLeave, shareGroupFenceMember.
 */
import { type Decision, decided } from '../../runtime/decision.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { shareGroupEpochRecord, shareMemberTombstones } from '../records/share-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { endShareSession } from './session-timer.ts';
import type { ShareGroup } from './share-group.ts';
import type { ShareMember } from './share-member.ts';

/** Fences a member if there is one, and answers. */
export function fenceShareMember<R>(
  parts: ShardParts,
  group: ShareGroup | null,
  member: ShareMember | undefined,
  response: R,
): Decision<R, GroupRecord> {
  if (group === null || member === undefined) return decided([], response);
  const { groupId } = group;
  const { memberId } = member;
  const subscriptions = group.subscriptions.copy();
  subscriptions.removeNames(member.subscribedTopicNames);
  const metadataHash = parts.topics.hashOf(subscriptions.topics());
  endShareSession(parts, groupId, memberId);
  parts.logger.info({ groupId, memberId }, 'a member is gone from the share group');
  return decided(
    [...shareMemberTombstones(groupId, memberId), shareGroupEpochRecord(groupId, group.groupEpoch + 1, metadataHash)],
    response,
  );
}
