/**
 * The consumer group that somebody wants to join or stay in; a classic group becomes one if that is allowed (KIP-848, migration).
 *
 * Source: GroupMetadataManager (getOrMaybeCreateConsumerGroup, consumerGroup, throwIfConsumerGroupIsFull).
 */
import { ErrorCode } from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import { ClassicGroup } from '../classic/classic-group.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { newConsumerGroup } from './new-consumer-group.ts';
import { upgradeClassicGroup } from './upgrade.ts';

/** The group, which replay makes of `records` when it is new or was a classic one. */
export function consumerGroupToJoin(
  parts: ShardParts,
  groupId: string,
  isJoining: boolean,
  records: GroupRecord[],
  nowMs: number,
): ConsumerGroup | Refusal {
  const group = parts.registry.get(groupId);
  if (group instanceof ConsumerGroup) return group;
  if (group === undefined)
    return isJoining ? newConsumerGroup(groupId) : notFound(`Consumer group ${groupId} not found.`);
  if (!isJoining || !(group instanceof ClassicGroup)) return notFound(`Group ${groupId} is not a consumer group.`);
  if (!group.isEmpty) return upgradeClassicGroup(parts, group, records, nowMs);
  parts.logger.info({ groupId }, 'converted an empty classic group to a consumer group');
  records.push(...group.tombstones());
  return newConsumerGroup(groupId);
}

/** The group as it is, to leave it. */
export function existingConsumerGroup({ registry }: ShardParts, groupId: string): ConsumerGroup | Refusal {
  const group = registry.get(groupId);
  if (group instanceof ConsumerGroup) return group;
  return notFound(group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a consumer group.`);
}

function notFound(message: string): Refusal {
  return refused(ErrorCode.GROUP_ID_NOT_FOUND, message);
}

/** Refuses who is not a member when there is no room. */
export function refuseFull({ config }: ShardParts, group: ConsumerGroup, memberId: string): Refusal | null {
  const { consumerMaxSize } = config;
  if (group.members.size < consumerMaxSize || (memberId !== '' && group.members.has(memberId))) return null;
  return refused(
    ErrorCode.GROUP_MAX_SIZE_REACHED,
    `The consumer group has reached its maximum capacity of ${consumerMaxSize} members.`,
  );
}
