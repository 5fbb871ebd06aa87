/**
 * CreateTopics v2–v7, DeleteTopics v1–v6, CreatePartitions v0–v3, ElectLeaders, reassignments.
 */
import {
  ApiKey,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type ElectLeadersResponse,
  type MetadataResponse,
  newAlterPartitionReassignmentsRequest,
  newCreatableReplicaAssignment,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreatePartitionsAssignment,
  newCreatePartitionsRequest,
  newCreatePartitionsTopic,
  newCreateTopicsRequest,
  newDeleteTopicState,
  newDeleteTopicsRequest,
  newElectLeadersRequest,
  newElectLeadersRequestTopicPartitions,
  newListPartitionReassignmentsRequest,
  newListPartitionReassignmentsTopics,
  newMetadataRequest,
  newMetadataRequestTopic,
  newReassignablePartition,
  newReassignableTopic,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { makeTopic } from './messages.ts';

interface Wanted {
  readonly partitions?: number;
  readonly replicas?: number;
  readonly configs?: Readonly<Record<string, string | null>>;
  readonly assignments?: Readonly<Record<number, readonly number[]>>;
  readonly validateOnly?: boolean;
}

function create(name: string, wanted: Wanted = {}): CreateTopicsRequest {
  const { assignments = {}, configs = {} } = wanted;
  return newCreateTopicsRequest({
    timeoutMs: 5_000,
    validateOnly: wanted.validateOnly ?? false,
    topics: [
      newCreatableTopic({
        name,
        numPartitions: wanted.partitions ?? -1,
        replicationFactor: wanted.replicas ?? -1,
        configs: Object.entries(configs).map(([key, value]) => newCreatableTopicConfig({ name: key, value })),
        assignments: Object.entries(assignments).map(([index, brokerIds]) =>
          newCreatableReplicaAssignment({ partitionIndex: Number(index), brokerIds: [...brokerIds] }),
        ),
      }),
    ],
  });
}

/** Without the echo of some thirty configurations, which one block shows whole. */
const withoutEcho = ({ topics, ...rest }: CreateTopicsResponse): unknown => ({
  ...rest,
  topics: topics.map((topic) => ({ ...topic, configs: topic.configs === null ? null : topic.configs.length })),
});

async function createTopics(r: Recorder): Promise<void> {
  const api = ApiKey.CREATE_TOPICS;
  const attempt = (
    title: string,
    request: CreateTopicsRequest,
    versions: number | readonly [number, number] = 7,
  ): Promise<unknown> => r.call<CreateTopicsResponse>(title, api, versions, request, { show: withoutEcho });
  await r.call(
    'the echo of configurations',
    api,
    7,
    create('topics-echo', { configs: { 'retention.ms': '1000', 'cleanup.policy': 'compact' } }),
  );
  await r.call<CreateTopicsResponse>(
    'every version',
    api,
    [2, 7],
    (version) => create(`topics-v${version}`, { partitions: 1, replicas: 1 }),
    { show: withoutEcho },
  );
  await r.call('defaults before v4', api, [2, 3], create('topics-defaults-old'));
  await attempt('defaults', create('topics-defaults'));
  await attempt('exists', create('topics-defaults'), [2, 7]);
  await attempt('validate only', create('topics-validate', { validateOnly: true, partitions: 3 }));
  await attempt('validate only, exists', create('topics-defaults', { validateOnly: true }));
  await attempt('manual assignment', create('topics-manual', { assignments: { 0: [1], 1: [1] } }));
  await attempt(
    'manual assignment and numbers',
    create('topics-both', { partitions: 2, replicas: 1, assignments: { 0: [1] } }),
  );
  await attempt('manual assignment to an unknown broker', create('topics-x', { assignments: { 0: [5] } }));
  await attempt('manual assignment to the same broker twice', create('topics-x', { assignments: { 0: [1, 1] } }));
  await attempt('manual assignment without partition 0', create('topics-x', { assignments: { 1: [1] } }));
  await attempt('manual assignment with a gap', create('topics-x', { assignments: { 0: [1], 2: [1] } }));
  await attempt('manual assignment to nobody', create('topics-x', { assignments: { 0: [] } }));
  await attempt('too many replicas', create('topics-x', { partitions: 1, replicas: 3 }));
  await attempt('no replicas', create('topics-x', { partitions: 1, replicas: 0 }));
  await attempt('minus two replicas', create('topics-x', { partitions: 1, replicas: -2 }));
  await attempt('no partitions', create('topics-x', { partitions: 0, replicas: 1 }));
  await attempt('minus two partitions', create('topics-x', { partitions: -2, replicas: 1 }));
  await attempt('more partitions than a request may make', create('topics-x', { partitions: 10_001, replicas: 1 }));
  await attempt('more records than go into a batch', create('topics-x', { partitions: 10_000, replicas: 1 }));
  for (const name of ['', '.', '..', 'topics/slash', 'topics space', 'x'.repeat(250)]) {
    await attempt(`bad name ${name.length > 20 ? `of ${name.length} letters` : JSON.stringify(name)}`, create(name));
  }
  await attempt('an internal name', create('__consumer_offsets_2'));
  await attempt('the name of the metadata topic', create('__cluster_metadata'));
  await attempt('a name with dots', create('topics.dots.a'));
  await attempt('a name that collides with it', create('topics.dots_a'));
  await attempt('an unknown configuration', create('topics-x', { configs: { 'no.such': '1' } }));
  await attempt('a bad value', create('topics-x', { configs: { 'retention.ms': 'soon' } }));
  await attempt('a value out of range', create('topics-x', { configs: { 'max.message.bytes': '-1' } }));
  await attempt(
    'a value that is none of those allowed',
    create('topics-x', { configs: { 'cleanup.policy': 'shred' } }),
  );
  await attempt('a null value', create('topics-x', { configs: { 'retention.ms': null } }));
  await attempt('min.insync.replicas of zero', create('topics-x', { configs: { 'min.insync.replicas': '0' } }));
  const twice = create('topics-twice');
  twice.topics.push(...create('topics-twice').topics, ...create('topics-once').topics);
  await attempt('the same name twice in a request', twice);
  const mixed = create('topics-good');
  mixed.topics.push(...create('topics/bad').topics);
  await attempt('a good and a bad one', mixed);
  await attempt('no topics', newCreateTopicsRequest({ timeoutMs: 5_000 }));
}

async function createPartitions(r: Recorder): Promise<void> {
  const api = ApiKey.CREATE_PARTITIONS;
  const name = 'topics-grow';
  await makeTopic(r, name);
  const grow = (
    count: number,
    assignments: readonly (readonly number[])[] | null = null,
    topic = name,
    validateOnly = false,
  ) =>
    newCreatePartitionsRequest({
      timeoutMs: 5_000,
      validateOnly,
      topics: [
        newCreatePartitionsTopic({
          name: topic,
          count,
          assignments:
            assignments?.map((brokerIds) => newCreatePartitionsAssignment({ brokerIds: [...brokerIds] })) ?? null,
        }),
      ],
    });
  await r.call('grow to 2', api, 3, grow(2));
  await r.call('grow to the same count', api, [0, 3], grow(2));
  await r.call('shrink', api, 3, grow(1));
  await r.call('grow to zero', api, 3, grow(0));
  await r.call('grow, validate only', api, 3, grow(9, null, name, true));
  await r.call('grow by assignment', api, 3, grow(4, [[1], [1]]));
  await r.call('grow by too few assignments', api, 3, grow(6, [[1]]));
  await r.call('grow by assignment to an unknown broker', api, 3, grow(5, [[7]]));
  await r.call('grow by assignment of two replicas', api, 3, grow(5, [[1, 2]]));
  await r.call('grow by an empty assignment', api, 3, grow(5, [[]]));
  await r.call('grow an unknown topic', api, 3, grow(2, null, 'topics-none'));
  const twice = grow(7);
  twice.topics.push(...grow(8).topics);
  await r.call('grow the same topic twice', api, 3, twice);
  await r.call<MetadataResponse>(
    'what has grown',
    ApiKey.METADATA,
    12,
    newMetadataRequest({ topics: [newMetadataRequestTopic({ name })] }),
    { until: ({ topics }) => topics[0]?.partitions.length === 4, show: ({ topics }) => topics },
  );
}

async function leadersAndReassignments(r: Recorder): Promise<void> {
  const name = 'topics-grow';
  const elect = (electionType: number, topic: string | null, partitions: number[] = [0]) =>
    newElectLeadersRequest({
      electionType,
      timeoutMs: 5_000,
      topicPartitions: topic === null ? null : [newElectLeadersRequestTopicPartitions({ topic, partitions })],
    });
  await r.call('elect the preferred leader that leads', ApiKey.ELECT_LEADERS, [0, 2], elect(0, name));
  await r.call('elect an unclean leader where one leads', ApiKey.ELECT_LEADERS, [1, 2], elect(1, name));
  await r.call('elect of an unknown topic and partition', ApiKey.ELECT_LEADERS, 2, elect(0, 'topics-none'));
  await r.call('elect of an unknown partition', ApiKey.ELECT_LEADERS, 2, elect(0, name, [77]));
  await r.call('elect of all partitions', ApiKey.ELECT_LEADERS, 2, elect(0, null), {
    show: ({ replicaElectionResults, ...rest }: ElectLeadersResponse) => ({
      ...rest,
      mine: replicaElectionResults.filter(({ topic }) => topic === name),
    }),
  });
  await r.call('elect of an unknown kind', ApiKey.ELECT_LEADERS, 2, elect(5, name));
  const move = (topic: string, replicas: number[] | null, partitionIndex = 0) =>
    newAlterPartitionReassignmentsRequest({
      timeoutMs: 5_000,
      topics: [
        newReassignableTopic({ name: topic, partitions: [newReassignablePartition({ partitionIndex, replicas })] }),
      ],
    });
  const api = ApiKey.ALTER_PARTITION_REASSIGNMENTS;
  await r.call('reassign to where it is', api, [0, 1], move(name, [1]));
  await r.call('reassign to an unknown broker', api, 0, move(name, [9]));
  await r.call('reassign to nobody', api, 0, move(name, []));
  await r.call('reassign to the same broker twice', api, 0, move(name, [1, 1]));
  await r.call('cancel a reassignment that is none', api, 0, move(name, null));
  await r.call('reassign an unknown topic', api, 0, move('topics-none', [1]));
  await r.call('reassign an unknown partition', api, 0, move(name, [1], 99));
  const list = ApiKey.LIST_PARTITION_REASSIGNMENTS;
  await r.call(
    'list all reassignments',
    list,
    0,
    newListPartitionReassignmentsRequest({ timeoutMs: 5_000, topics: null }),
  );
  const some = [
    newListPartitionReassignmentsTopics({ name, partitionIndexes: [0] }),
    newListPartitionReassignmentsTopics({ name: 'topics-none', partitionIndexes: [0] }),
  ];
  await r.call(
    'list some reassignments',
    list,
    0,
    newListPartitionReassignmentsRequest({ timeoutMs: 5_000, topics: some }),
  );
}

async function deleteTopics(r: Recorder): Promise<void> {
  const api = ApiKey.DELETE_TOPICS;
  const byName = (...names: string[]) => newDeleteTopicsRequest({ timeoutMs: 5_000, topicNames: names });
  const byState = (...states: Parameters<typeof newDeleteTopicState>[0][]) =>
    newDeleteTopicsRequest({ timeoutMs: 5_000, topics: states.map((state) => newDeleteTopicState(state)) });
  const topicId = await makeTopic(r, 'topics-gone');
  const second = await makeTopic(r, 'topics-gone-2');
  for (let version = 1; version <= 5; version++) {
    await makeTopic(r, `topics-gone-v${version}`);
    await r.call('delete by name', api, version, byName(`topics-gone-v${version}`));
  }
  await r.call('delete by id', api, 6, byState({ name: null, topicId }));
  await r.call('delete by id again', api, 6, byState({ name: null, topicId }));
  await r.call('delete by name, v6', api, 6, byState({ name: 'topics-gone-2' }));
  await r.call('delete an unknown name', api, [1, 5], byName('topics-none'));
  await r.call('delete an unknown name, v6', api, 6, byState({ name: 'topics-none' }));
  await r.call('delete by id and name', api, 6, byState({ name: 'topics-gone-2', topicId: second }));
  await r.call('delete neither', api, 6, byState({ name: null }));
  await makeTopic(r, 'topics-gone-3');
  await r.call('delete the same name twice', api, 6, byState({ name: 'topics-gone-3' }, { name: 'topics-gone-3' }));
  await r.call('delete nothing', api, 6, byState());
  await r.call<MetadataResponse>(
    'what is gone is unknown',
    ApiKey.METADATA,
    12,
    newMetadataRequest({ allowAutoTopicCreation: false, topics: [newMetadataRequestTopic({ name: 'topics-gone' })] }),
    { until: ({ topics }) => topics[0]?.errorCode !== 0, show: ({ topics }) => topics },
  );
  const again = await makeTopic(r, 'topics-gone');
  r.note('made again, it has another id', again !== topicId);
}

export const topicsScript: Script = {
  name: 'topics',
  run: async (r) => {
    await createTopics(r);
    await createPartitions(r);
    await leadersAndReassignments(r);
    await deleteTopics(r);
  },
};
