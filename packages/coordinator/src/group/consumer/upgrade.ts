/**
 * Makes a consumer group of a classic group that a member of the new protocol joins: its members go on with the classic protocol, in the epoch
 * of their generation, with the partitions that their leader gave them.
 *
 * Source: GroupMetadataManager (validateOnlineUpgrade, convertToConsumerGroup), ConsumerGroup.fromClassicGroup, createConsumerGroupRecords.
 */
import { CorruptDataError } from '@skarab/base';
import { ErrorCode, newJoinGroupResponse, newSyncGroupResponse } from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import type { ClassicGroup } from '../classic/classic-group.ts';
import type { ClassicMember } from '../classic/classic-member.ts';
import { stringSetOrder } from '../java-hash-order.ts';
import { inHashOrder } from '../java-string.ts';
import {
  currentAssignmentRecord,
  groupEpochRecord,
  memberRecord,
  targetEpochRecord,
  targetRecord,
} from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { type Assignment, NO_PARTITIONS, withEpoch } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, newConsumerMember } from './consumer-member.ts';
import { assignmentByIds, readAssignment, readSubscription } from './embedded-protocol.ts';
import { isUpgradeEnabled } from './migration-policy.ts';
import { newConsumerGroup } from './new-consumer-group.ts';
import { keepConsumerSession } from './sessions.ts';

/** The group after the upgrade; replay makes it of `records`. Who waits in the classic group is told to join again. */
export function upgradeClassicGroup(
  parts: ShardParts,
  classic: ClassicGroup,
  records: GroupRecord[],
  nowMs: number,
): ConsumerGroup | Refusal {
  const { groupId } = classic;
  const obstacle = obstacleToUpgrade(parts, classic);
  if (obstacle !== null) return cannotUpgrade(groupId, obstacle);
  const errorCode = ErrorCode.REBALANCE_IN_PROGRESS;
  for (const member of classic.members.values()) {
    classic.completeJoin(member, newJoinGroupResponse({ memberId: member.memberId, errorCode }));
    classic.completeSync(member, newSyncGroupResponse({ errorCode }));
  }
  const group = convert(parts, classic);
  if ('kind' in group) return group;
  records.push(...classic.tombstones(), ...recordsOf(group));
  for (const { memberId, classic: metadata } of group.orderedMembers())
    keepConsumerSession(parts, groupId, memberId, metadata!.sessionTimeoutMs, nowMs);
  parts.logger.info({ groupId }, 'converted the classic group to a consumer group');
  return group;
}

function obstacleToUpgrade({ config }: ShardParts, classic: ClassicGroup): string | null {
  if (!isUpgradeEnabled(config.consumerMigrationPolicy)) return 'online upgrade is disabled.';
  if (!classic.usesConsumerProtocol) return 'the group does not use the consumer embedded protocol.';
  if (classic.members.size > config.consumerMaxSize) return 'the group size exceeds the consumer group maximum size.';
  return null;
}

function cannotUpgrade(groupId: string, why: string): Refusal {
  return refused(
    ErrorCode.GROUP_ID_NOT_FOUND,
    `Cannot upgrade classic group ${groupId} to consumer group because ${why}`,
  );
}

function convert(parts: ShardParts, classic: ClassicGroup): ConsumerGroup | Refusal {
  const { groupId, generationId, protocolName } = classic;
  const group = newConsumerGroup(groupId);
  group.setTarget({ epoch: generationId, timestampMs: 0 });
  for (const memberId of inHashOrder([...classic.members.keys()])) {
    const converted = convertMember(parts, classic.member(memberId), protocolName, generationId);
    if (typeof converted === 'string') return cannotUpgrade(groupId, converted);
    if ('kind' in converted) return converted;
    try {
      group.targets.set(memberId, converted.target);
      group.putMember(converted.member);
    } catch (error) {
      // The leader gave a partition to two members.
      if (!(error instanceof CorruptDataError)) throw error;
      return refused(ErrorCode.UNKNOWN_SERVER_ERROR);
    }
  }
  group.setEpoch(generationId, parts.topics.hashOf(group.subscriptions.topics()));
  return group;
}

interface ConvertedMember {
  readonly member: ConsumerMember;
  readonly target: Assignment;
}

/** The member in the new group, or why it cannot be there. */
function convertMember(
  { topics }: ShardParts,
  member: ClassicMember,
  protocolName: string | null,
  generationId: number,
): ConvertedMember | string | Refusal {
  // During the first rebalance of a group, or when the member has changed its protocols, nobody knows what it says.
  const protocol = member.protocols.find(({ name }) => name === protocolName);
  if (protocol === undefined) return refused(ErrorCode.UNKNOWN_SERVER_ERROR);
  const assigned = member.assignment.length === 0 ? undefined : readAssignment(member.assignment);
  const subscription = readSubscription(protocol.metadata);
  if (assigned === null || subscription === null) return 'the embedded consumer protocol is malformed.';
  if ((assigned?.userData?.length ?? 0) > 0)
    return 'an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor before re-attempting the upgrade.';
  const target = assigned === undefined ? NO_PARTITIONS : assignmentByIds(assigned, topics.image);
  return {
    target,
    member: {
      ...newConsumerMember(member.memberId),
      memberEpoch: generationId,
      previousMemberEpoch: generationId,
      instanceId: member.groupInstanceId,
      rackId: (subscription.rackId ?? '') === '' ? null : subscription.rackId,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: stringSetOrder(subscription.topics),
      assignedPartitions: withEpoch(target, generationId),
      classic: { sessionTimeoutMs: member.sessionTimeoutMs, supportedProtocols: member.protocols },
    },
  };
}

function recordsOf(group: ConsumerGroup): GroupRecord[] {
  const { groupId, groupEpoch, metadataHash, target } = group;
  const members = group.orderedMembers();
  return [
    ...members.map((member) => memberRecord(groupId, member)),
    groupEpochRecord(groupId, groupEpoch, metadataHash),
    ...members.map(({ memberId }) => targetRecord(groupId, memberId, group.targets.get(memberId) ?? NO_PARTITIONS)),
    targetEpochRecord(groupId, target.epoch, target.timestampMs),
    ...members.map((member) => currentAssignmentRecord(groupId, member)),
  ];
}
