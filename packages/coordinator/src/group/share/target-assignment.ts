/**
 * Decides the target assignment of a share group's new epoch, unless the last one is too recent (KIP-1263).
 *
 * Source: GroupMetadataManager.maybeUpdateTargetAssignment, TargetAssignmentBuilder.ShareTargetAssignmentBuilder.
 */
import { simpleAssignor } from '../assignor/simple-assignor.ts';
import { type Assignment, isSameAssignment, NO_PARTITIONS } from '../consumer/assignment.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { shareTargetEpochRecord, shareTargetRecord } from '../records/share-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ShareGroup } from './share-group.ts';
import type { ShareMember } from './share-member.ts';

/** The target of the member after a change, with the records of a new one in `records`. */
export function maybeUpdateShareTarget(
  parts: ShardParts,
  group: ShareGroup,
  groupEpoch: number,
  changed: ShareMember,
  records: GroupRecord[],
  nowMs: number,
): { epoch: number; assignment: Assignment } {
  const { groupId } = group;
  const { epoch, timestampMs } = group.target.get();
  const { assignmentIntervalMs } = parts.groupConfigs.share(groupId);
  const isTooRecent = timestampMs !== 0 && assignmentIntervalMs !== 0 && nowMs < timestampMs + assignmentIntervalMs;
  if (epoch >= groupEpoch || isTooRecent) return { epoch, assignment: group.targetOf(changed.memberId) };
  const members = new Map(group.members);
  members.set(changed.memberId, changed);
  const { image } = parts.topics;
  const specs = [...members.values()].map(({ memberId, subscribedTopicNames }) => ({
    memberId,
    topicIds: subscribedTopicNames.flatMap((name) => image.topicByName(name)?.id ?? []),
    assignment: group.targetOf(memberId),
  }));
  const { initialized } = group.statePartitions;
  const assigned = simpleAssignor(specs, (topicId) => [...(initialized.get(topicId)?.partitions ?? [])]);
  for (const { memberId } of specs) {
    const old = group.targets.get(memberId);
    const target = assigned.get(memberId) ?? NO_PARTITIONS;
    if (old === undefined || !isSameAssignment(old, target)) records.push(shareTargetRecord(groupId, memberId, target));
  }
  records.push(shareTargetEpochRecord(groupId, groupEpoch, nowMs));
  parts.logger.info({ groupId, groupEpoch }, 'computed a new target assignment of a share group');
  return { epoch: groupEpoch, assignment: assigned.get(changed.memberId) ?? NO_PARTITIONS };
}
