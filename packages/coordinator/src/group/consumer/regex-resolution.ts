/**
 * Resolves the regular expressions of a group: looks at all topics, some at a time so that nobody else has to wait, and writes what was found.
 *
 * Runs as a timer of the shard: a group has one resolution at a time, and none outlives its shard. The topics are those of the moment when it
 * began. Source: org.apache.kafka.coordinator.group.modern.consumer.TopicRegexResolver, GroupMetadataManager.handleRegularExpressionsResult.
 */
import { type Decision, decided, nothing } from '../../runtime/decision.ts';
import type { ClusterImage } from '../metadata/cluster-image.ts';
import { groupEpochRecord, regexRecord } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { TopicPermission } from '../request/topics-view.ts';
import type { ShardParts } from '../shard-parts.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { isSameSet } from './consumer-member.ts';
import { METADATA_REFRESH_INTERVAL_MS } from './subscription-metadata.ts';
import { compileTopicRegex, type TopicRegex } from './topic-regex.ts';

/** How much is tried in one go, about a millisecond: names of expressions, long ones counting for more. */
const COST_PER_SLICE = 500;
/** Units of an expression times units of a name that cost as much as looking at a name at all. */
const PRODUCT_PER_COST = 1024;

interface Resolution {
  readonly groupId: string;
  readonly regexes: ReadonlyMap<string, TopicRegex>;
  readonly found: ReadonlyMap<string, string[]>;
  readonly mayDescribe: TopicPermission;
  /** Set by the first slice. */
  scan: Scan | null;
}

/** The topics of the moment when the first slice began. */
interface Scan {
  readonly startedMs: number;
  readonly image: ClusterImage;
  readonly names: Iterator<string>;
}

function keyOf(groupId: string): string {
  return `${groupId}-regex`;
}

/** Whether a resolution of the group is under way. */
export function isResolving({ timers }: ShardParts, groupId: string): boolean {
  return timers.isScheduled(keyOf(groupId));
}

/** Begins to resolve; only topics that pass `mayDescribe`, the right of the member that asked, are found. */
export function startResolving(
  parts: ShardParts,
  groupId: string,
  regexes: readonly string[],
  mayDescribe: TopicPermission,
  nowMs: number,
): void {
  const compiled = new Map<string, TopicRegex>();
  for (const regex of regexes) {
    const result = compileTopicRegex(regex);
    // Members' expressions were compiled before; one in the log may be of a later syntax.
    if (typeof result === 'string')
      parts.logger.error({ groupId, regex, problem: result }, 'cannot compile expression');
    else compiled.set(regex, result);
  }
  const found = new Map(regexes.map((regex): [string, string[]] => [regex, []]));
  continueLater(parts, { groupId, regexes: compiled, found, mayDescribe, scan: null }, nowMs);
}

function continueLater(parts: ShardParts, resolution: Resolution, atMs: number): void {
  parts.timers.schedule(keyOf(resolution.groupId), atMs, null, (dueMs) => step(parts, resolution, dueMs));
}

/** The next slice of topics; at their end the result. */
function step(parts: ShardParts, resolution: Resolution, nowMs: number): Decision<null, GroupRecord> {
  const { regexes, found, mayDescribe } = resolution;
  const scan = resolution.scan ?? beginScan(parts, nowMs);
  resolution.scan = scan;
  for (let cost = 0; cost < COST_PER_SLICE; cost++) {
    const { done, value: topic } = scan.names.next();
    if (done === true) return finish(parts, resolution, scan, nowMs);
    let isAllowed: boolean | null = null;
    for (const [regex, compiled] of regexes) {
      cost += 1 + (regex.length * topic.length) / PRODUCT_PER_COST;
      if (!compiled.matches(topic)) continue;
      isAllowed ??= mayDescribe(topic);
      if (isAllowed) found.get(regex)!.push(topic);
    }
  }
  continueLater(parts, resolution, nowMs + 1);
  return nothing;
}

function beginScan({ topics: { image } }: ShardParts, startedMs: number): Scan {
  return { startedMs, image, names: image.topicNames()[Symbol.iterator]() };
}

function finish(
  parts: ShardParts,
  { groupId, found }: Resolution,
  { image, startedMs }: Scan,
  nowMs: number,
): Decision<null, GroupRecord> {
  const group = parts.registry.get(groupId);
  if (!(group instanceof ConsumerGroup)) return nothing;
  const records: GroupRecord[] = [];
  const subscriptions = group.subscriptions.copy();
  let isBumped = false;
  for (const [regex, topics] of found) {
    if (!group.regexCounts.has(regex)) continue;
    const before = group.resolvedRegexes.get(regex)?.topics ?? [];
    if (!isSameSet(before, topics)) {
      isBumped = true;
      subscriptions.removeRegex(before);
      subscriptions.addRegex(topics);
    }
    records.push(regexRecord(groupId, regex, topics, image.version, startedMs));
  }
  const metadataHash = parts.topics.hashOf(subscriptions.topics());
  if (isBumped || metadataHash !== group.metadataHash) {
    const groupEpoch = group.groupEpoch + 1;
    records.push(groupEpochRecord(groupId, groupEpoch, metadataHash));
    parts.logger.info({ groupId, groupEpoch }, 'bumped group epoch: regular expressions match other topics');
    group.setMetadataRefresh(nowMs + METADATA_REFRESH_INTERVAL_MS, groupEpoch);
  }
  return decided(records, null);
}
