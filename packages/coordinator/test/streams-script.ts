/**
 * The commands of the transcripts about streams groups.
 *
 * A topology is `0:t1+t2,sink:r1,log:c1;1:,rep:r1#4,log:c2,co:t1+r1`: subtopologies by id with their sources, and lists of repartition sinks,
 * repartition sources (with a size), changelogs, and topics that must be partitioned alike.
 */
import {
  newStreamsGroupHeartbeatRequest,
  newStreamsGroupHeartbeatRequestCopartitionGroup,
  newStreamsGroupHeartbeatRequestEndpoint,
  newStreamsGroupHeartbeatRequestKeyValue,
  newStreamsGroupHeartbeatRequestSubtopology,
  newStreamsGroupHeartbeatRequestTaskIds,
  newStreamsGroupHeartbeatRequestTopicInfo,
  newStreamsGroupHeartbeatRequestTopology,
  type StreamsGroupHeartbeatRequest,
  type StreamsGroupHeartbeatRequestSubtopology,
  type StreamsGroupHeartbeatRequestTaskIds,
  type StreamsGroupHeartbeatRequestTopicInfo,
  type StreamsGroupHeartbeatRequestTopology,
} from '@skarab/protocol';

/** What a command says: values by name. */
export interface Named {
  text(name: string, otherwise: string): string;
  optional(name: string): string | null;
  number(name: string, otherwise: number): number;
}

const DEFAULT_TOPOLOGY = '0:t1';

/** A heartbeat; one that joins says everything, another one what it is told to. */
export function streamsBeatOf(command: Named, groupId: string): StreamsGroupHeartbeatRequest {
  const memberEpoch = command.number('epoch', 0);
  const isJoining = memberEpoch === 0;
  const memberId = command.text('member', 'm');
  const topology = command.optional('topology') ?? (isJoining ? DEFAULT_TOPOLOGY : null);
  const endpoint = command.optional('endpoint')?.split('@');
  const owned = command.optional('owned');
  const standby = command.optional('standby');
  const isSaying = isJoining || owned !== null || standby !== null;
  return newStreamsGroupHeartbeatRequest({
    ...{ groupId, memberId, memberEpoch },
    endpointInformationEpoch: command.number('endpoints', 0),
    instanceId: command.optional('instance'),
    rackId: command.optional('rack'),
    rebalanceTimeoutMs: command.number('rebalance', isJoining ? 60_000 : -1),
    topology: topology === null ? null : streamsTopologyOf(topology, command.number('topology-epoch', 0)),
    activeTasks: isSaying ? tasksOf(owned) : null,
    standbyTasks: isSaying ? tasksOf(standby) : null,
    warmupTasks: isSaying ? tasksOf(command.optional('warmup')) : null,
    processId: command.optional('process') ?? (isJoining ? `p-${memberId}` : null),
    userEndpoint:
      endpoint === undefined
        ? null
        : newStreamsGroupHeartbeatRequestEndpoint({ host: endpoint[0]!, port: Number(endpoint[1]) }),
    clientTags: isJoining
      ? listOf(command.optional('tags')).map((tag) => newStreamsGroupHeartbeatRequestKeyValue({ key: tag, value: 'x' }))
      : null,
    shutdownApplication: command.text('shutdown', 'false') === 'true',
  });
}

/** A topology from its text. */
export function streamsTopologyOf(text: string, epoch: number): StreamsGroupHeartbeatRequestTopology {
  const subtopologies = text === '' ? [] : text.split(';').map(subtopologyOf);
  return newStreamsGroupHeartbeatRequestTopology({ epoch, subtopologies });
}

function listOf(text: string | null | undefined): string[] {
  return text === null || text === undefined || text === '' ? [] : text.split('+');
}

/** `0:1+2,1:0` are tasks 1 and 2 of subtopology 0, and task 0 of 1. */
function tasksOf(text: string | null): StreamsGroupHeartbeatRequestTaskIds[] {
  if (text === null || text === '') return [];
  return text.split(',').map((word) => {
    const [subtopologyId = '', partitions = ''] = word.split(':');
    return newStreamsGroupHeartbeatRequestTaskIds({ subtopologyId, partitions: listOf(partitions).map(Number) });
  });
}

function subtopologyOf(text: string): StreamsGroupHeartbeatRequestSubtopology {
  const [head = '', ...parts] = text.split(',');
  const [subtopologyId = '', sources = ''] = head.split(':');
  const list = (name: string): string[] => listOf(parts.find((part) => part.startsWith(`${name}:`))?.split(':')[1]);
  const sourceTopics = listOf(sources);
  const repartitionSourceTopics = list('rep').map(topicInfoOf);
  const names = repartitionSourceTopics.map(({ name }) => name);
  const alike = list('co');
  const indexes = (topics: readonly string[]): number[] =>
    alike.filter((topic) => topics.includes(topic)).map((topic) => topics.indexOf(topic));
  return newStreamsGroupHeartbeatRequestSubtopology({
    ...{ subtopologyId, sourceTopics, repartitionSourceTopics },
    repartitionSinkTopics: list('sink'),
    stateChangelogTopics: list('log').map(topicInfoOf),
    copartitionGroups:
      alike.length === 0
        ? []
        : [
            newStreamsGroupHeartbeatRequestCopartitionGroup({
              sourceTopics: indexes(sourceTopics),
              repartitionSourceTopics: indexes(names),
            }),
          ],
  });
}

function topicInfoOf(word: string): StreamsGroupHeartbeatRequestTopicInfo {
  const [name = '', partitions = '0'] = word.split('#');
  return newStreamsGroupHeartbeatRequestTopicInfo({ name, partitions: Number(partitions) });
}
