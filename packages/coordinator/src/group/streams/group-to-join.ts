/**
 * The streams group and the member that a heartbeat is about.
 *
 * Source: GroupMetadataManager (getOrCreateStreamsGroup, getStreamsGroupOrThrow, throwIfStreamsGroupIsFull,
 * getOrMaybeCreateDynamicStreamsGroupMember, throwIfStreamsGroupMemberEpochIsInvalid).
 */
import {
  ErrorCode,
  type StreamsGroupHeartbeatRequestTaskIds as OwnedTaskIds,
  type StreamsGroupHeartbeatRequest,
} from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import { Timeline } from '../../runtime/timeline.ts';
import { ClassicGroup } from '../classic/classic-group.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { StreamsGroup } from './streams-group.ts';
import { newStreamsMember, type StreamsMember } from './streams-member.ts';
import { type TaskSet, withoutEpochs } from './tasks.ts';

/** The group, which replay makes of `records` when it is new or was an empty classic one. */
export function streamsGroupToJoin(
  parts: ShardParts,
  groupId: string,
  isJoining: boolean,
  records: GroupRecord[],
): StreamsGroup | Refusal {
  const group = parts.registry.get(groupId);
  if (group instanceof StreamsGroup) return isJoining ? (refuseFull(parts, group) ?? group) : group;
  if (group === undefined && !isJoining) return notFound(`Streams group ${groupId} not found.`);
  if (group !== undefined) {
    if (!isJoining || !(group instanceof ClassicGroup) || !group.isEmpty)
      return notFound(`Group ${groupId} is not a streams group.`);
    parts.logger.info({ groupId }, 'converted an empty classic group to a streams group');
    records.push(...group.tombstones());
  }
  // To decide about, apart from the shard's timeline: replay makes the lasting one.
  return new StreamsGroup(groupId, new Timeline());
}

/** The group as it is, to leave it. */
export function streamsGroupToLeave({ registry }: ShardParts, groupId: string): StreamsGroup | Refusal {
  const group = registry.get(groupId);
  if (group instanceof StreamsGroup) return group;
  return notFound(group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a streams group.`);
}

function notFound(message: string): Refusal {
  return refused(ErrorCode.GROUP_ID_NOT_FOUND, message);
}

/** Kafka refuses also a member that joins again. */
function refuseFull({ config }: ShardParts, group: StreamsGroup): Refusal | null {
  const { streamsMaxSize } = config;
  if (group.members.size < streamsMaxSize) return null;
  return refused(
    ErrorCode.GROUP_MAX_SIZE_REACHED,
    `The streams group has reached its maximum capacity of ${streamsMaxSize} members.`,
  );
}

/** The member as it is; a new one when it joins. */
export function streamsMemberOf(group: StreamsGroup, request: StreamsGroupHeartbeatRequest): StreamsMember | Refusal {
  const { memberId, memberEpoch } = request;
  const member = group.members.get(memberId);
  if (memberEpoch === 0) return member ?? newStreamsMember(memberId);
  if (member === undefined)
    return refused(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${group.groupId}.`);
  if (memberEpoch > member.memberEpoch) return fenced('greater', memberEpoch, member);
  if (memberEpoch === member.memberEpoch) return member;
  // The response with the new epoch may have been lost.
  const { active, standby, warmup } = member.assigned;
  const isRepeated =
    memberEpoch === member.previousMemberEpoch &&
    isOwnedOf(request.activeTasks, withoutEpochs(active)) &&
    isOwnedOf(request.standbyTasks, standby) &&
    isOwnedOf(request.warmupTasks, warmup);
  return isRepeated ? member : fenced('smaller', memberEpoch, member);
}

function isOwnedOf(owned: readonly OwnedTaskIds[] | null, assigned: TaskSet): boolean {
  if (owned === null) return false;
  return owned.every(({ subtopologyId, partitions }) => {
    const own = assigned.get(subtopologyId);
    return own !== undefined && partitions.every((partition) => own.has(partition));
  });
}

function fenced(how: string, epoch: number, member: StreamsMember): Refusal {
  return refused(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The streams group member has a ${how} member epoch (${epoch}) than the one known by the group coordinator (${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
  );
}
