/** Our controller beside the JVM's: single requests with everything that can be wrong with them. */
import { test } from 'node:test';
import {
  ApiKey,
  type BrokerRegistrationResponse,
  newAlterClientQuotasRequest,
  newAlterConfigsRequest,
  newAlterPartitionReassignmentsRequest,
  newAlterPartitionRequest,
  newAlterPartitionRequestPartitionData,
  newAlterUserScramCredentialsRequest,
  newAssignReplicasToDirsRequest,
  newBrokerHeartbeatRequest,
  newControllerRegistrationRequest,
  newCreatableTopic,
  newCreateAclsRequest,
  newCreatePartitionsRequest,
  newCreateTopicsRequest,
  newDeleteAclsRequest,
  newDeleteTopicsRequest,
  newElectLeadersRequest,
  newIncrementalAlterConfigsRequest,
  newUpdateFeaturesRequest,
} from '@skarab/protocol';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { directoryOf, registration } from './test-node.ts';
import { TwinControllers } from './twin-controllers.ts';

const assignments = (...partitions: number[][]) =>
  partitions.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }));

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

test('answers and records are those of the JVM', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const twins = await TwinControllers.start(jvm);
  t.after(() => twins.stop());
  const epochs = new Map<number, bigint>();

  const register = async (id: number, incarnation: string, changes = {}, version = 4) => {
    const request = { ...registration(id, incarnation), clusterId: '5L6g3nShT-eMCtK--X86sw', ...changes };
    const response = await twins.call<BrokerRegistrationResponse>(ApiKey.BROKER_REGISTRATION, version, () => request);
    if (!(response instanceof Error)) epochs.set(id, response.brokerEpoch);
  };
  const beat = (id: number, changes = {}) =>
    twins.call(ApiKey.BROKER_HEARTBEAT, 2, () =>
      newBrokerHeartbeatRequest({
        brokerId: id,
        brokerEpoch: epochs.get(id) ?? -1n,
        currentMetadataOffset: BigInt(twins.logEndOffset),
        ...changes,
      }),
    );
  const createTopics = (topics: Parameters<typeof newCreatableTopic>[0][], validateOnly = false, version = 7) =>
    twins.call(ApiKey.CREATE_TOPICS, version, () =>
      newCreateTopicsRequest({
        topics: topics.map((topic) => newCreatableTopic({ replicationFactor: -1, numPartitions: -1, ...topic })),
        validateOnly,
      }),
    );

  await t.test('brokers register', async () => {
    await beat(1);
    await register(1, 'INCARNATION0000000001A');
    await register(1, 'INCARNATION0000000001A', { rack: 'r1' });
    await register(1, 'INCARNATION000000000BA');
    await register(2, 'INCARNATION0000000002A', { clusterId: 'another' });
    await register(2, 'INCARNATION0000000002A', { logDirs: [] });
    await register(2, 'INCARNATION0000000002A', { logDirs: [directoryOf(1)] });
    await register(2, 'INCARNATION0000000002A', { logDirs: [directoryOf(2), directoryOf(2)] });
    await register(2, 'INCARNATION0000000002A', { logDirs: [NO_ID] });
    await register(2, 'INCARNATION0000000002A', { features: [] });
    await register(2, 'INCARNATION0000000002A', {
      features: registration(2, '').features.map((feature) => ({
        ...feature,
        maxSupportedVersion: 0,
        minSupportedVersion: 0,
      })),
    });
    await register(2, 'INCARNATION0000000002A', { isMigratingZkBroker: true });
    await register(2, 'INCARNATION0000000002A', { rack: 'r2' });
    await register(3, 'INCARNATION0000000003A', { logDirs: [directoryOf(3), directoryOf(33)] }, 3);
    await register(4, 'INCARNATION0000000004A', {}, 2);
    await beat(1, { brokerEpoch: 7777n });
    await beat(1, { wantFence: true });
    await beat(1, { currentMetadataOffset: 0n });
    for (const id of [1, 2, 3, 4]) await beat(id);
    await beat(1);
  });

  await t.test('topics are created', async () => {
    await createTopics([{ name: 'a', assignments: assignments([1, 2, 3], [2, 3, 1], [3, 1, 2]) }]);
    await createTopics([{ name: 'a' }, { name: 'a' }, { name: 'b.c', assignments: assignments([1]) }]);
    await createTopics([
      { name: 'b_c' },
      { name: '' },
      { name: '.' },
      { name: '..' },
      { name: 'x y' },
      { name: 'x'.repeat(250) },
    ]);
    await createTopics([{ name: '__cluster_metadata' }, { name: 'a' }]);
    await createTopics([
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
    await createTopics([{ name: 'dry', assignments: assignments([1]) }], true, 7);
    await createTopics([
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
    await createTopics([{ name: 'many', numPartitions: 10_001, replicationFactor: 1 }]);
    await createTopics([]);
  });

  await t.test('topics are deleted', async () => {
    await createTopics([
      { name: 'gone', assignments: assignments([1], [2]) },
      { name: 'gone2', assignments: assignments([1]) },
    ]);
    const remove = (topics: { name: string | null; topic?: string }[]) =>
      twins.call(ApiKey.DELETE_TOPICS, 6, (idOf) =>
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
  });

  await t.test('partitions are added', async () => {
    const add = (topics: { name: string; count: number; assignments: number[][] | null }[], validateOnly = false) =>
      twins.call(ApiKey.CREATE_PARTITIONS, 3, () =>
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
  });

  await t.test('in-sync replicas change', async () => {
    const alter = (
      brokerId: number,
      topic: string,
      partitionIndex: number,
      newIsr: number[],
      changes = {},
      version = 3,
    ) =>
      twins.call(ApiKey.ALTER_PARTITION, version, (idOf) =>
        newAlterPartitionRequest({
          brokerId,
          brokerEpoch: epochs.get(brokerId) ?? -1n,
          topics: [
            {
              topicId: idOf(topic),
              partitions: [
                newAlterPartitionRequestPartitionData({
                  partitionIndex,
                  leaderEpoch: twins.image.topics.byName.get(topic)?.partitions[partitionIndex]?.leaderEpoch ?? 0,
                  partitionEpoch: twins.image.topics.byName.get(topic)?.partitions[partitionIndex]?.partitionEpoch ?? 0,
                  newIsr: version >= 3 ? [] : newIsr,
                  newIsrWithEpochs:
                    version >= 3 ? newIsr.map((id) => ({ brokerId: id, brokerEpoch: epochs.get(id) ?? -1n })) : [],
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
  });

  await t.test('brokers fail, leaders are elected', async () => {
    const elect = (electionType: number, topicPartitions: { topic: string; partitions: number[] }[] | null) =>
      twins.call(ApiKey.ELECT_LEADERS, 2, () =>
        newElectLeadersRequest({ electionType, topicPartitions, timeoutMs: 1000 }),
      );
    await beat(2, { wantFence: true });
    await beat(4, { wantFence: true });
    await beat(3, { wantFence: true });
    await elect(1, [
      { topic: 'c', partitions: [0, 1] },
      { topic: 'nowhere', partitions: [0] },
    ]);
    await elect(0, [{ topic: 'a', partitions: [0, 1, 2, 3] }]);
    await beat(1, { wantFence: true });
    await elect(1, null);
    await beat(2);
    await beat(2);
    await elect(1, [{ topic: 'd', partitions: [0, 1, 2] }]);
    for (const id of [3, 1, 4, 3, 1, 4]) await beat(id);
    await elect(0, [
      { topic: 'a', partitions: [0, 1] },
      { topic: 'd', partitions: [0] },
    ]);
    await elect(0, []);
    await elect(7, [{ topic: 'a', partitions: [0] }]);
    await beat(3, { offlineLogDirs: [directoryOf(33)] });
    await beat(3, { offlineLogDirs: [directoryOf(33), directoryOf(3)] });
    await beat(1, { wantShutDown: true });
    await beat(1, { wantShutDown: true });
    await beat(1, { wantShutDown: true, currentMetadataOffset: 99_999n });
    for (const id of [2, 4]) await beat(id);
    await beat(1, { wantShutDown: true });
  });

  await t.test('replicas are moved', async () => {
    const reassign = (name: string, partitions: [number, number[] | null][], allowReplicationFactorChange = true) =>
      twins.call(ApiKey.ALTER_PARTITION_REASSIGNMENTS, 1, () =>
        newAlterPartitionReassignmentsRequest({
          allowReplicationFactorChange,
          topics: [
            { name, partitions: partitions.map(([partitionIndex, replicas]) => ({ partitionIndex, replicas })) },
          ],
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
    await twins.call(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, () => ({ timeoutMs: 1000, topics: null }));
    await twins.call(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, () => ({
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
    await twins.call(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, () => ({ timeoutMs: 1000, topics: null }));
  });

  await t.test('configurations change', async () => {
    type Change = [string, number, string | null];
    const alter = (resources: [number, string, Change[]][], validateOnly = false) =>
      twins.call(ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, () =>
        newIncrementalAlterConfigsRequest({
          validateOnly,
          resources: resources.map(([resourceType, resourceName, changes]) => ({
            resourceType,
            resourceName,
            configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })),
          })),
        }),
      );
    const topic = 2;
    const broker = 4;
    await alter([
      [
        topic,
        'a',
        [
          ['retention.ms', 0, '5'],
          ['cleanup.policy', 2, 'compact'],
        ],
      ],
    ]);
    await alter([
      [topic, 'a', [['cleanup.policy', 2, 'compact']]],
      [topic, 'd', [['cleanup.policy', 3, 'delete']]],
    ]);
    await alter([
      [topic, 'a', [['cleanup.policy', 3, 'delete']]],
      [topic, 'nowhere', [['retention.ms', 0, '5']]],
    ]);
    await alter([
      [topic, 'a', [['retention.ms', 2, '5']]],
      [topic, 'd', [['no.such', 0, '5']]],
    ]);
    await alter([
      [topic, 'a', [['retention.ms', 0, 'x']]],
      [topic, 'd', [['retention.ms', 0, null]]],
    ]);
    await alter([
      [
        topic,
        'a',
        [
          ['retention.ms', 1, null],
          ['segment.bytes', 1, null],
        ],
      ],
      [topic, '', [['retention.ms', 0, '5']]],
    ]);
    await alter([
      [topic, 'a', [['retention.ms', 0, '6']]],
      [topic, 'a', [['retention.ms', 0, '7']]],
    ]);
    await alter([
      [
        topic,
        'a',
        [
          ['retention.ms', 0, '6'],
          ['retention.ms', 0, '7'],
        ],
      ],
    ]);
    await alter([[topic, 'a', [['retention.ms', 0, '8']]]], true);
    await alter([
      [broker, '', [['log.cleaner.threads', 0, '2']]],
      [broker, '1', [['log.cleaner.threads', 0, '3']]],
      [broker, '99', [['log.cleaner.threads', 0, '3']]],
    ]);
    await alter([
      [broker, 'x', [['log.cleaner.threads', 0, '3']]],
      [broker, '', [['min.insync.replicas', 1, null]]],
      [broker, '2', [['min.insync.replicas', 0, '2']]],
    ]);
    await alter([[broker, '', [['min.insync.replicas', 0, '2']]]]);
    await alter([
      [broker, '', [['min.insync.replicas', 0, '1']]],
      [77, 'x', [['a', 0, 'b']]],
      [0, 'x', [['a', 0, 'b']]],
    ]);
    await alter([[broker, '', [['unclean.leader.election.enable', 0, 'true']]]]);
    await alter([[broker, '', [['unclean.leader.election.enable', 1, null]]]]);
    await alter([]);
    const replace = (resources: [number, string, [string, string | null][]][], validateOnly = false) =>
      twins.call(ApiKey.ALTER_CONFIGS, 2, () =>
        newAlterConfigsRequest({
          validateOnly,
          resources: resources.map(([resourceType, resourceName, configs]) => ({
            resourceType,
            resourceName,
            configs: configs.map(([name, value]) => ({ name, value })),
          })),
        }),
      );
    await replace([[topic, 'a', [['segment.bytes', '2000000']]]]);
    await replace(
      [
        [
          topic,
          'a',
          [
            ['segment.bytes', '2000000'],
            ['retention.ms', '1'],
          ],
        ],
      ],
      true,
    );
    await replace([
      [topic, 'a', []],
      [topic, 'nowhere', []],
      [topic, 'd', [['retention.ms', 'x']]],
      [broker, '1', [['log.cleaner.threads', '4']]],
    ]);
    await replace([[topic, 'd', [['retention.ms', null]]]]);
  });

  await t.test('replicas go to directories', async () => {
    const assign = (brokerId: number, directories: [string, string, number[]][], brokerEpoch = epochs.get(brokerId)) =>
      twins.call(ApiKey.ASSIGN_REPLICAS_TO_DIRS, 0, (idOf) =>
        newAssignReplicasToDirsRequest({
          brokerId,
          brokerEpoch: brokerEpoch ?? -1n,
          directories: directories.map(([id, topic, partitions]) => ({
            id,
            topics: [{ topicId: idOf(topic), partitions: partitions.map((partitionIndex) => ({ partitionIndex })) }],
          })),
        }),
      );
    await assign(3, [
      [directoryOf(33), 'a', [0, 1, 9]],
      [directoryOf(3), 'nowhere', [0]],
    ]);
    await assign(3, [
      [directoryOf(33), 'd', [0]],
      [directoryOf(3), 'a', [1]],
    ]);
    await assign(2, [
      [directoryOf(3), 'a', [0]],
      [directoryOf(77), 'a', [1]],
      [NO_ID, 'a', [0]],
    ]);
    await assign(2, [[directoryOf(2), 'a', [0]]], 3n);
    await assign(2, [['AAAAAAAAAAAAAAAAAAAAAQ', 'a', [0]]]);
  });

  await t.test('quotas change', async () => {
    type Entity = [string, string | null][];
    const alter = (entries: [Entity, [string, number | null][]][], validateOnly = false) =>
      twins.call(ApiKey.ALTER_CLIENT_QUOTAS, 1, () =>
        newAlterClientQuotasRequest({
          validateOnly,
          entries: entries.map(([entity, ops]) => ({
            entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
            ops: ops.map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
          })),
        }),
      );
    await alter([
      [
        [['user', 'alice']],
        [
          ['producer_byte_rate', 5],
          ['request_percentage', 12.5],
        ],
      ],
    ]);
    await alter([
      [
        [
          ['user', 'alice'],
          ['client-id', null],
        ],
        [['consumer_byte_rate', 5]],
      ],
      [[['user', null]], [['producer_byte_rate', 7]]],
    ]);
    await alter([
      [
        [['user', 'alice']],
        [
          ['producer_byte_rate', null],
          ['consumer_byte_rate', null],
        ],
      ],
    ]);
    await alter([
      [[['user', 'bob']], [['no_such', 1]]],
      [[['user', 'bob']], [['producer_byte_rate', 1]]],
    ]);
    await alter([
      [
        [['user', 'w']],
        [
          ['producer_byte_rate', 1],
          ['producer_byte_rate', 2],
        ],
      ],
      [[['user', 'x']], [['producer_byte_rate', 1.5]]],
      [[['user', 'y']], [['producer_byte_rate', -1]]],
      [[['user', 'z']], [['producer_byte_rate', 0]]],
    ]);
    await alter([
      [[['ip', '1.2.3.4']], [['connection_creation_rate', 5]]],
      [[['ip', null]], [['producer_byte_rate', 5]]],
      [
        [
          ['ip', '1.2.3.5'],
          ['user', 'x'],
        ],
        [['connection_creation_rate', 5]],
      ],
    ]);
    await alter([
      [[['nonsense', 'x']], [['producer_byte_rate', 5]]],
      [[], [['producer_byte_rate', 5]]],
      [[['user', '']], [['producer_byte_rate', 5]]],
    ]);
    await alter([[[['user', 'dry']], [['producer_byte_rate', 5]]]], true);
    await alter([]);
  });

  await t.test('credentials change', async () => {
    const upsertion = (name: string, changes = {}) => ({
      name,
      mechanism: 1,
      iterations: 4096,
      salt: new Uint8Array([1, 2, 3]),
      saltedPassword: new Uint8Array(32).fill(9),
      ...changes,
    });
    const alter = (fields: Parameters<typeof newAlterUserScramCredentialsRequest>[0]) =>
      twins.call(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, 0, () => newAlterUserScramCredentialsRequest(fields));
    await alter({
      upsertions: [upsertion('alice'), upsertion('bob', { mechanism: 2, saltedPassword: new Uint8Array(64).fill(8) })],
    });
    await alter({
      upsertions: [upsertion('few', { iterations: 4095 }), upsertion('many', { iterations: 16385 }), upsertion('')],
    });
    await alter({ upsertions: [upsertion('odd', { mechanism: 0 }), upsertion('odder', { mechanism: 3 })] });
    await alter({ upsertions: [upsertion('twice'), upsertion('twice', { mechanism: 2 })] });
    await alter({
      deletions: [
        { name: 'nobody', mechanism: 1 },
        { name: 'alice', mechanism: 2 },
        { name: 'bob', mechanism: 0 },
        { name: '', mechanism: 1 },
      ],
    });
    await alter({ deletions: [{ name: 'alice', mechanism: 1 }], upsertions: [upsertion('alice')] });
    await alter({ deletions: [{ name: 'alice', mechanism: 1 }], upsertions: [upsertion('carol')] });
    await alter({});
  });

  await t.test('access is given and taken', async () => {
    const creation = (resourceName: string, changes = {}) => ({
      resourceType: 2,
      resourceName,
      resourcePatternType: 3,
      principal: 'User:alice',
      host: '*',
      operation: 3,
      permissionType: 3,
      ...changes,
    });
    const create = (creations: ReturnType<typeof creation>[]) =>
      twins.call(ApiKey.CREATE_ACLS, 3, () => newCreateAclsRequest({ creations }));
    await create([creation('a'), creation('b', { resourcePatternType: 4 }), creation('*', { principal: 'User:*' })]);
    await create([creation('a'), creation('c', { operation: 4 }), creation('c', { operation: 4 })]);
    await create([creation(''), creation('x', { resourceType: 4 }), creation('kafka-cluster', { resourceType: 4 })]);
    await create([
      creation('x', { principal: 'alice' }),
      creation('x', { principal: 'User:' }),
      creation('x', { principal: '' }),
    ]);
    await create([]);
    const filter = (changes = {}) => ({
      resourceTypeFilter: 2,
      resourceNameFilter: null,
      patternTypeFilter: 1,
      principalFilter: null,
      hostFilter: null,
      operation: 1,
      permissionType: 1,
      ...changes,
    });
    const remove = (filters: ReturnType<typeof filter>[]) =>
      twins.call(ApiKey.DELETE_ACLS, 3, () => newDeleteAclsRequest({ filters }));
    await remove([filter({ resourceNameFilter: 'nothing' }), filter({ resourceNameFilter: 'c' })]);
    await remove([filter({ resourceNameFilter: 'bcd', patternTypeFilter: 2 }), filter({ resourceTypeFilter: 4 })]);
    await remove([filter({ principalFilter: 'User:alice', operation: 3 }), filter({ principalFilter: 'User:alice' })]);
  });

  await t.test('features, producer ids, controllers, and brokers that leave', async () => {
    const update = (updates: [string, number, number][], validateOnly = false, version = 2) =>
      twins.call(ApiKey.UPDATE_FEATURES, version, () =>
        newUpdateFeaturesRequest({
          timeoutMs: 10_000,
          validateOnly,
          featureUpdates: updates.map(([feature, maxVersionLevel, upgradeType]) => ({
            feature,
            maxVersionLevel,
            upgradeType,
            allowDowngrade: false,
          })),
        }),
      );
    await update([['metadata.version', 30, 1]]);
    await update([['metadata.version', 29, 1]]);
    await update([['metadata.version', 29, 2]]);
    await update([['metadata.version', 25, 3]]);
    await update([['metadata.version', 31, 1]]);
    await update([['metadata.version', 6, 3]]);
    await update(
      [
        ['group.version', 0, 2],
        ['share.version', 0, 2],
      ],
      true,
    );
    await update([['group.version', 0, 1]]);
    await update([['group.version', 0, 2]], false, 1);
    await update([['group.version', 1, 2]]);
    await update([
      ['group.version', 1, 1],
      ['transaction.version', 9, 1],
    ]);
    await update([['no.such', 1, 1]]);
    await update([['group.version', 1, 0]]);
    await update([['group.version', 1, 1]]);
    await update([['eligible.leader.replicas.version', 0, 2]]);
    await update([['eligible.leader.replicas.version', 1, 1]]);
    await update([['kraft.version', 1, 1]]);
    await update([['kraft.version', 0, 2]]);
    await update([['kraft.version', 2, 1]]);
    for (const brokerId of [2, 9]) {
      await twins.call(ApiKey.ALLOCATE_PRODUCER_IDS, 0, () => ({ brokerId, brokerEpoch: epochs.get(brokerId) ?? 5n }));
    }
    await twins.call(ApiKey.ALLOCATE_PRODUCER_IDS, 0, () => ({ brokerId: 2, brokerEpoch: 1n }));
    await twins.call(ApiKey.CONTROLLER_REGISTRATION, 0, () =>
      newControllerRegistrationRequest({
        controllerId: 7,
        incarnationId: 'INCARNATION000000000CA',
        listeners: [{ name: 'CONTROLLER', host: 'h', port: 1, securityProtocol: 0 }],
        features: registration(1, '').features,
      }),
    );
    await update([['group.version', 0, 2]]);
    for (const brokerId of [4, 4, 99]) await twins.call(ApiKey.UNREGISTER_BROKER, 0, () => ({ brokerId }));
    await beat(4);
    await register(4, 'INCARNATION000000004AA', { previousBrokerEpoch: epochs.get(4) });
    await beat(4);
  });

  await t.test('the logs are the same', () => twins.compareLogs());
});
