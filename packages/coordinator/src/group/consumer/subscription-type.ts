/**
 * Whether all members of a group subscribe to the same topics: then assignors take a faster way.
 *
 * Source: ConsumerGroup.subscriptionType.
 */
import type { TopicSubscriptions } from './subscription-counts.ts';

/** The same topics for all, or not. */
export type SubscriptionType = 'homogeneous' | 'heterogeneous';

/** The subscription type of so many members that subscribe to these regular expressions and topics. */
export function subscriptionTypeOf(
  regexCounts: { readonly size: number; values(): Iterable<number> },
  subscriptions: TopicSubscriptions,
  memberCount: number,
): SubscriptionType {
  const counts = [...subscriptions.counts()];
  if (regexCounts.size === 0)
    return counts.every(({ byName }) => byName === memberCount) ? 'homogeneous' : 'heterogeneous';
  const [first] = regexCounts.values();
  if (first !== memberCount) return 'heterogeneous';
  return counts.every(({ byName, byRegex }) => byRegex === 1 && byName === 0) ? 'homogeneous' : 'heterogeneous';
}
