/**
 * DescribeCluster, DescribeQuorum, UpdateFeatures, UnregisterBroker, log directories.
 */
import {
  ApiKey,
  type DescribeLogDirsResponse,
  type DescribeQuorumResponse,
  newAddRaftVoterRequest,
  newAlterReplicaLogDir,
  newAlterReplicaLogDirsRequest,
  newAlterReplicaLogDirTopic,
  newDescribableLogDirTopic,
  newDescribeClusterRequest,
  newDescribeLogDirsRequest,
  newDescribeQuorumRequest,
  newDescribeQuorumRequestPartitionData,
  newDescribeQuorumRequestTopicData,
  newFeatureUpdateKey,
  newRemoveRaftVoterRequest,
  newUnregisterBrokerRequest,
  newUpdateFeaturesRequest,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { batch, fetch, makeTopic, produce } from './messages.ts';

async function clusterAndQuorum(r: Recorder): Promise<void> {
  const cluster = ApiKey.DESCRIBE_CLUSTER;
  await r.call('the cluster', cluster, [0, 2], newDescribeClusterRequest());
  await r.call(
    'the cluster with operations',
    cluster,
    2,
    newDescribeClusterRequest({ includeClusterAuthorizedOperations: true }),
  );
  await r.call(
    'the cluster with fenced brokers',
    cluster,
    2,
    newDescribeClusterRequest({ includeFencedBrokers: true }),
  );
  await r.call('the controllers, from a broker', cluster, [1, 2], newDescribeClusterRequest({ endpointType: 2 }));
  await r.call('an unknown type of endpoint', cluster, 2, newDescribeClusterRequest({ endpointType: 7 }));
  const quorum = (topicName: string, partitionIndex = 0) =>
    newDescribeQuorumRequest({
      topics: [
        newDescribeQuorumRequestTopicData({
          topicName,
          partitions: [newDescribeQuorumRequestPartitionData({ partitionIndex })],
        }),
      ],
    });
  type Partitions = DescribeQuorumResponse['topics'][number]['partitions'];
  const positive = (value: bigint | number): string => (Number(value) > 0 ? 'above 0' : String(value));
  const steadyPartitions = (partitions: Partitions): unknown[] =>
    partitions.map((partition) => ({
      ...partition,
      leaderEpoch: positive(partition.leaderEpoch),
      highWatermark: positive(partition.highWatermark),
      currentVoters: partition.currentVoters.map((voter) => ({
        ...voter,
        logEndOffset: positive(voter.logEndOffset),
      })),
    }));
  const steady = ({ topics, ...rest }: DescribeQuorumResponse): unknown => ({
    ...rest,
    topics: topics.map(({ partitions, ...topic }) => ({ ...topic, partitions: steadyPartitions(partitions) })),
  });
  await r.call('the quorum', ApiKey.DESCRIBE_QUORUM, [0, 2], quorum('__cluster_metadata'), { show: steady });
  await r.call('the quorum of another topic', ApiKey.DESCRIBE_QUORUM, 2, quorum('cluster-none'));
  await r.call('the quorum of another partition', ApiKey.DESCRIBE_QUORUM, 2, quorum('__cluster_metadata', 4));
  await r.call('the quorum of nothing', ApiKey.DESCRIBE_QUORUM, 2, newDescribeQuorumRequest());
  await r.call(
    'unregister a broker that is none',
    ApiKey.UNREGISTER_BROKER,
    0,
    newUnregisterBrokerRequest({ brokerId: 77 }),
  );
  const elsewhere = { clusterId: 'elsewhere' };
  await r.call('a voter of another cluster', ApiKey.ADD_RAFT_VOTER, [0, 1], newAddRaftVoterRequest(elsewhere));
  await r.call('without a voter', ApiKey.ADD_RAFT_VOTER, 1, newAddRaftVoterRequest());
  await r.call('a voter less elsewhere', ApiKey.REMOVE_RAFT_VOTER, 0, newRemoveRaftVoterRequest(elsewhere));
  await r.call('without a voter to go', ApiKey.REMOVE_RAFT_VOTER, 0, newRemoveRaftVoterRequest());
}

async function features(r: Recorder): Promise<void> {
  const api = ApiKey.UPDATE_FEATURES;
  const update = (feature: string, maxVersionLevel: number, upgradeType = 1, validateOnly = true) =>
    newUpdateFeaturesRequest({
      timeoutMs: 5_000,
      validateOnly,
      featureUpdates: [newFeatureUpdateKey({ feature, maxVersionLevel, upgradeType })],
    });
  await r.call('an unknown feature, dry', api, [1, 2], update('no.such', 1));
  await r.call('a level too high, dry', api, [1, 2], update('metadata.version', 1000));
  await r.call('a negative level, dry', api, 2, update('metadata.version', -1));
  await r.call('level zero, dry', api, 2, update('metadata.version', 0));
  await r.call('a downgrade as an upgrade, dry', api, 2, update('metadata.version', 20));
  await r.call('a safe downgrade, dry', api, 2, update('metadata.version', 24, 2));
  await r.call('an unsafe downgrade, dry', api, 2, update('metadata.version', 20, 3));
  await r.call('an unknown kind of update, dry', api, 2, update('metadata.version', 20, 9));
  await r.call('another feature, dry', api, 2, update('group.version', 1));
  await r.call('transactions off, dry', api, 2, update('transaction.version', 0, 2));
  await r.call('a level it has already', api, 2, update('group.version', 1, 1, false));
  await r.call('an unknown feature', api, [1, 2], update('no.such', 1, 1, false));
  await r.call(
    'the oldest version of the request',
    api,
    0,
    newUpdateFeaturesRequest({
      timeoutMs: 5_000,
      featureUpdates: [newFeatureUpdateKey({ feature: 'no.such', maxVersionLevel: 1 })],
    }),
  );
  const twice = update('group.version', 1);
  twice.featureUpdates.push(newFeatureUpdateKey({ feature: 'group.version', maxVersionLevel: 0, upgradeType: 2 }));
  await r.call('the same feature twice', api, 2, twice);
  await r.call('no features', api, 2, newUpdateFeaturesRequest({ timeoutMs: 5_000 }));
}

async function logDirs(r: Recorder, dataDir: string): Promise<void> {
  const topic = 'cluster-move';
  await makeTopic(r, topic);
  await r.prepare(ApiKey.PRODUCE, 12, produce({ topic, records: batch(['0', '1', '2']) }));
  const api = ApiKey.DESCRIBE_LOG_DIRS;
  const only = ({ results, ...rest }: DescribeLogDirsResponse): unknown => ({
    ...rest,
    results: [...results]
      .sort((a, b) => (a.logDir < b.logDir ? -1 : 1))
      .map((result) => ({ ...result, topics: result.topics.filter(({ name }) => name === topic) })),
  });
  const of = (name: string, ...partitions: number[]) =>
    newDescribeLogDirsRequest({ topics: [newDescribableLogDirTopic({ topic: name, partitions })] });
  const moveTo = (path: string, name = topic, partition = 0) =>
    newAlterReplicaLogDirsRequest({
      dirs: [newAlterReplicaLogDir({ path, topics: [newAlterReplicaLogDirTopic({ name, partitions: [partition] })] })],
    });
  const alter = ApiKey.ALTER_REPLICA_LOG_DIRS;
  const isIn =
    (path: string, settled = true) =>
    ({ results }: DescribeLogDirsResponse): boolean =>
      results.every(({ logDir, topics }) => {
        const here = topics.find(({ name }) => name === topic)?.partitions ?? [];
        return here.length === (logDir === path ? 1 : 0) && (!settled || here.every(({ isFutureKey }) => !isFutureKey));
      });
  // Which folder a broker picks first is its own affair.
  await r.prepare(alter, 2, moveTo(`${dataDir}/a`));
  await r.prepare<DescribeLogDirsResponse>(api, 4, newDescribeLogDirsRequest({ topics: null }), isIn(`${dataDir}/a`));
  await r.call('log directories', api, [1, 5], newDescribeLogDirsRequest({ topics: null }), { show: only });
  await r.call('log directories of a topic', api, 4, of(topic, 0), { show: only });
  await r.call('log directories of an unknown partition', api, 4, of(topic, 9), { show: only });
  await r.call('log directories of no topics', api, 4, newDescribeLogDirsRequest({ topics: [] }), { show: only });
  await r.call('move to where it is', alter, [1, 2], moveTo(`${dataDir}/a`));
  await r.call('move to a directory that is none', alter, 2, moveTo('/no/such'));
  await r.call('move an unknown topic', alter, 2, moveTo(`${dataDir}/b`, 'cluster-none'));
  await r.call('move an unknown partition', alter, 2, moveTo(`${dataDir}/b`, topic, 9));
  await r.call('move', alter, 2, moveTo(`${dataDir}/b`));
  await r.call<DescribeLogDirsResponse>('after the move', api, 4, newDescribeLogDirsRequest({ topics: null }), {
    until: isIn(`${dataDir}/b`),
    show: only,
  });
  await r.call('records after the move', ApiKey.FETCH, 12, fetch({ topic }), {
    until: ({ responses }: { responses: { partitions: { errorCode: number }[] }[] }) =>
      responses[0]?.partitions[0]?.errorCode === 0,
  });
  await r.call('produce after the move', ApiKey.PRODUCE, 12, produce({ topic, records: batch(['3']) }));
}

export const clusterScript: Script = {
  name: 'cluster',
  run: async (r, { dataDir }) => {
    await clusterAndQuorum(r);
    await features(r);
    await logDirs(r, dataDir);
  },
};
