/**
 * The topology of a streams application as its members say it and the log holds it: subtopologies with their topics.
 *
 * Never changes once a group has one. Source: org.apache.kafka.coordinator.group.streams.StreamsTopology.
 */
import {
  newStreamsGroupTopologyValue,
  newStreamsGroupTopologyValueCopartitionGroup,
  newStreamsGroupTopologyValueSubtopology,
  newStreamsGroupTopologyValueTopicInfo,
  newTopicConfig,
  type StreamsGroupHeartbeatRequestTopicInfo,
  type StreamsGroupHeartbeatRequestTopology,
  type StreamsGroupTopologyValue,
  type StreamsGroupTopologyValueSubtopology as Subtopology,
  type StreamsGroupTopologyValueTopicInfo as TopicInfo,
} from '@skarab/protocol';
import { inHashOrder } from '../java-string.ts';

export type { Subtopology, TopicInfo };

/** One topology. */
export interface Topology {
  readonly epoch: number;
  /** By id, in the order of a `HashMap`. */
  readonly subtopologies: ReadonlyMap<string, Subtopology>;
  /** The subtopology that reads a topic, by name. */
  readonly subtopologyOfSource: ReadonlyMap<string, string>;
}

/** The topology of a record. */
export function topologyOf({ epoch, subtopologies }: StreamsGroupTopologyValue): Topology {
  const byId = new Map(subtopologies.map((subtopology) => [subtopology.subtopologyId, subtopology]));
  const ordered = inHashOrder([...byId.keys()]).map((id) => byId.get(id)!);
  return {
    epoch,
    subtopologies: new Map(ordered.map((subtopology) => [subtopology.subtopologyId, subtopology])),
    subtopologyOfSource: new Map(
      ordered.flatMap((subtopology) => sourcesOf(subtopology).map((topic) => [topic, subtopology.subtopologyId])),
    ),
  };
}

/** What a subtopology reads: topics of others, and its own repartition topics. */
export function sourcesOf({ sourceTopics, repartitionSourceTopics }: Subtopology): string[] {
  return [...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)];
}

/** Every topic that must exist, in the order of a `HashSet`. */
export function requiredTopics({ subtopologies }: Topology): string[] {
  const names = [...subtopologies.values()].flatMap((subtopology) => [
    ...sourcesOf(subtopology),
    ...subtopology.stateChangelogTopics.map(({ name }) => name),
  ]);
  return inHashOrder([...new Set(names)]);
}

/** The record of a topology that a member has sent. */
export function topologyValueOf({
  epoch,
  subtopologies,
}: StreamsGroupHeartbeatRequestTopology): StreamsGroupTopologyValue {
  return newStreamsGroupTopologyValue({
    epoch,
    subtopologies: subtopologies.map((subtopology) =>
      newStreamsGroupTopologyValueSubtopology({
        subtopologyId: subtopology.subtopologyId,
        sourceTopics: subtopology.sourceTopics,
        sourceTopicRegex: subtopology.sourceTopicRegex,
        repartitionSinkTopics: subtopology.repartitionSinkTopics,
        repartitionSourceTopics: subtopology.repartitionSourceTopics.map(topicInfoOf),
        stateChangelogTopics: subtopology.stateChangelogTopics.map(topicInfoOf),
        copartitionGroups: subtopology.copartitionGroups.map(
          ({ sourceTopics, sourceTopicRegex, repartitionSourceTopics }) =>
            newStreamsGroupTopologyValueCopartitionGroup({ sourceTopics, sourceTopicRegex, repartitionSourceTopics }),
        ),
      }),
    ),
  });
}

function topicInfoOf({ name, partitions, replicationFactor, topicConfigs }: StreamsGroupHeartbeatRequestTopicInfo) {
  const configs = topicConfigs.map(({ key, value }) => newTopicConfig({ key, value }));
  return newStreamsGroupTopologyValueTopicInfo({ name, partitions, replicationFactor, topicConfigs: configs });
}

/** Whether two topologies are the same but for the order of their subtopologies. */
export function isSameTopology(a: Topology, b: Topology): boolean {
  if (a.epoch !== b.epoch || a.subtopologies.size !== b.subtopologies.size) return false;
  return [...a.subtopologies].every(([id, subtopology]) => {
    const other = b.subtopologies.get(id);
    return other !== undefined && textOf(other) === textOf(subtopology);
  });
}

/** Everything that a subtopology says, in one order of fields. */
function textOf(subtopology: Subtopology): string {
  const topics = (infos: readonly TopicInfo[]) =>
    infos.map(({ name, partitions, replicationFactor, topicConfigs }) => [
      ...[name, partitions, replicationFactor],
      topicConfigs.map(({ key, value }) => [key, value]),
    ]);
  return JSON.stringify([
    ...[subtopology.sourceTopics, subtopology.sourceTopicRegex, subtopology.repartitionSinkTopics],
    topics(subtopology.repartitionSourceTopics),
    topics(subtopology.stateChangelogTopics),
    subtopology.copartitionGroups.map((group) => [
      ...[group.sourceTopics, group.sourceTopicRegex, group.repartitionSourceTopics],
    ]),
  ]);
}
