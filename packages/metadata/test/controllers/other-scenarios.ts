/** Configurations, directories, quotas, credentials, access and features, after the scenarios of topics. */
import {
  ApiKey,
  newAlterClientQuotasRequest,
  newAlterConfigsRequest,
  newAlterUserScramCredentialsRequest,
  newAssignReplicasToDirsRequest,
  newControllerRegistrationRequest,
  newCreateAclsRequest,
  newDeleteAclsRequest,
  newIncrementalAlterConfigsRequest,
  newUpdateFeaturesRequest,
} from '@skarab/protocol';
import { directoryOf, registration } from '../test-node.ts';
import type { Cluster, Scenario } from './cluster.ts';

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** In their order; each goes on where the one before ended. */
export const otherScenarios: readonly Scenario[] = [
  { name: 'configurations change', run: configurationsChange },
  { name: 'replicas go to directories', run: replicasGoToDirectories },
  { name: 'quotas change', run: quotasChange },
  { name: 'credentials change', run: credentialsChange },
  { name: 'access is given and taken', run: accessIsGivenAndTaken },
  { name: 'features, producer ids, controllers, and brokers that leave', run: featuresAndMembersChange },
];

async function configurationsChange(cluster: Cluster): Promise<void> {
  type Change = [string, number, string | null];
  const alter = (resources: [number, string, Change[]][], validateOnly = false) =>
    cluster.call(ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, () =>
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
    cluster.call(ApiKey.ALTER_CONFIGS, 2, () =>
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
}

async function replicasGoToDirectories(cluster: Cluster): Promise<void> {
  const assign = (
    brokerId: number,
    directories: [string, string, number[]][],
    brokerEpoch = cluster.epochs.get(brokerId),
  ) =>
    cluster.call(ApiKey.ASSIGN_REPLICAS_TO_DIRS, 0, (idOf) =>
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
}

async function quotasChange(cluster: Cluster): Promise<void> {
  type Entity = [string, string | null][];
  const alter = (entries: [Entity, [string, number | null][]][], validateOnly = false) =>
    cluster.call(ApiKey.ALTER_CLIENT_QUOTAS, 1, () =>
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
}

async function credentialsChange(cluster: Cluster): Promise<void> {
  const upsertion = (name: string, changes = {}) => ({
    name,
    mechanism: 1,
    iterations: 4096,
    salt: new Uint8Array([1, 2, 3]),
    saltedPassword: new Uint8Array(32).fill(9),
    ...changes,
  });
  const alter = (fields: Parameters<typeof newAlterUserScramCredentialsRequest>[0]) =>
    cluster.call(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, 0, () => newAlterUserScramCredentialsRequest(fields));
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
}

async function accessIsGivenAndTaken(cluster: Cluster): Promise<void> {
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
    cluster.call(ApiKey.CREATE_ACLS, 3, () => newCreateAclsRequest({ creations }));
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
    cluster.call(ApiKey.DELETE_ACLS, 3, () => newDeleteAclsRequest({ filters }));
  await remove([filter({ resourceNameFilter: 'nothing' }), filter({ resourceNameFilter: 'c' })]);
  await remove([filter({ resourceNameFilter: 'bcd', patternTypeFilter: 2 }), filter({ resourceTypeFilter: 4 })]);
  await remove([filter({ principalFilter: 'User:alice', operation: 3 }), filter({ principalFilter: 'User:alice' })]);
}

async function featuresAndMembersChange(cluster: Cluster): Promise<void> {
  const update = (updates: [string, number, number][], validateOnly = false, version = 2) =>
    cluster.call(ApiKey.UPDATE_FEATURES, version, () =>
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
    await cluster.call(ApiKey.ALLOCATE_PRODUCER_IDS, 0, () => ({
      brokerId,
      brokerEpoch: cluster.epochs.get(brokerId) ?? 5n,
    }));
  }
  await cluster.call(ApiKey.ALLOCATE_PRODUCER_IDS, 0, () => ({ brokerId: 2, brokerEpoch: 1n }));
  await cluster.call(ApiKey.CONTROLLER_REGISTRATION, 0, () =>
    newControllerRegistrationRequest({
      controllerId: 7,
      incarnationId: 'INCARNATION000000000CA',
      listeners: [{ name: 'CONTROLLER', host: 'h', port: 1, securityProtocol: 0 }],
      features: registration(1, '').features,
    }),
  );
  await update([['group.version', 0, 2]]);
  for (const brokerId of [4, 4, 99]) await cluster.call(ApiKey.UNREGISTER_BROKER, 0, () => ({ brokerId }));
  await cluster.beat(4);
  await cluster.register(4, 'INCARNATION000000004AA', { previousBrokerEpoch: cluster.epochs.get(4) });
  await cluster.beat(4);
}
