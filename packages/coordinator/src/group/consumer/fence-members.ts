/**
 * Takes members out of a consumer group, and bumps its epoch; when only classic members are left, the group may become a classic one.
 *
 * Source: GroupMetadataManager.consumerGroupFenceMembers, consumerGroupFenceMemberOperation.
 */
import { type Decision, decided, nothing } from '../../runtime/decision.ts';
import { groupEpochRecord, memberTombstones, regexTombstone } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, subscribedRegexOf } from './consumer-member.ts';
import { canDowngradeWithout, downgradeWithout } from './downgrade.ts';
import { endTimers } from './sessions.ts';
import { increment, type TopicSubscriptions } from './subscription-counts.ts';

/** Fences members, distinct ones, and answers. */
export function fenceMembers<R>(
  parts: ShardParts,
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  response: R,
  nowMs: number,
): Decision<R, GroupRecord> {
  if (members.length === 0) return decided([], response);
  if (canDowngradeWithout(parts, group, members)) return downgradeWithout(parts, group, members, response, nowMs);
  const { groupId } = group;
  const records: GroupRecord[] = members.flatMap(({ memberId }) => memberTombstones(groupId, memberId));
  const regexes = abandonedRegexes(group, members);
  for (const regex of regexes) records.push(regexTombstone(groupId, regex));
  const metadataHash = parts.topics.hashOf(subscriptionsWithout(group, members, regexes).topics());
  const groupEpoch = group.groupEpoch + 1;
  records.push(groupEpochRecord(groupId, groupEpoch, metadataHash));
  parts.logger.info({ groupId, groupEpoch }, 'bumped group epoch without the members that are gone');
  for (const { memberId } of members) endTimers(parts, groupId, memberId);
  return decided(records, response);
}

/** The expressions that nobody else subscribes to. */
function abandonedRegexes(group: ConsumerGroup, members: readonly ConsumerMember[]): string[] {
  const counts = new Map<string, number>();
  for (const member of members) {
    const regex = subscribedRegexOf(member);
    if (regex !== null) increment(counts, regex);
  }
  return [...counts].filter(([regex, count]) => group.regexCounts.get(regex) === count).map(([regex]) => regex);
}

function subscriptionsWithout(
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  regexes: readonly string[],
): TopicSubscriptions {
  const subscriptions = group.subscriptions.copy();
  for (const { subscribedTopicNames } of members) subscriptions.removeNames(subscribedTopicNames);
  for (const regex of regexes) subscriptions.removeRegex(group.resolvedRegexes.get(regex)?.topics ?? []);
  return subscriptions;
}

/** A member's timer is due: it is fenced if it is still there and still late. */
export function fenceOverdueMember(
  parts: ShardParts,
  groupId: string,
  memberId: string,
  reason: string,
  isStillDue: (member: ConsumerMember) => boolean,
  nowMs: number,
): Decision<null, GroupRecord> {
  const group = parts.registry.get(groupId);
  const member = group instanceof ConsumerGroup ? group.members.get(memberId) : undefined;
  if (!(group instanceof ConsumerGroup) || member === undefined || !isStillDue(member)) return nothing;
  parts.logger.info({ groupId, memberId, reason }, 'member is fenced from the group');
  return fenceMembers(parts, group, [member], null, nowMs);
}
