/**
 * Makes a classic group of a consumer group whose last member of the new protocol goes, or is replaced by a classic one of the same instance id.
 *
 * The classic group takes the place at once and its record is a checkpoint, because members may have to be called back; a failed write brings
 * the consumer group back. Source: GroupMetadataManager (validateOnlineDowngrade…, convertToClassicGroup), ClassicGroup.fromConsumerGroup.
 */
import { assert } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { checkpointed, type Decision, type Refusal, refused } from '../../runtime/decision.ts';
import { ClassicGroup } from '../classic/classic-group.ts';
import { ClassicMember } from '../classic/classic-member.ts';
import { prepareRebalance } from '../classic/rebalance.ts';
import { keepSession } from '../classic/session.ts';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/subscribed-topics.ts';
import { inHashOrder } from '../java-string.ts';
import { consumerGroupTombstones } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { NO_PARTITIONS } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { embeddedVersion, writeAssignment } from './embedded-protocol.ts';
import { isDowngradeEnabled } from './migration-policy.ts';

/** Whether the group becomes a classic one when these members go. */
export function canDowngradeWithout(
  { config }: ShardParts,
  group: ConsumerGroup,
  leaving: readonly ConsumerMember[],
): boolean {
  const remaining = group.members.size - leaving.length;
  const leavingClassicCount = leaving.filter(({ classic }) => classic !== null).length;
  if (group.classicMemberCount - leavingClassicCount !== remaining || remaining <= 0) return false;
  return isDowngradeEnabled(config.consumerMigrationPolicy) && remaining <= config.maxSize;
}

/** Whether the group becomes a classic one when a classic member takes the place of this one. */
export function canDowngradeReplacing({ config }: ShardParts, group: ConsumerGroup, replaced: ConsumerMember): boolean {
  const { size } = group.members;
  if (replaced.classic !== null || group.classicMemberCount !== size - 1) return false;
  return isDowngradeEnabled(config.consumerMigrationPolicy) && size <= config.maxSize;
}

/** Downgrades the group without some members, which calls the others back. */
export function downgradeWithout<R>(
  parts: ShardParts,
  group: ConsumerGroup,
  leaving: readonly ConsumerMember[],
  response: R,
  nowMs: number,
): Decision<R, GroupRecord> {
  const gone = new Set(leaving.map(({ memberId }) => memberId));
  const members = group.orderedMembers().filter(({ memberId }) => !gone.has(memberId));
  const classic = convert(parts, group, members, (memberId) => memberId, nowMs);
  // Classic members have said what they support in bytes that were read before.
  assert(classic instanceof ClassicGroup, `group ${group.groupId} cannot become a classic group`);
  const records = [...group.tombstones(), classic.toRecord()];
  const reason = `Downgrade group ${group.groupId} from consumer to classic for member leaving.`;
  replaceGroup(parts, classic, reason, nowMs);
  return checkpointed(records, response, null);
}

/** Downgrades the group with a classic member in the place of the static one; `isStale` calls everybody back. Records go to `records`. */
export function downgradeReplacing(
  parts: ShardParts,
  group: ConsumerGroup,
  replaced: ConsumerMember,
  joining: ConsumerMember,
  isStale: boolean,
  records: GroupRecord[],
  nowMs: number,
): Refusal | null {
  const { groupId } = group;
  const newIdOf = (memberId: string): string => (memberId === replaced.memberId ? joining.memberId : memberId);
  const members = group.orderedMembers().filter(({ memberId }) => memberId !== replaced.memberId);
  const targetOwner = (memberId: string): string => (memberId === joining.memberId ? replaced.memberId : memberId);
  const classic = convert(parts, group, [...members, joining], targetOwner, nowMs);
  if (!(classic instanceof ClassicGroup)) return classic;
  const ids = [...group.members.keys()].map(newIdOf);
  records.push(...consumerGroupTombstones(groupId, ids, [...group.resolvedRegexes.keys()]), classic.toRecord());
  const reason = `Downgrade group ${groupId} from consumer to classic with stale assignment.`;
  replaceGroup(parts, classic, isStale ? reason : null, nowMs);
  return null;
}

function convert(
  parts: ShardParts,
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  targetOwner: (memberId: string) => string,
  nowMs: number,
): ClassicGroup | Refusal {
  const { groupId } = group;
  const classic = ClassicGroup.ofMembers(
    groupId,
    { generationId: group.groupEpoch, protocolType: CONSUMER_PROTOCOL_TYPE, currentStateTimestampMs: nowMs },
    members.map(classicMemberOf),
  );
  for (const member of classic.members.values()) {
    const version = embeddedVersion(member.metadata(classic.protocolName ?? ''));
    if (version === null)
      return refused(ErrorCode.GROUP_ID_NOT_FOUND, `Cannot downgrade the classic group ${groupId}: no version.`);
    const target = group.targets.get(targetOwner(member.memberId)) ?? NO_PARTITIONS;
    member.assignment = writeAssignment(target, parts.topics.image, version);
  }
  return classic;
}

function classicMemberOf(member: ConsumerMember): ClassicMember {
  const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, classic } = member;
  assert(classic !== null, `member ${memberId} does not speak the classic protocol`);
  const identity = {
    memberId,
    groupInstanceId: instanceId,
    clientId,
    clientHost,
    protocolType: CONSUMER_PROTOCOL_TYPE,
  };
  return new ClassicMember(identity, rebalanceTimeoutMs, classic.sessionTimeoutMs, classic.supportedProtocols);
}

function replaceGroup(parts: ShardParts, classic: ClassicGroup, rebalanceReason: string | null, nowMs: number): void {
  parts.registry.put(classic);
  for (const memberId of inHashOrder([...classic.members.keys()]))
    keepSession(parts, classic, classic.member(memberId), nowMs);
  if (rebalanceReason !== null) prepareRebalance(parts, classic, rebalanceReason, nowMs);
  parts.logger.info({ groupId: classic.groupId }, 'converted the consumer group to a classic group');
}
