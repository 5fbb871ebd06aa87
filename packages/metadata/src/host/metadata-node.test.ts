import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage } from '@skarab/log';
import {
  ApiError,
  ErrorCode,
  newAlterClientQuotasRequest,
  newBrokerHeartbeatRequest,
  newCreatableTopic,
  newCreateTopicsRequest,
  newDeleteTopicsRequest,
  newUpdateFeaturesRequest,
} from '@skarab/protocol';
import {
  access,
  directoryOf,
  ENDPOINT,
  format,
  joinBroker,
  registration,
  startNewNode,
  startNode,
} from '../../test/test-node.ts';
import { ControllerState } from '../core/controller/controller-state.ts';
import { localReplicaChanges } from '../core/delta/local-replica-changes.ts';
import type { MetadataDelta } from '../core/delta/metadata-delta.ts';
import { EMPTY_IMAGE, imageRecords, type MetadataImage } from '../core/image/metadata-image.ts';
import type { LoaderManifest, MetadataPublisher } from '../core/publisher.ts';

const v = (requestVersion: number) => ({ requestVersion });

/** Keeps what it is told. */
class RecordingPublisher implements MetadataPublisher {
  readonly name = 'recording';
  readonly updates: { delta: MetadataDelta; image: MetadataImage; manifest: LoaderManifest }[] = [];

  onMetadataUpdate(delta: MetadataDelta, image: MetadataImage, manifest: LoaderManifest): void {
    this.updates.push({ delta, image, manifest });
  }
}

const topicsRequest = (names: readonly string[], numPartitions = 1) =>
  newCreateTopicsRequest({
    topics: names.map((name) => newCreatableTopic({ name, numPartitions, replicationFactor: -1 })),
  });

test('the first start writes the bootstrap records, and registers the controller', async () => {
  const { node } = await startNewNode();
  while (node.image.cluster.controllers.size === 0) await new Promise(setImmediate);
  const { features, configs, cluster } = node.image;
  assert.equal(features.metadataVersion, 30);
  assert.deepEqual(Object.fromEntries(features.finalizedVersions), {
    'eligible.leader.replicas.version': 1,
    'group.version': 1,
    'share.version': 1,
    'streams.version': 1,
    'transaction.version': 2,
  });
  assert.deepEqual([...configs.clusterDefaults], [['min.insync.replicas', '1']]);
  assert.deepEqual(cluster.controllers.get(1)?.listeners, new Map([['CONTROLLER', ENDPOINT]]));
  assert.deepEqual([node.kraftVersion, node.leader], [1, { leaderId: 1, epoch: 1 }]);
  await node.close();
});

test('a broker joins, topics come and go, and all of it is there after a restart', async () => {
  const running = await startNewNode();
  const { node, storage } = running;
  const epoch = await joinBroker(running);
  assert.equal(node.image.cluster.brokers.get(1)?.fenced, false);
  const created = await node.controller.createTopics(v(7), topicsRequest(['a', 'b'], 3), access);
  assert.deepEqual(
    created.topics.map(({ name, errorCode, numPartitions, replicationFactor }) => [
      name,
      errorCode,
      numPartitions,
      replicationFactor,
    ]),
    [
      ['a', 0, 3, 1],
      ['b', 0, 3, 1],
    ],
  );
  const partition = node.image.topics.byName.get('a')?.partitions[2];
  assert.deepEqual(partition, {
    replicas: [1],
    directories: [directoryOf(1)],
    isr: [1],
    elr: [],
    lastKnownElr: [],
    removingReplicas: [],
    addingReplicas: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
  });
  await node.controller.deleteTopics(
    v(6),
    newDeleteTopicsRequest({ topics: [{ name: 'b', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }] }),
    access,
  );
  const ids = await node.controller.allocateProducerIds(v(0), { brokerId: 1, brokerEpoch: epoch });
  assert.deepEqual([ids.producerIdStart, ids.producerIdLen], [0n, 1000]);
  const before = [...imageRecords(node.image)];
  await node.close();

  const again = await startNode({ storage });
  assert.deepEqual(
    [...imageRecords(again.node.image)].filter(({ type }) => type !== 'RegisterControllerRecord'),
    before.filter(({ type }) => type !== 'RegisterControllerRecord'),
  );
  assert.deepEqual(again.node.leader, { leaderId: 1, epoch: 2 });
  await again.node.close();
});

test('a reply comes when what it is based on is committed and published', async () => {
  const running = await startNewNode();
  const { node } = running;
  await joinBroker(running);
  const publisher = new RecordingPublisher();
  node.install(publisher);
  const [{ delta, manifest }] = publisher.updates.splice(0) as [RecordingPublisher['updates'][number]];
  assert.equal(manifest.kind, 'snapshot');
  assert.equal(delta.image, EMPTY_IMAGE);
  assert.deepEqual([...(delta.cluster?.changedBrokers.keys() ?? [])], [1]);
  const create = node.controller.createTopics(v(7), topicsRequest(['a']), access);
  // Based on the first, which is not committed yet.
  const again = node.controller.createTopics(v(7), topicsRequest(['a']), access);
  assert.equal(node.image.topics.byName.get('a'), undefined);
  assert.equal((await again).topics[0]?.errorCode, ErrorCode.TOPIC_ALREADY_EXISTS);
  assert.equal(publisher.updates.length, 1);
  const [update] = publisher.updates;
  assert.equal(update?.manifest.kind, 'log');
  assert.equal(update?.image, node.image);
  assert.equal(localReplicaChanges(update!.delta.topics!, 1).leaders.length, 1);
  assert.equal((await create).topics[0]?.topicId, node.image.topics.byName.get('a')?.id);
  await node.close();
});

test('a controlled shutdown gives up leadership; an uncontrolled one ends the session', async () => {
  const running = await startNewNode({ times: { brokerSessionTimeoutMs: 40 } });
  const { node } = running;
  const epoch = await joinBroker(running);
  await node.controller.createTopics(v(7), topicsRequest(['a']), access);
  const beat = (wantShutDown: boolean) =>
    node.controller.processBrokerHeartbeat(
      v(1),
      newBrokerHeartbeatRequest({
        brokerId: 1,
        brokerEpoch: epoch,
        currentMetadataOffset: BigInt(node.logEndOffset - 1),
        wantShutDown,
      }),
    );
  const replies = [await beat(true), await beat(true)];
  assert.deepEqual(
    replies.map(({ isFenced, shouldShutDown }) => [isFenced, shouldShutDown]),
    [
      [false, false],
      [true, true],
    ],
  );
  const leadership = () => {
    const partition = node.image.topics.byName.get('a')?.partitions[0];
    return [partition?.leader, partition?.isr, partition?.elr];
  };
  assert.deepEqual(leadership(), [-1, [], [1]]);

  await assert.rejects(node.controller.registerBroker(v(4), registration(1, 'INCARNATION000000000BA')), {
    errorCode: ErrorCode.DUPLICATE_BROKER_REGISTRATION,
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { brokerEpoch } = await node.controller.registerBroker(v(4), registration(1, 'INCARNATION000000000BA'));
  await node.controller.processBrokerHeartbeat(
    v(1),
    newBrokerHeartbeatRequest({ brokerId: 1, brokerEpoch, currentMetadataOffset: BigInt(node.logEndOffset) }),
  );
  assert.equal(node.image.cluster.brokers.get(1)?.fenced, false);
  assert.deepEqual(leadership(), [1, [1], []]);
  while (node.image.cluster.brokers.get(1)?.fenced !== true) await new Promise((resolve) => setTimeout(resolve, 5));
  await node.close();
});

test('after a crash the broker beside the controller need not wait for the session of its predecessor', async () => {
  const storage = new MemoryStorage();
  const running = await startNewNode({ storage });
  await joinBroker(running);
  await joinBroker(running, 2);
  await running.node.close();
  const { node } = await startNode({ storage });
  assert.equal(node.image.cluster.brokers.get(1)?.fenced, false, 'as it was left');
  await node.controller.registerBroker(v(4), registration(1, 'INCARNATION000000000BA'));
  assert.equal(node.image.cluster.brokers.get(1)?.fenced, true);
  const elsewhere = registration(2, 'INCARNATION000000000BA', 'ELSEWHERE00000000000AA');
  await assert.rejects(node.controller.registerBroker(v(4), elsewhere), {
    errorCode: ErrorCode.DUPLICATE_BROKER_REGISTRATION,
  });
  await node.close();
});

test('after all have died, whoever holds the directories of its predecessor need not wait; while that one lives, it must', async () => {
  const storage = new MemoryStorage();
  const running = await startNewNode({ storage });
  await joinBroker(running);
  await joinBroker(running, 2);
  const epoch = await joinBroker(running, 3);
  await running.node.close();
  const { node } = await startNode({ storage });
  await node.controller.registerBroker(v(4), registration(2, 'INCARNATION000000000BA'));
  assert.equal(node.image.cluster.brokers.get(2)?.fenced, true);
  const heartbeat = { brokerId: 3, brokerEpoch: epoch, currentMetadataOffset: BigInt(node.logEndOffset - 1) };
  await node.controller.processBrokerHeartbeat(v(1), newBrokerHeartbeatRequest(heartbeat));
  await assert.rejects(node.controller.registerBroker(v(4), registration(3, 'INCARNATION000000000BA')), {
    errorCode: ErrorCode.DUPLICATE_BROKER_REGISTRATION,
  });
  await node.close();
});

test('idle records keep the log alive', async () => {
  const { node } = await startNewNode({ times: { maxIdleIntervalMs: 2 } });
  const { highWatermark } = node;
  while (node.highWatermark < highWatermark + 3) await new Promise((resolve) => setTimeout(resolve, 2));
  await node.close();
});

test('snapshots are written, and are what a restart begins with', async () => {
  const running = await startNewNode({
    snapshots: { maxBytes: 2000 },
    retention: { maxBytes: 0 },
    fileDeleteDelayMs: 0,
  });
  const { node, storage } = running;
  await joinBroker(running);
  for (let i = 0; i < 10; i++) {
    await node.controller.createTopics(v(7), topicsRequest([`t${i}`], 5), access);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  }
  await node.controller.alterClientQuotas(
    v(1),
    newAlterClientQuotasRequest({
      entries: [
        {
          entity: [{ entityType: 'user', entityName: 'alice' }],
          ops: [{ key: 'producer_byte_rate', value: 5, remove: false }],
        },
      ],
    }),
  );
  const before = [...imageRecords(node.image)];
  await node.close();
  const snapshots = storage.list('/data/__cluster_metadata-0').filter(({ name }) => name.endsWith('.checkpoint'));
  assert.ok(snapshots.length >= 2, `${snapshots.map(({ name }) => name)}`);
  const again = await startNode({ storage });
  assert.deepEqual(
    [...imageRecords(again.node.image)].filter(({ type }) => type !== 'RegisterControllerRecord'),
    before.filter(({ type }) => type !== 'RegisterControllerRecord'),
  );
  await again.node.close();
});

test('a controller that is not there says so', async () => {
  const { node } = await startNewNode();
  await node.close();
  await assert.rejects(node.controller.createTopics(v(7), topicsRequest(['a']), access), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.errorCode, ErrorCode.NOT_CONTROLLER);
    return true;
  });
});

test('what cannot be replayed is not written, and the controller starts over with what is committed', async (t) => {
  const running = await startNewNode();
  const { node } = running;
  await joinBroker(running);
  const { apply } = ControllerState.prototype;
  t.after(() => {
    ControllerState.prototype.apply = apply;
  });
  const pending = node.controller.createTopics(v(7), topicsRequest(['a']), access);
  ControllerState.prototype.apply = () => {
    ControllerState.prototype.apply = apply;
    throw new Error('a mistake');
  };
  const rejection = { errorCode: ErrorCode.NOT_CONTROLLER };
  await Promise.all([
    assert.rejects(node.controller.createTopics(v(7), topicsRequest(['b']), access), rejection),
    // It is in the log, and will be committed, but nobody can tell yet.
    assert.rejects(pending, rejection),
  ]);
  while (node.leader.epoch < 2 || node.leader.leaderId === null) await new Promise(setImmediate);
  await node.controller.createTopics(v(7), topicsRequest(['c']), access);
  assert.deepEqual([...node.image.topics.byName.keys()].sort(), ['a', 'c']);
  assert.equal(node.image.cluster.brokers.get(1)?.fenced, false);
  await node.close();
  assert.deepEqual(running.faults, []);
});

test('a static quorum is upgraded to a dynamic one by UpdateFeatures', async () => {
  const storage = new MemoryStorage();
  await format(storage, '/data', { hasDynamicQuorum: false, initialControllers: undefined as never });
  const { node } = await startNode({ storage, staticVoters: [{ id: 1, host: 'localhost', port: 9093 }] });
  assert.equal(node.kraftVersion, 0);
  while (node.image.cluster.controllers.size === 0) await new Promise(setImmediate);
  const response = await node.controller.updateFeatures(
    v(1),
    newUpdateFeaturesRequest({
      featureUpdates: [{ feature: 'kraft.version', maxVersionLevel: 1, allowDowngrade: false, upgradeType: 1 }],
    }),
  );
  assert.deepEqual([response.errorCode, response.errorMessage], [0, null]);
  assert.equal(node.kraftVersion, 1);
  await node.close();
});

test('metadata that cannot be understood stops the node', async () => {
  const { node, storage } = await startNewNode();
  await node.close();
  const { openRaftLog } = await import('@skarab/raft');
  const { LogHost } = await import('@skarab/log');
  const { buildBatch } = await import('@skarab/records');
  const { systemClock } = await import('@skarab/base');
  const log = await openRaftLog(new LogHost({ storage, clock: systemClock }), '/data');
  const records = [{ timestamp: 0, key: null, value: Buffer.from([1, 120, 0]) }];
  log.append(buildBatch({ baseOffset: log.endOffset, partitionLeaderEpoch: 1, records }), 1);
  await new Promise<void>((resolve) => log.flush(() => resolve()));
  await log.close();
  await assert.rejects(startNode({ storage }), /Unknown metadata record type 120/);
});
