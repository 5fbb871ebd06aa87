/**
 * Decides how a member leaves: for good, or, when it is static, to come back.
 *
 * Source: GroupMetadataManager.consumerGroupLeave, consumerGroupStaticMemberGroupLeave.
 */
import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  newConsumerGroupHeartbeatResponse,
} from '@skarab/protocol';
import { type Decision, decided, type Verdict } from '../../runtime/decision.ts';
import { currentAssignmentRecord } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { type EpochAssignment, NO_PARTITIONS } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, STATIC_LEAVE_EPOCH } from './consumer-member.ts';
import { fenceMembers } from './fence-members.ts';
import { existingConsumerGroup } from './group-to-join.ts';
import { refuseFenced, unknownInstance, unknownMember } from './subscribe-member.ts';

/** Decides a heartbeat with epoch -1 or -2. */
export function leaveConsumerGroup(
  parts: ShardParts,
  request: ConsumerGroupHeartbeatRequest,
  nowMs: number,
): Verdict<ConsumerGroupHeartbeatResponse, GroupRecord> {
  const { groupId, memberId, memberEpoch, instanceId } = request;
  const group = existingConsumerGroup(parts, groupId);
  if ('kind' in group) return group;
  const member = instanceId === null ? group.members.get(memberId) : group.staticMember(instanceId);
  if (member === undefined) return instanceId === null ? unknownMember(group, memberId) : unknownInstance(instanceId);
  const fenced = instanceId === null ? null : refuseFenced(member, memberId, instanceId);
  if (fenced !== null) return fenced;
  parts.logger.info({ groupId, memberId, instanceId, memberEpoch }, 'member has left the consumer group');
  if (instanceId !== null && memberEpoch === STATIC_LEAVE_EPOCH) return leaveForAWhile(group, member);
  return fenceMembers(parts, group, [member], newConsumerGroupHeartbeatResponse({ memberId, memberEpoch }), nowMs);
}

/** The member keeps its place and its partitions; whoever comes with its instance id has had them from the beginning. */
function leaveForAWhile(
  { groupId }: ConsumerGroup,
  member: ConsumerMember,
): Decision<ConsumerGroupHeartbeatResponse, GroupRecord> {
  const { memberId, assignedPartitions } = member;
  const away: ConsumerMember = {
    ...member,
    memberEpoch: STATIC_LEAVE_EPOCH,
    assignedPartitions: sinceEver(assignedPartitions),
    partitionsPendingRevocation: NO_PARTITIONS,
  };
  const response = newConsumerGroupHeartbeatResponse({ memberId, memberEpoch: STATIC_LEAVE_EPOCH });
  return decided([currentAssignmentRecord(groupId, away)], response);
}

function sinceEver(assignment: EpochAssignment): EpochAssignment {
  return new Map(
    [...assignment].map(([topicId, epochs]) => [
      topicId,
      new Map([...epochs.keys()].map((partition) => [partition, 0])),
    ]),
  );
}
