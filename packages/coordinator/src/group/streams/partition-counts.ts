/**
 * How many partitions the internal topics of a topology have: repartition topics as many as what flows into them, those that are joined as many
 * as each other, changelogs as many as there are tasks.
 *
 * Source: org.apache.kafka.coordinator.group.streams.topics.RepartitionTopics, CopartitionedTopicsEnforcer, ChangelogTopics.
 */
import { ErrorCode } from '@skarab/protocol';
import { inHashOrder } from '../java-string.ts';
import { StreamsStatus, type TopologyStatus } from './status.ts';
import { type Subtopology, sourcesOf, type Topology } from './topology.ts';

/** The topics that there are do not fit; others might. */
export class WrongTopicsError extends Error {
  readonly status: TopologyStatus;

  constructor(status: TopologyStatus) {
    super(status.detail);
    this.status = status;
  }
}

/** The topology itself makes no sense. */
export class InvalidTopologyError extends Error {
  readonly errorCode: ErrorCode;
  readonly detail: string | null;

  constructor(errorCode: ErrorCode, detail: string | null) {
    super(detail ?? 'invalid topology');
    this.errorCode = errorCode;
    this.detail = detail;
  }
}

function invalid(detail: string): InvalidTopologyError {
  return new InvalidTopologyError(ErrorCode.STREAMS_INVALID_TOPOLOGY, detail);
}

/** The sizes of a topic: the one that it has, and the one that was decided for it. */
export interface TopicCounts {
  readonly existing: number | undefined;
  readonly decided: number | undefined;
}

/** Decides. Errors: WrongTopicsError, InvalidTopologyError. */
export function decidePartitionCounts(
  topology: Topology,
  existing: (topic: string) => number | undefined,
): (topic: string) => TopicCounts {
  const subtopologies = [...topology.subtopologies.values()];
  const decided = repartitionCounts(subtopologies, existing);
  const countOf = (topic: string): number | undefined => existing(topic) ?? decided.get(topic);
  for (const subtopology of subtopologies)
    for (const group of copartitionGroups(subtopology))
      for (const [topic, count] of copartitioned(subtopologies, group, countOf)) decided.set(topic, count);
  for (const subtopology of subtopologies) {
    const counts = sourcesOf(subtopology).map((topic) => mustCount(topic, countOf));
    if (counts.length === 0) throw invalid(`No source topics found for subtopology ${subtopology.subtopologyId}`);
    for (const { name } of subtopology.stateChangelogTopics) decided.set(name, Math.max(...counts));
  }
  return (topic) => ({ existing: existing(topic), decided: decided.get(topic) });
}

function mustCount(topic: string, countOf: (topic: string) => number | undefined): number {
  const count = countOf(topic);
  if (count === undefined) throw new InvalidTopologyError(ErrorCode.UNKNOWN_SERVER_ERROR, null);
  return count;
}

/** A repartition topic that says no size has that of the largest source of a subtopology that writes it. */
function repartitionCounts(
  subtopologies: readonly Subtopology[],
  existing: (topic: string) => number | undefined,
): Map<string, number> {
  const sources = subtopologies.flatMap(({ repartitionSourceTopics }) => repartitionSourceTopics);
  const counts = new Map(
    sources.filter(({ partitions }) => partitions !== 0).map(({ name, partitions }) => [name, partitions]),
  );
  for (let isMissing = true; isMissing; ) {
    isMissing = false;
    let hasProgress = false;
    for (const subtopology of subtopologies)
      for (const sink of subtopology.repartitionSinkTopics) {
        if (counts.has(sink)) continue;
        const count = largestSource(subtopology, counts, existing);
        if (count === undefined) isMissing = true;
        else {
          counts.set(sink, count);
          hasProgress = true;
        }
      }
    if (isMissing && !hasProgress)
      throw invalid(
        'Failed to compute number of partitions for all repartition topics. There may be loops in the topology that cannot be resolved.',
      );
  }
  if (sources.some(({ name }) => !counts.has(name)))
    throw invalid(
      'Failed to compute number of partitions for all repartition topics, because a repartition source topic is never used as a sink topic.',
    );
  return counts;
}

function largestSource(
  { repartitionSourceTopics, sourceTopics }: Subtopology,
  counts: ReadonlyMap<string, number>,
  existing: (topic: string) => number | undefined,
): number | undefined {
  const known = [
    ...repartitionSourceTopics.map(({ name }) => counts.get(name)),
    ...sourceTopics.map((topic) => existing(topic)),
  ].filter((count) => count !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** The names of the topics that are joined with each other. */
function copartitionGroups({
  copartitionGroups: groups,
  sourceTopics,
  repartitionSourceTopics,
}: Subtopology): string[][] {
  return groups.map((group) => {
    const names = [
      ...group.sourceTopics.map((index) => sourceTopics[index]),
      ...group.repartitionSourceTopics.map((index) => repartitionSourceTopics[index]?.name),
    ];
    if (names.includes(undefined)) throw new InvalidTopologyError(ErrorCode.UNKNOWN_SERVER_ERROR, null);
    return inHashOrder([...new Set(names as string[])]);
  });
}

/** The sizes of the repartition topics of a group of topics that must be alike. */
function copartitioned(
  subtopologies: readonly Subtopology[],
  group: readonly string[],
  countOf: (topic: string) => number | undefined,
): Map<string, number> {
  const sources = subtopologies.flatMap(({ repartitionSourceTopics }) => repartitionSourceTopics);
  const fixed = new Set(sources.filter(({ partitions }) => partitions !== 0).map(({ name }) => name));
  const internal = new Set(sources.map(({ name }) => name));
  const counts = new Map(group.map((topic) => [topic, mustCount(topic, countOf)]));
  const repartition = group.filter((topic) => internal.has(topic));
  const foreign = group.filter((topic) => !internal.has(topic));
  if (group.length === 0) return new Map();
  const count = foreign.length > 0 ? sameCount(foreign, counts) : internalCount(repartition, fixed, counts, countOf);
  for (const topic of repartition) {
    if (!fixed.has(topic) || counts.get(topic) === count) continue;
    throw incorrect(
      `Number of partitions [${counts.get(topic)}] of repartition topic [${topic}] doesn't match number of partitions [${count}] of the source topic.`,
    );
  }
  return new Map(repartition.map((topic) => [topic, count]));
}

function sameCount(topics: readonly string[], counts: ReadonlyMap<string, number>): number {
  const count = counts.get(topics[0]!)!;
  if (topics.some((topic) => counts.get(topic) !== count)) throw different(topics, counts);
  return count;
}

/** Kafka compares every topic of a fixed size in the topology, in the group or not. */
function internalCount(
  topics: readonly string[],
  fixed: ReadonlySet<string>,
  counts: ReadonlyMap<string, number>,
  countOf: (topic: string) => number | undefined,
): number {
  const fixedCounts = inHashOrder([...fixed]).map((topic) => mustCount(topic, countOf));
  const [first] = fixedCounts;
  if (first === undefined) return Math.max(...topics.map((topic) => counts.get(topic)!));
  if (fixedCounts.some((count) => count !== first)) throw different(topics, counts);
  return first;
}

function different(topics: readonly string[], counts: ReadonlyMap<string, number>): WrongTopicsError {
  const list = [...topics].sort().map((topic) => `${topic}=${counts.get(topic)}`);
  return incorrect(`Following topics do not have the same number of partitions: [{${list.join(', ')}}]`);
}

function incorrect(detail: string): WrongTopicsError {
  return new WrongTopicsError({ code: StreamsStatus.INCORRECTLY_PARTITIONED_TOPICS, detail });
}
