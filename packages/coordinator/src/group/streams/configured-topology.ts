/**
 * A topology on the topics that there are: how many tasks each subtopology has, which internal topics are missing, or why it cannot run.
 *
 * Source: org.apache.kafka.coordinator.group.streams.topics.InternalTopicManager, ConfiguredTopology.
 */
import { type CreatableTopic, ErrorCode, newCreatableTopic, newCreatableTopicConfig } from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import { JavaHashMap } from '../java-hash-order.ts';
import { inHashOrder, javaHashCode } from '../java-string.ts';
import type { ClusterImage } from '../metadata/cluster-image.ts';
import { decidePartitionCounts, InvalidTopologyError, WrongTopicsError } from './partition-counts.ts';
import { StreamsStatus, type TopologyStatus } from './status.ts';
import { requiredTopics, type Subtopology, sourcesOf, type TopicInfo, type Topology } from './topology.ts';

/** A subtopology with its number of tasks and the sizes of its internal topics. */
export interface ConfiguredSubtopology {
  readonly subtopology: Subtopology;
  readonly taskCount: number;
  /** With `partitions` decided. */
  readonly repartitionSourceTopics: readonly TopicInfo[];
  readonly stateChangelogTopics: readonly TopicInfo[];
}

/** A topology that was looked at. */
export interface ConfiguredTopology {
  readonly epoch: number;
  /** Sorted by id; null when topics of others are missing or of the wrong size. */
  readonly subtopologies: ReadonlyMap<string, ConfiguredSubtopology> | null;
  readonly topicsToCreate: readonly CreatableTopic[];
  /** Why it cannot run; null: it can. */
  readonly problem: TopologyStatus | null;
}

/** Looks at a topology. Refuses one that no topics would make right. */
export function configureTopology(topology: Topology, image: ClusterImage): ConfiguredTopology | Refusal {
  const { epoch } = topology;
  try {
    refuseMissingSources(topology, image);
    const countOf = decidePartitionCounts(topology, (topic) => image.topicByName(topic)?.partitionCount);
    const ids = [...topology.subtopologies.keys()].sort();
    const subtopologies = new Map(ids.map((id) => [id, configure(topology.subtopologies.get(id)!, countOf)]));
    const missing = missingTopics(topology, subtopologies, image);
    const names = missing.map(({ name }) => name);
    const problem =
      missing.length === 0
        ? null
        : {
            code: StreamsStatus.MISSING_INTERNAL_TOPICS,
            detail: `Internal topics are missing: ${summary(names)}`,
          };
    return { epoch, subtopologies, topicsToCreate: missing, problem };
  } catch (error) {
    if (error instanceof WrongTopicsError)
      return { epoch, subtopologies: null, topicsToCreate: [], problem: error.status };
    if (error instanceof InvalidTopologyError) return refused(error.errorCode, error.detail);
    throw error;
  }
}

/** At most three names. */
function summary(names: readonly string[]): string {
  const rest = names.length > 3 ? ` and ${names.length - 3} additional topics` : '';
  return names.slice(0, 3).join(', ') + rest;
}

function refuseMissingSources({ subtopologies }: Topology, image: ClusterImage): void {
  const sources = new Set([...subtopologies.values()].flatMap(({ sourceTopics }) => sourceTopics));
  const missing = [...sources].filter((topic) => image.topicByName(topic) === undefined).sort();
  if (missing.length === 0) return;
  const detail = `Source topics ${summary(missing)} are missing.`;
  throw new WrongTopicsError({ code: StreamsStatus.MISSING_SOURCE_TOPICS, detail });
}

type CountOf = (topic: string) => { readonly existing: number | undefined; readonly decided: number | undefined };

function configure(subtopology: Subtopology, countOf: CountOf): ConfiguredSubtopology {
  const counts = sourcesOf(subtopology).map((topic) => {
    const { existing, decided } = countOf(topic);
    const count = existing ?? decided;
    if (count === undefined) throw new InvalidTopologyError(ErrorCode.UNKNOWN_SERVER_ERROR, null);
    return count;
  });
  if (counts.length === 0) throw new InvalidTopologyError(ErrorCode.UNKNOWN_SERVER_ERROR, null);
  const withCount = (topic: TopicInfo): TopicInfo => {
    const partitions = topic.partitions === 0 ? countOf(topic.name).decided : topic.partitions;
    if (partitions === undefined || partitions < 1)
      throw new InvalidTopologyError(ErrorCode.UNKNOWN_SERVER_ERROR, null);
    return { ...topic, partitions };
  };
  return {
    subtopology,
    taskCount: Math.max(...counts),
    repartitionSourceTopics: subtopology.repartitionSourceTopics.map(withCount),
    stateChangelogTopics: subtopology.stateChangelogTopics.map(withCount),
  };
}

/** The internal topics that do not exist, in the order of a `HashMap`; those that do must have the size that they should. */
function missingTopics(
  topology: Topology,
  subtopologies: ReadonlyMap<string, ConfiguredSubtopology>,
  image: ClusterImage,
): CreatableTopic[] {
  const wanted = new JavaHashMap<string, TopicInfo>(javaHashCode);
  for (const { repartitionSourceTopics, stateChangelogTopics } of subtopologies.values())
    for (const topics of [repartitionSourceTopics, stateChangelogTopics])
      for (const name of inHashOrder(topics.map((topic) => topic.name)))
        wanted.put(name, topics.find((topic) => topic.name === name)!);
  for (const name of requiredTopics(topology)) {
    const found = image.topicByName(name)?.partitionCount;
    const expected = wanted.get(name)?.partitions;
    if (found === undefined || expected === undefined) continue;
    wanted.delete(name);
    if (found === expected) continue;
    const detail = `Existing topic ${name} has different number of partitions: expected ${expected}, found ${found}`;
    throw new WrongTopicsError({ code: StreamsStatus.INCORRECTLY_PARTITIONED_TOPICS, detail });
  }
  return wanted.keys().map((name) => creatableTopicOf(wanted.get(name)!));
}

function creatableTopicOf({ name, partitions, replicationFactor, topicConfigs }: TopicInfo): CreatableTopic {
  return newCreatableTopic({
    name,
    numPartitions: partitions,
    replicationFactor: replicationFactor === 0 ? -1 : replicationFactor,
    configs: topicConfigs.map(({ key, value }) => newCreatableTopicConfig({ name: key, value })),
  });
}
