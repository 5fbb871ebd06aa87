/**
 * Brokers with two log directories each: one that fails takes its replicas along and nothing else; replicas move between them while they are written to.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import { FaultyStorage } from '@skarab/log/testing';
import { ConfigResourceType, UNRESTRICTED } from '@skarab/metadata';
import {
  ApiKey,
  decodeAlterReplicaLogDirsResponse,
  decodeDeleteRecordsResponse,
  ErrorCode,
  encodeAlterReplicaLogDirsRequest,
  encodeDeleteRecordsRequest,
  newAlterReplicaLogDirsRequest,
  newDeleteRecordsRequest,
  newIncrementalAlterConfigsRequest,
} from '@skarab/protocol';
import { BrokerCluster } from '../../src/testing/index.ts';
import { bytesOf, logsOf } from './replica-view.ts';
import { connect, produce } from './test-producer.ts';

const TOPIC = 'orders';
const PARTITIONS = 4;
const MIB = 1 << 20;
const MOVE_RATE = 'replica.alter.log.dirs.io.max.bytes.per.second';
const alterDirsApi = {
  apiKey: ApiKey.ALTER_REPLICA_LOG_DIRS,
  encode: encodeAlterReplicaLogDirsRequest,
  decode: decodeAlterReplicaLogDirsResponse,
};
const deleteRecordsApi = {
  apiKey: ApiKey.DELETE_RECORDS,
  encode: encodeDeleteRecordsRequest,
  decode: decodeDeleteRecordsResponse,
};

async function start(t: TestContext) {
  const storages = [1, 2, 3].map((id) => new FaultyStorage(seededRandom(id)));
  const cluster = await BrokerCluster.start({
    brokers: 3,
    properties: { 'log.dirs': '/meta,/a,/b', 'metadata.log.dir': '/meta' },
    storageOf: (id) => storages[id - 1]!,
  });
  t.after(() => cluster.close());
  await cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS, configs: { 'min.insync.replicas': '2' } });
  const topicId = cluster.controller.image.topics.byName.get(TOPIC)!.id;
  const write = async (partition: number, value: string) => {
    const { leader } = cluster.registration(TOPIC, partition)!;
    const connection = await connect({ host: '127.0.0.1', port: cluster.broker(leader).port });
    const answer = await produce(connection, { topicId, partition, values: [value], timeoutMs: 10_000 });
    connection.close();
    return answer.errorCode;
  };
  return { cluster, storages, write };
}

function directoryOf(cluster: BrokerCluster, id: number, partition: number): string {
  return cluster.broker(id).server.replicas.get(TOPIC, partition)!.log.logDir;
}

/** Begins to move the replica that a broker has of partition 0 to its other directory; returns that one. */
async function moveReplica(cluster: BrokerCluster, id: number): Promise<string> {
  const target = directoryOf(cluster, id, 0) === '/a' ? '/b' : '/a';
  const connection = await connect({ host: '127.0.0.1', port: cluster.broker(id).port });
  const dirs = [{ path: target, topics: [{ name: TOPIC, partitions: [0] }] }];
  const response = await connection.send(alterDirsApi, newAlterReplicaLogDirsRequest({ dirs }), 5000);
  connection.close();
  assert.equal(response.results[0]?.partitions[0]?.errorCode, ErrorCode.NONE);
  return target;
}

/** How fast replicas may move; as kafka-reassign-partitions --replica-alter-log-dirs-throttle sets it. */
async function throttleMoves(cluster: BrokerCluster, id: number, bytesPerSecond: number): Promise<void> {
  const rate = { name: MOVE_RATE, value: String(bytesPerSecond), configOperation: 0 };
  const resources = [{ resourceType: ConfigResourceType.BROKER, resourceName: String(id), configs: [rate] }];
  const request = newIncrementalAlterConfigsRequest({ resources });
  const { controller } = cluster.controller;
  const { responses } = await controller.incrementalAlterConfigs({ requestVersion: 1 }, request, UNRESTRICTED);
  assert.equal(responses[0]?.errorCode, ErrorCode.NONE);
}

async function assertEqualReplicas(cluster: BrokerCluster, partition: number): Promise<void> {
  const logs = [...logsOf(cluster, TOPIC, partition).values()];
  await cluster.until(() => new Set(logs.flatMap((log) => [log.logEndOffset, log.highWatermark])).size === 1);
  const [first, ...others] = logs.map(bytesOf);
  for (const bytes of others) assert.deepEqual(bytes, first);
}

test('a log directory that fails: its partitions are led by others, those in other directories stay', async (t) => {
  const { cluster, storages, write } = await start(t);
  for (let i = 0; i < PARTITIONS; i++) assert.equal(await write(i, 'before'), ErrorCode.NONE);
  const led = Array.from({ length: PARTITIONS }, (_, i) => i).find(
    (i) => directoryOf(cluster, cluster.registration(TOPIC, i)!.leader, i) === '/a',
  )!;
  const { leader: id } = cluster.registration(TOPIC, led)!;
  const failed: number[] = [];
  const alive: number[] = [];
  for (let i = 0; i < PARTITIONS; i++) (directoryOf(cluster, id, i) === '/a' ? failed : alive).push(i);
  assert.ok(failed.length > 0 && alive.length > 0);

  storages[id - 1]!.fail({ operation: 'write', path: '/a/', errno: 'EIO', times: 1_000_000 });
  await write(led, 'lost with the directory').catch(() => {});
  await cluster.until(() =>
    failed.every(
      (i) => cluster.registration(TOPIC, i)!.leader !== id && !cluster.registration(TOPIC, i)!.isr.includes(id),
    ),
  );
  for (const i of alive)
    assert.equal(cluster.registration(TOPIC, i)!.isr.includes(id), true, `partition ${i} is in /b`);
  for (let i = 0; i < PARTITIONS; i++) assert.equal(await write(i, 'after'), ErrorCode.NONE);

  await cluster.broker(id).kill();
  storages[id - 1]!.heal();
  await cluster.broker(id).start();
  const isWhole = (): boolean =>
    Array.from({ length: PARTITIONS }, (_, i) => cluster.registration(TOPIC, i)!).every(({ isr }) => isr.length === 3);
  await cluster.until(isWhole);
  for (let i = 0; i < PARTITIONS; i++) await assertEqualReplicas(cluster, i);
});

test('replicas of leaders and followers move between directories while they are written to', async (t) => {
  const { cluster, write } = await start(t);
  let isWriting = true;
  let written = 0;
  const writing = (async () => {
    while (isWriting) {
      assert.equal(await write(0, `v${written}`), ErrorCode.NONE);
      written++;
    }
  })();
  await cluster.until(() => written > 20);
  for (const { id } of cluster.brokers) {
    const target = await moveReplica(cluster, id);
    await cluster.until(() => directoryOf(cluster, id, 0) === target);
  }
  const before = written;
  await cluster.until(() => written > before + 20);
  isWriting = false;
  await writing;
  await assertEqualReplicas(cluster, 0);
  assert.equal(cluster.registration(TOPIC, 0)!.isr.length, 3);
});

test('a throttled move takes as long as its rate says, and goes faster as soon as that is raised (KIP-113)', async (t) => {
  const { cluster, write } = await start(t);
  for (let i = 0; i < 64; i++) assert.equal(await write(0, 'x'.repeat(MIB / 16)), ErrorCode.NONE);
  const { leader: id } = cluster.registration(TOPIC, 0)!;
  const isIn = (directory: string) => () => directoryOf(cluster, id, 0) === directory;

  await throttleMoves(cluster, id, MIB);
  const begunMs = performance.now();
  await cluster.until(isIn(await moveReplica(cluster, id)));
  const tookMs = performance.now() - begunMs;
  assert.ok(tookMs > 2500 && tookMs < 8000, `4 MiB at 1 MiB/s, the first of them at once: ${tookMs} ms`);

  await throttleMoves(cluster, id, 10_000);
  const target = await moveReplica(cluster, id);
  await sleep(1500);
  assert.equal(isIn(target)(), false);
  await throttleMoves(cluster, id, 100 * MIB);
  const raisedMs = performance.now();
  await cluster.until(isIn(target));
  assert.ok(performance.now() - raisedMs < 2000);
  await assertEqualReplicas(cluster, 0);
});

test('records are deleted when all replicas that are alive have deleted them', async (t) => {
  const { cluster, write } = await start(t);
  for (let i = 0; i < 5; i++) await write(0, `v${i}`);
  const { leader, isr } = cluster.registration(TOPIC, 0)!;
  const connection = await connect({ host: '127.0.0.1', port: cluster.broker(leader).port });
  t.after(() => connection.close());
  const deleteBefore = async (offset: bigint, timeoutMs: number) => {
    const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, offset }] }];
    const response = await connection.send(deleteRecordsApi, newDeleteRecordsRequest({ topics, timeoutMs }), 20_000);
    const { errorCode, lowWatermark } = response.topics[0]!.partitions[0]!;
    return { errorCode, lowWatermark };
  };
  assert.deepEqual(await deleteBefore(3n, 10_000), { errorCode: ErrorCode.NONE, lowWatermark: 3n });
  assert.deepEqual(
    [...logsOf(cluster, TOPIC, 0).values()].map((log) => log.logStartOffset),
    [3, 3, 3],
  );
  const follower = isr.find((id) => id !== leader)!;
  for (const { id } of cluster.brokers) if (id !== follower) cluster.partition(follower, id);
  assert.deepEqual(await deleteBefore(4n, 100), { errorCode: ErrorCode.REQUEST_TIMED_OUT, lowWatermark: 3n });
  const waiting = deleteBefore(5n, 15_000);
  cluster.heal();
  assert.deepEqual(await waiting, { errorCode: ErrorCode.NONE, lowWatermark: 5n });
});
