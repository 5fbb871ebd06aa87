/**
 * Streams groups (KIP-1071): the life of a member, error paths of the heartbeat, topologies, internal topics, descriptions, configurations.
 */
import {
  ApiKey,
  type CreateTopicsResponse,
  type IncrementalAlterConfigsResponse,
  newCreatableTopic,
  newCreateTopicsRequest,
  newDeleteGroupsRequest,
  newDescribeGroupsRequest,
  newIncrementalAlterConfigsRequest,
  newIncrementalAlterConfigsRequestAlterableConfig,
  newIncrementalAlterConfigsRequestAlterConfigsResource,
  newListGroupsRequest,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newStreamsGroupDescribeRequest,
  newStreamsGroupHeartbeatRequest,
  newStreamsGroupHeartbeatRequestSubtopology,
  newStreamsGroupHeartbeatRequestTaskIds,
  newStreamsGroupHeartbeatRequestTopicInfo,
  newStreamsGroupHeartbeatRequestTopology,
  type StreamsGroupHeartbeatRequest,
  type StreamsGroupHeartbeatRequestSubtopology,
  type StreamsGroupHeartbeatResponse,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';

const TOPIC = 'streams-topic';
const GROUP = 'streams';
/** A status of StreamsGroupHeartbeat. */
const ASSIGNMENT_DELAYED = 5;
const BEAT = ApiKey.STREAMS_GROUP_HEARTBEAT;

function topology(fields: Partial<StreamsGroupHeartbeatRequestSubtopology> = {}) {
  const subtopology = { subtopologyId: '0', sourceTopics: [TOPIC], ...fields };
  return newStreamsGroupHeartbeatRequestTopology({
    subtopologies: [newStreamsGroupHeartbeatRequestSubtopology(subtopology)],
  });
}

function beat(fields: Partial<StreamsGroupHeartbeatRequest>) {
  const isJoining = (fields.memberEpoch ?? 0) === 0;
  const nothing = { activeTasks: [], standbyTasks: [], warmupTasks: [] };
  const joining = { rebalanceTimeoutMs: 60_000, topology: topology(), processId: 'process', ...nothing };
  return newStreamsGroupHeartbeatRequest({
    groupId: GROUP,
    memberId: 'streams-member',
    ...(isJoining ? joining : {}),
    ...fields,
  });
}

/** Configures a group so that it is assigned at once, and waits until the coordinator knows. */
async function assignAtOnce(r: Recorder, groupId: string): Promise<void> {
  const probeId = `${groupId}-probe`;
  const configs = ['streams.initial.rebalance.delay.ms', 'streams.assignment.interval.ms'].map((name) =>
    newIncrementalAlterConfigsRequestAlterableConfig({ name, value: '0', configOperation: 0 }),
  );
  const resources = [groupId, probeId].map((resourceName) =>
    newIncrementalAlterConfigsRequestAlterConfigsResource({ resourceType: 32, resourceName, configs }),
  );
  const request = newIncrementalAlterConfigsRequest({ resources });
  await r.prepare<IncrementalAlterConfigsResponse>(ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, request, () => true);
  await r.prepare<StreamsGroupHeartbeatResponse>(BEAT, 0, beat({ groupId: probeId }), ({ status }) =>
    (status ?? []).every(({ statusCode }) => statusCode !== ASSIGNMENT_DELAYED),
  );
  await r.prepare<StreamsGroupHeartbeatResponse>(BEAT, 0, beat({ groupId: probeId, memberEpoch: -1 }));
}

async function invalid(r: Recorder): Promise<void> {
  const tasks = [newStreamsGroupHeartbeatRequestTaskIds({ subtopologyId: '0', partitions: [0] })];
  const changelog = (name: string, partitions: number) => ({
    stateChangelogTopics: [newStreamsGroupHeartbeatRequestTopicInfo({ name, partitions })],
  });
  const wrong: Readonly<Record<string, Partial<StreamsGroupHeartbeatRequest>>> = {
    'a heartbeat without a group': { groupId: '' },
    'a heartbeat without a member': { memberId: ' ' },
    'an instance id': { instanceId: 'one' },
    'an empty rack': { rackId: '' },
    'joining without a rebalance timeout': { rebalanceTimeoutMs: -1 },
    'joining with tasks': { activeTasks: tasks },
    'joining without saying tasks': { standbyTasks: null },
    'joining with warm-up tasks': { warmupTasks: tasks },
    'joining without a topology': { topology: null },
    'a changelog of a size': { topology: topology(changelog('c', 3)) },
    'a topology on topics of the broker': { topology: topology({ sourceTopics: ['__consumer_offsets'] }) },
    'a topology on a topic that cannot be': { topology: topology(changelog('a b', 0)) },
    'a source by pattern': { topology: topology({ sourceTopicRegex: ['a.*'] }) },
    'a wrong epoch': { memberEpoch: -3 },
    'leaving for a while': { memberEpoch: -2 },
    'a topology in between': { memberEpoch: 3, topology: topology() },
    'half of the tasks': { memberEpoch: 3, activeTasks: [] },
    'a heartbeat to a group that is not there': { memberEpoch: 3 },
    'leaving a group that is not there': { memberEpoch: -1 },
  };
  for (const [name, fields] of Object.entries(wrong)) await r.call(name, BEAT, 0, beat(fields));
}

async function life(r: Recorder): Promise<void> {
  const describe = (includeAuthorizedOperations: boolean, groupIds = [GROUP]) =>
    newStreamsGroupDescribeRequest({ groupIds, includeAuthorizedOperations });
  await r.call('joining', BEAT, 0, beat({ clientTags: [{ key: 'zone', value: 'z' }], rackId: 'r' }));
  await r.call('joining again', BEAT, 0, beat({}));
  await r.call('another topology', BEAT, 0, beat({ topology: topology({ subtopologyId: '1' }) }));
  await r.call('an epoch of the future', BEAT, 0, beat({ memberEpoch: 9 }));
  await r.call('an epoch of the past', BEAT, 0, beat({ memberEpoch: 1 }));
  await r.call('another member', BEAT, 0, beat({ memberEpoch: 2, memberId: 'unknown' }));
  await r.call('a description', ApiKey.STREAMS_GROUP_DESCRIBE, 0, describe(false, ['', GROUP, 'streams-nobody']));
  await r.call('a description with rights', ApiKey.STREAMS_GROUP_DESCRIBE, 0, describe(true));
  await r.call('as a classic group', ApiKey.DESCRIBE_GROUPS, 6, newDescribeGroupsRequest({ groups: [GROUP] }));
  const filters = { typesFilter: ['streams'], statesFilter: ['Stable'] };
  await r.call('in the list', ApiKey.LIST_GROUPS, 5, newListGroupsRequest(filters));
  const commit = (memberEpoch: number) =>
    newOffsetCommitRequest({
      groupId: GROUP,
      memberId: 'streams-member',
      generationIdOrMemberEpoch: memberEpoch,
      topics: [newOffsetCommitRequestTopic({ name: TOPIC, partitions: [newOffsetCommitRequestPartition()] })],
    });
  await r.call('committing in a future epoch', ApiKey.OFFSET_COMMIT, 9, commit(9));
  await r.call('committing as an old client', ApiKey.OFFSET_COMMIT, 8, commit(2));
  await r.call('deleting it', ApiKey.DELETE_GROUPS, 2, newDeleteGroupsRequest({ groupsNames: [GROUP] }));
  await r.call('leaving', BEAT, 0, beat({ memberEpoch: -1 }));
  await r.call('a description of nobody', ApiKey.STREAMS_GROUP_DESCRIBE, 0, describe(false));
  await r.call('deleting what is empty', ApiKey.DELETE_GROUPS, 2, newDeleteGroupsRequest({ groupsNames: [GROUP] }));
}

async function internalTopics(r: Recorder): Promise<void> {
  const groupId = 'streams-internal';
  const memberId = 'streams-maker';
  await assignAtOnce(r, groupId);
  const missing = topology({ sourceTopics: ['streams-missing'] });
  await r.call('a source that is missing', BEAT, 0, beat({ groupId: 'streams-waiting', topology: missing }));
  const withChangelog = topology({
    stateChangelogTopics: [newStreamsGroupHeartbeatRequestTopicInfo({ name: 'streams-changelog' })],
  });
  await r.call('a changelog that is missing', BEAT, 0, beat({ groupId, memberId, topology: withChangelog }));
  const again = beat({ groupId, memberId, topology: withChangelog });
  await r.prepare<StreamsGroupHeartbeatResponse>(BEAT, 0, again, ({ status }) => (status ?? []).length === 0);
  const described = newStreamsGroupDescribeRequest({ groupIds: [groupId] });
  await r.call('its description', ApiKey.STREAMS_GROUP_DESCRIBE, 0, described);
}

export const streamsGroupsScript: Script = {
  name: 'streams-groups',
  run: async (r) => {
    const topics = [newCreatableTopic({ name: TOPIC, numPartitions: 2, replicationFactor: 1 })];
    const create = newCreateTopicsRequest({ topics, timeoutMs: 5000 });
    await r.prepare<CreateTopicsResponse>(ApiKey.CREATE_TOPICS, 7, create, () => true);
    await assignAtOnce(r, GROUP);
    await invalid(r);
    await life(r);
    await internalTopics(r);
  },
};
