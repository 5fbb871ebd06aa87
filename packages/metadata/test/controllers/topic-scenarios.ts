/** Brokers, topics, partitions, leaders and replicas, with everything that can be wrong with requests about them. */
import {
  ApiKey,
  newAlterPartitionReassignmentsRequest,
  newAlterPartitionRequest,
  newAlterPartitionRequestPartitionData,
  newCreatePartitionsRequest,
  newDeleteTopicsRequest,
  newElectLeadersRequest,
} from '@skarab/protocol';
import { directoryOf, registration } from '../test-node.ts';
import type { Cluster, Scenario } from './cluster.ts';

const assignments = (...partitions: number[][]) =>
  partitions.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** In their order; each goes on where the one before ended. */
export const topicScenarios: readonly Scenario[] = [
  { name: 'brokers register', run: brokersRegister },
  { name: 'topics are created', run: topicsAreCreated },
  { name: 'topics are deleted', run: topicsAreDeleted },
  { name: 'partitions are added', run: partitionsAreAdded },
  { name: 'in-sync replicas change', run: inSyncReplicasChange },
  { name: 'brokers fail, leaders are elected', run: leadersAreElected },
  { name: 'replicas are moved', run: replicasAreMoved },
];

async function brokersRegister(cluster: Cluster): Promise<void> {
  await cluster.beat(1);
  await cluster.register(1, 'INCARNATION0000000001A');
  await cluster.register(1, 'INCARNATION0000000001A', { rack: 'r1' });
  await cluster.register(1, 'INCARNATION000000000BA');
  await cluster.register(2, 'INCARNATION0000000002A', { clusterId: 'another' });
  await cluster.register(2, 'INCARNATION0000000002A', { logDirs: [] });
  await cluster.register(2, 'INCARNATION0000000002A', { logDirs: [directoryOf(1)] });
  await cluster.register(2, 'INCARNATION0000000002A', { logDirs: [directoryOf(2), directoryOf(2)] });
  await cluster.register(2, 'INCARNATION0000000002A', { logDirs: [NO_ID] });
  await cluster.register(2, 'INCARNATION0000000002A', { features: [] });
  await cluster.register(2, 'INCARNATION0000000002A', {
    features: registration(2, '').features.map((feature) => ({
      ...feature,
      maxSupportedVersion: 0,
      minSupportedVersion: 0,
    })),
  });
  await cluster.register(2, 'INCARNATION0000000002A', { isMigratingZkBroker: true });
  await cluster.register(2, 'INCARNATION0000000002A', { rack: 'r2' });
  await cluster.register(3, 'INCARNATION0000000003A', { logDirs: [directoryOf(3), directoryOf(33)] }, 3);
  await cluster.register(4, 'INCARNATION0000000004A', {}, 2);
  await cluster.beat(1, { brokerEpoch: 7777n });
  await cluster.beat(1, { wantFence: true });
  await cluster.beat(1, { currentMetadataOffset: 0n });
  for (const id of [1, 2, 3, 4]) await cluster.beat(id);
  await cluster.beat(1);
}

async function topicsAreCreated(cluster: Cluster): Promise<void> {
  await cluster.createTopics([{ name: 'a', assignments: assignments([1, 2, 3], [2, 3, 1], [3, 1, 2]) }]);
  await cluster.createTopics([{ name: 'a' }, { name: 'a' }, { name: 'b.c', assignments: assignments([1]) }]);
  await cluster.createTopics([
    { name: 'b_c' },
    { name: '' },
    { name: '.' },
    { name: '..' },
    { name: 'x y' },
    { name: 'x'.repeat(250) },
  ]);
  await cluster.createTopics([{ name: '__cluster_metadata' }, { name: 'a' }]);
  await cluster.createTopics([
    { name: 'e1', replicationFactor: 0 },
    { name: 'e2', replicationFactor: -2 },
    { name: 'e3', numPartitions: 0 },
    { name: 'e4', numPartitions: -2 },
    { name: 'e5', replicationFactor: 5 },
    { name: 'e6', replicationFactor: 1, assignments: assignments([1]) },
    { name: 'e7', numPartitions: 1, assignments: assignments([1]) },
    { name: 'e8', assignments: assignments([]) },
    { name: 'e9', assignments: assignments([1, 1]) },
    { name: 'e10', assignments: assignments([1, 9]) },
    { name: 'e11', assignments: assignments([1, 2], [1]) },
    { name: 'e12', assignments: [{ partitionIndex: 1, brokerIds: [1] }] },
    { name: 'e13', assignments: [...assignments([1]), ...assignments([1])] },
    { name: 'e14', configs: [{ name: 'no.such', value: '1' }] },
    { name: 'e15', configs: [{ name: 'retention.ms', value: 'abc' }] },
    { name: 'e16', configs: [{ name: 'retention.ms', value: null }] },
    { name: 'e17', configs: [{ name: 'cleanup.policy', value: 'compact,nonsense' }] },
    { name: 'e18', assignments: assignments([-1]) },
  ]);
  await cluster.createTopics([{ name: 'dry', assignments: assignments([1]) }], true);
  await cluster.createTopics([
    {
      name: 'c',
      assignments: assignments([4, 3]),
      configs: [
        { name: 'min.insync.replicas', value: '2' },
        { name: 'retention.ms', value: '77' },
      ],
    },
    {
      name: 'd',
      assignments: assignments([1, 2]),
      configs: [{ name: 'unclean.leader.election.enable', value: 'true' }],
    },
  ]);
  await cluster.createTopics([{ name: 'many', numPartitions: 10_001, replicationFactor: 1 }]);
  await cluster.createTopics([]);
}

async function topicsAreDeleted(cluster: Cluster): Promise<void> {
  await cluster.createTopics([
    { name: 'gone', assignments: assignments([1], [2]) },
    { name: 'gone2', assignments: assignments([1]) },
  ]);
  const remove = (topics: { name: string | null; topic?: string }[]) =>
    cluster.call(ApiKey.DELETE_TOPICS, 6, (idOf) =>
      newDeleteTopicsRequest({
        timeoutMs: 10_000,
        topics: topics.map(({ name, topic }) => ({ name, topicId: topic === undefined ? NO_ID : idOf(topic) })),
      }),
    );
  await remove([
    { name: 'gone' },
    { name: 'nowhere' },
    { name: null, topic: 'gone2' },
    { name: null, topic: 'nowhere' },
  ]);
  await remove([{ name: 'a' }, { name: 'a' }, { name: null, topic: 'c' }, { name: null, topic: 'c' }]);
  await remove([{ name: 'a' }, { name: null, topic: 'a' }, { name: null }, { name: 'd', topic: 'c' }]);
  await remove([]);
}

async function partitionsAreAdded(cluster: Cluster): Promise<void> {
  const add = (topics: { name: string; count: number; assignments: number[][] | null }[], validateOnly = false) =>
    cluster.call(ApiKey.CREATE_PARTITIONS, 3, () =>
      newCreatePartitionsRequest({
        topics: topics.map((topic) => ({
          ...topic,
          assignments: topic.assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
        })),
        validateOnly,
        timeoutMs: 10_000,
      }),
    );
  await add([{ name: 'a', count: 4, assignments: [[1, 2, 3]] }]);
  await add([
    { name: 'a', count: 4, assignments: null },
    { name: 'nowhere', count: 4, assignments: null },
  ]);
  await add([
    { name: 'a', count: 3, assignments: null },
    { name: 'c', count: 2, assignments: [[1]] },
    { name: 'd', count: 3, assignments: [[1, 2]] },
  ]);
  await add([
    { name: 'a', count: 5, assignments: [[1, 1, 2]] },
    {
      name: 'd',
      count: 3,
      assignments: [
        [1, 9],
        [1, 2],
      ],
    },
  ]);
  await add([
    { name: 'a', count: 5, assignments: [] },
    { name: 'd', count: 4, assignments: [[1, 2], [2]] },
  ]);
  await add([
    { name: 'a', count: 5, assignments: null },
    { name: 'a', count: 6, assignments: null },
  ]);
  await add(
    [
      {
        name: 'd',
        count: 3,
        assignments: [
          [2, 1],
          [1, 2],
        ],
      },
    ],
    true,
  );
  await add([
    {
      name: 'd',
      count: 3,
      assignments: [
        [2, 1],
        [1, 2],
      ],
    },
  ]);
}

async function inSyncReplicasChange(cluster: Cluster): Promise<void> {
  const alter = (
    brokerId: number,
    topic: string,
    partitionIndex: number,
    newIsr: number[],
    changes = {},
    version = 3,
  ) =>
    cluster.call(ApiKey.ALTER_PARTITION, version, (idOf) =>
      newAlterPartitionRequest({
        brokerId,
        brokerEpoch: cluster.epochs.get(brokerId) ?? -1n,
        topics: [
          {
            topicId: idOf(topic),
            partitions: [
              newAlterPartitionRequestPartitionData({
                partitionIndex,
                leaderEpoch: cluster.image.topics.byName.get(topic)?.partitions[partitionIndex]?.leaderEpoch ?? 0,
                partitionEpoch: cluster.image.topics.byName.get(topic)?.partitions[partitionIndex]?.partitionEpoch ?? 0,
                newIsr: version >= 3 ? [] : newIsr,
                newIsrWithEpochs:
                  version >= 3
                    ? newIsr.map((id) => ({ brokerId: id, brokerEpoch: cluster.epochs.get(id) ?? -1n }))
                    : [],
                ...changes,
              }),
            ],
          },
        ],
      }),
    );
  await alter(1, 'a', 0, [1, 2]);
  await alter(1, 'a', 0, [1, 2]);
  await alter(1, 'a', 0, [1, 2, 3], {}, 2);
  await alter(2, 'a', 0, [1, 2]);
  await alter(1, 'a', 0, [2, 3]);
  await alter(1, 'a', 0, []);
  await alter(1, 'a', 0, [1, 4]);
  await alter(1, 'a', 0, [1, 1]);
  await alter(1, 'a', 9, [1]);
  await alter(1, 'nowhere', 0, [1]);
  for (const changes of [
    { leaderEpoch: 99 },
    { leaderEpoch: -1 },
    { partitionEpoch: 99 },
    { partitionEpoch: -1 },
    { leaderRecoveryState: 1 },
  ]) {
    await alter(1, 'a', 0, [1], changes);
  }
  await alter(1, 'a', 0, [1], { newIsrWithEpochs: [{ brokerId: 1, brokerEpoch: 5n }] });
  await alter(4, 'c', 0, [4]);
  await alter(9, 'c', 0, [4]);
  await alter(1, 'd', 0, [1]);
}

async function leadersAreElected(cluster: Cluster): Promise<void> {
  const elect = (electionType: number, topicPartitions: { topic: string; partitions: number[] }[] | null) =>
    cluster.call(ApiKey.ELECT_LEADERS, 2, () =>
      newElectLeadersRequest({ electionType, topicPartitions, timeoutMs: 1000 }),
    );
  await cluster.beat(2, { wantFence: true });
  await cluster.beat(4, { wantFence: true });
  await cluster.beat(3, { wantFence: true });
  await elect(1, [
    { topic: 'c', partitions: [0, 1] },
    { topic: 'nowhere', partitions: [0] },
  ]);
  await elect(0, [{ topic: 'a', partitions: [0, 1, 2, 3] }]);
  await cluster.beat(1, { wantFence: true });
  await elect(1, null);
  await cluster.beat(2);
  await cluster.beat(2);
  await elect(1, [{ topic: 'd', partitions: [0, 1, 2] }]);
  for (const id of [3, 1, 4, 3, 1, 4]) await cluster.beat(id);
  await elect(0, [
    { topic: 'a', partitions: [0, 1] },
    { topic: 'd', partitions: [0] },
  ]);
  await elect(0, []);
  await elect(7, [{ topic: 'a', partitions: [0] }]);
  await cluster.beat(3, { offlineLogDirs: [directoryOf(33)] });
  await cluster.beat(3, { offlineLogDirs: [directoryOf(33), directoryOf(3)] });
  await cluster.beat(1, { wantShutDown: true });
  await cluster.beat(1, { wantShutDown: true });
  await cluster.beat(1, { wantShutDown: true, currentMetadataOffset: 99_999n });
  for (const id of [2, 4]) await cluster.beat(id);
  await cluster.beat(1, { wantShutDown: true });
}

async function replicasAreMoved(cluster: Cluster): Promise<void> {
  const reassign = (name: string, partitions: [number, number[] | null][], allowReplicationFactorChange = true) =>
    cluster.call(ApiKey.ALTER_PARTITION_REASSIGNMENTS, 1, () =>
      newAlterPartitionReassignmentsRequest({
        allowReplicationFactorChange,
        topics: [{ name, partitions: partitions.map(([partitionIndex, replicas]) => ({ partitionIndex, replicas })) }],
      }),
    );
  await reassign('a', [
    [0, [2, 4, 3]],
    [1, [2, 3]],
    [9, [1]],
    [2, null],
  ]);
  await reassign('nowhere', [
    [0, [1]],
    [1, null],
  ]);
  await reassign('d', [
    [0, []],
    [1, [2, 2]],
    [2, [9]],
  ]);
  await reassign(
    'd',
    [
      [0, [1, 2, 4]],
      [1, [2]],
    ],
    false,
  );
  await cluster.call(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, () => ({ timeoutMs: 1000, topics: null }));
  await cluster.call(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, () => ({
    timeoutMs: 1000,
    topics: [
      { name: 'a', partitionIndexes: [0, 1, 7] },
      { name: 'nowhere', partitionIndexes: [0] },
    ],
  }));
  await reassign('a', [
    [0, null],
    [1, null],
  ]);
  await cluster.call(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, () => ({ timeoutMs: 1000, topics: null }));
}
