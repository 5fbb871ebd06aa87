/**
 * Decides when the regular expressions of a group are resolved, all of them together so that topics which several match cause one rebalance.
 *
 * Source: GroupMetadataManager.maybeUpdateRegularExpressions.
 */
import { ErrorCode } from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import { regexTombstone } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { TopicPermission } from '../request/topics-view.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, subscribedRegexOf } from './consumer-member.ts';
import { isResolving, startResolving } from './regex-resolution.ts';
import { decrement, increment } from './subscription-counts.ts';
import { compileTopicRegex } from './topic-regex.ts';

/** Two resolutions of a group are at least this far apart. */
const MIN_REFRESH_INTERVAL_MS = 10_000;

/** What a member did to its expression; 'resolved' when what the new one matches is known already. */
export type RegexChange = 'none' | 'changed' | 'resolved';

/** Notes a changed expression, and starts to resolve the group's if that is due. Refused when the new one is no expression. */
export function maybeUpdateRegexes(
  parts: ShardParts,
  group: ConsumerGroup,
  before: ConsumerMember,
  after: ConsumerMember,
  mayDescribe: TopicPermission,
  records: GroupRecord[],
  nowMs: number,
): RegexChange | Refusal {
  const oldRegex = subscribedRegexOf(before);
  const newRegex = subscribedRegexOf(after);
  const isChanged = before.subscribedTopicRegex !== after.subscribedTopicRegex;
  let isNew = false;
  if (isChanged) {
    if (oldRegex !== null && group.regexCounts.get(oldRegex) === 1)
      records.push(regexTombstone(group.groupId, oldRegex));
    isNew = newRegex !== null && !group.regexCounts.has(newRegex);
    const refusal = isNew && newRegex !== null ? refuseInvalid(newRegex) : null;
    if (refusal !== null) return refusal;
  }
  const isKnown = newRegex === null ? oldRegex !== null : !isNew && group.resolvedRegexes.has(newRegex);
  maybeResolve(parts, group, before, after, isNew, mayDescribe, nowMs);
  if (!isChanged) return 'none';
  return isKnown ? 'resolved' : 'changed';
}

function refuseInvalid(regex: string): Refusal | null {
  const compiled = compileTopicRegex(regex);
  if (typeof compiled !== 'string') return null;
  return refused(
    ErrorCode.INVALID_REGULAR_EXPRESSION,
    `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${compiled}.`,
  );
}

function maybeResolve(
  parts: ShardParts,
  group: ConsumerGroup,
  before: ConsumerMember,
  after: ConsumerMember,
  isNew: boolean,
  mayDescribe: TopicPermission,
  nowMs: number,
): void {
  if (!isNew && group.regexCounts.size === 0) return;
  if (isResolving(parts, group.groupId)) return;
  const [last] = group.resolvedRegexes.values();
  const lastRefreshMs = last?.timestampMs ?? Number.NEGATIVE_INFINITY;
  if (nowMs <= lastRefreshMs + MIN_REFRESH_INTERVAL_MS) return;
  // Unlike elsewhere, an expression that has not changed is taken out and put back.
  const counts = new Map(group.regexCounts);
  const oldRegex = subscribedRegexOf(before);
  const newRegex = subscribedRegexOf(after);
  if (oldRegex !== null) decrement(counts, oldRegex);
  if (newRegex !== null) increment(counts, newRegex);
  const isDue =
    isNew ||
    counts.size !== group.resolvedRegexes.size ||
    (last?.version ?? 0) < parts.topics.lastVersionWithNewTopics ||
    nowMs > lastRefreshMs + parts.config.consumerRegexRefreshIntervalMs;
  if (isDue && counts.size > 0) startResolving(parts, group.groupId, [...counts.keys()], mayDescribe, nowMs);
}
