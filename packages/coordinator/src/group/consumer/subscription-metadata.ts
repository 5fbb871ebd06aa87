/**
 * Whether a group needs a new epoch: a member has changed its subscription, or topics that the group subscribes to have changed.
 *
 * Source: GroupMetadataManager.updateSubscriptionMetadata, ConsumerGroup.computeSubscribedTopicNames.
 */
import { groupEpochRecord, partitionMetadataTombstone } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, subscribedRegexOf } from './consumer-member.ts';
import { decrement, increment, type TopicSubscriptions } from './subscription-counts.ts';
import { type SubscriptionType, subscriptionTypeOf } from './subscription-type.ts';

/** Topics change rarely, and the image tells: the refresh by time is as good as never. */
export const METADATA_REFRESH_INTERVAL_MS = 0x7fffffff;

/** The epoch that the group has or gets, and the subscription type that goes with it. */
export interface GroupUpdate {
  readonly groupEpoch: number;
  readonly subscriptionType: SubscriptionType;
}

/** Looks at the topics of the group with a member changed; a new epoch is in `records`. */
export function updateSubscriptionMetadata(
  parts: ShardParts,
  group: ConsumerGroup,
  isBumped: boolean,
  before: ConsumerMember,
  after: ConsumerMember,
  records: GroupRecord[],
  nowMs: number,
): GroupUpdate {
  const { groupId } = group;
  const subscriptions = subscriptionsAfter(group, before, after);
  const metadataHash = parts.topics.hashOf(subscriptions.topics());
  const isKnown =
    group.members.has(after.memberId) || (after.instanceId !== null && group.staticMembers.has(after.instanceId));
  const memberCount = group.members.size + Number(!isKnown);
  const subscriptionType = subscriptionTypeOf(regexCountsAfter(group, before, after), subscriptions, memberCount);
  let { groupEpoch } = group;
  if (isBumped || metadataHash !== group.metadataHash) {
    groupEpoch++;
    records.push(groupEpochRecord(groupId, groupEpoch, metadataHash));
    parts.logger.info({ groupId, groupEpoch, metadataHash: String(metadataHash) }, 'bumped group epoch');
  }
  group.setMetadataRefresh(nowMs + METADATA_REFRESH_INTERVAL_MS, groupEpoch);
  if (group.hasSubscriptionMetadataRecord.get()) records.push(partitionMetadataTombstone(groupId));
  return { groupEpoch, subscriptionType };
}

/** The group's topics with a member changed. */
function subscriptionsAfter(group: ConsumerGroup, before: ConsumerMember, after: ConsumerMember): TopicSubscriptions {
  const subscriptions = group.subscriptions.copy();
  subscriptions.removeNames(before.subscribedTopicNames);
  subscriptions.addNames(after.subscribedTopicNames);
  const regex = subscribedRegexOf(before);
  if (regex !== null && regex !== subscribedRegexOf(after) && group.regexCounts.get(regex) === 1)
    subscriptions.removeRegex(group.resolvedRegexes.get(regex)?.topics ?? []);
  return subscriptions;
}

/** Members by regular expression with a member changed. */
export function regexCountsAfter(
  group: ConsumerGroup,
  before: ConsumerMember,
  after: ConsumerMember,
): Map<string, number> {
  const counts = new Map(group.regexCounts);
  const oldRegex = subscribedRegexOf(before);
  const newRegex = subscribedRegexOf(after);
  if (oldRegex === newRegex) return counts;
  if (oldRegex !== null) decrement(counts, oldRegex);
  if (newRegex !== null) increment(counts, newRegex);
  return counts;
}
