/**
 * Three brokers over loopback: what is acknowledged, who is in sync, who leads, and what happens to a replica that was left behind.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ZERO_UUID } from '@skarab/base';
import { ConfigResourceType, UNRESTRICTED } from '@skarab/metadata';
import {
  ErrorCode,
  newAlterPartitionReassignmentsRequest,
  newCreatableTopic,
  newCreateTopicsRequest,
  newDeleteTopicsRequest,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newIncrementalAlterConfigsRequest,
  newReassignableTopic,
} from '@skarab/protocol';
import { fetchApi } from '../../src/fetcher/leader-apis.ts';
import { BrokerCluster } from '../../src/testing/index.ts';
import { bytesOf, logsOf } from './replica-view.ts';
import { connect, type Produce, produce } from './test-producer.ts';

/** A cluster with one partition on all brokers, and a client of it. */
class Fixture {
  readonly cluster: BrokerCluster;
  readonly topicId: string;

  static async start(
    t: TestContext,
    configs: Record<string, string> = {},
    replicationFactor = 3,
    properties: Record<string, string> = {},
  ): Promise<Fixture> {
    const cluster = await BrokerCluster.start({ brokers: 3, properties });
    t.after(() => cluster.close());
    const minInsync = { 'min.insync.replicas': '2' };
    await cluster.createTopic({
      topic: 'orders',
      partitions: 1,
      replicationFactor,
      configs: { ...minInsync, ...configs },
    });
    return new Fixture(cluster);
  }

  private constructor(cluster: BrokerCluster) {
    this.cluster = cluster;
    this.topicId = cluster.controller.image.topics.byName.get('orders')!.id;
  }

  get registration() {
    return this.cluster.registration('orders', 0)!;
  }

  get follower(): number {
    return this.registration.isr.find((id) => id !== this.registration.leader)!;
  }

  partition(id: number) {
    return this.cluster.broker(id).server.replicas.get('orders', 0)!;
  }

  /** Sends values to a broker, the leader unless given, and returns the answer. */
  async produce(values: readonly string[], options: Partial<Produce> & { to?: number } = {}) {
    const { to = this.registration.leader, ...rest } = options;
    const connection = await connect({ host: '127.0.0.1', port: this.cluster.broker(to).port });
    try {
      return await produce(connection, { topicId: this.topicId, partition: 0, values, ...rest });
    } finally {
      connection.close();
    }
  }

  async untilIsr(size: number): Promise<void> {
    await this.cluster.until(() => this.registration.isr.length === size);
  }

  /** Waits until all running replicas have the same, and checks it byte by byte. */
  async assertEqualReplicas(): Promise<void> {
    const logs = [...logsOf(this.cluster, 'orders', 0).values()];
    await this.cluster.until(() => new Set(logs.flatMap((log) => [log.logEndOffset, log.highWatermark])).size === 1);
    const [first, ...others] = logs.map(bytesOf);
    for (const bytes of others)
      assert.deepEqual(
        bytes,
        first,
        logs.map((log) => `${log} hw ${log.highWatermark} epochs ${JSON.stringify(log.epochEntries)}`).join('; '),
      );
  }
}

test('what is acknowledged by all is on all', async (t) => {
  const fixture = await Fixture.start(t);
  for (let i = 0; i < 10; i++) {
    const answer = await fixture.produce([`a${i}`, `b${i}`]);
    assert.deepEqual([answer.errorCode, answer.baseOffset], [ErrorCode.NONE, BigInt(2 * i)]);
  }
  const ends = [...logsOf(fixture.cluster, 'orders', 0).values()].map((log) => log.logEndOffset);
  assert.deepEqual(ends, [20, 20, 20]);
  await fixture.assertEqualReplicas();
});

test('a follower that dies leaves the ISR, and comes back into it with everything', async (t) => {
  const fixture = await Fixture.start(t);
  await fixture.produce(['before']);
  const { follower } = fixture;
  await fixture.cluster.broker(follower).kill();
  const during = await fixture.produce(['during'], { timeoutMs: 10_000 });
  assert.equal(during.errorCode, ErrorCode.NONE);
  assert.equal(fixture.registration.isr.length, 2);
  await fixture.cluster.broker(follower).start();
  await fixture.untilIsr(3);
  assert.equal((await fixture.produce(['after'])).baseOffset, 2n);
  await fixture.assertEqualReplicas();
});

test('the leader dies: another one leads with all that was acknowledged, and the old one cuts what was not', async (t) => {
  const fixture = await Fixture.start(t);
  await fixture.produce(['kept']);
  const { leader } = fixture.registration;
  for (const { id } of fixture.cluster.brokers) if (id !== leader) fixture.cluster.partition(leader, id);
  const lost = await fixture.produce(['lost 1', 'lost 2'], { acks: 1 });
  assert.deepEqual([lost.errorCode, lost.baseOffset], [ErrorCode.NONE, 1n]);
  await fixture.cluster.broker(leader).kill();
  fixture.cluster.heal();
  await fixture.cluster.until(() => fixture.registration.leader !== leader && fixture.registration.leader >= 0);
  assert.equal((await fixture.produce(['kept too'], { timeoutMs: 10_000 })).baseOffset, 1n);
  await fixture.cluster.broker(leader).start();
  await fixture.untilIsr(3);
  await fixture.assertEqualReplicas();
  assert.equal(fixture.partition(leader).log.logEndOffset, 2);
});

test('a leader that is cut off cannot acknowledge; the one after it is not disturbed by its return', async (t) => {
  const fixture = await Fixture.start(t);
  await fixture.produce(['kept']);
  const { leader } = fixture.registration;
  fixture.cluster.isolate(leader);
  const unacknowledged = fixture.produce(['lost'], { to: leader, timeoutMs: 30_000 }).catch(() => undefined);
  await fixture.cluster.until(() => fixture.registration.leader !== leader && fixture.registration.leader >= 0);
  assert.equal((await fixture.produce(['kept too'], { timeoutMs: 10_000 })).baseOffset, 1n);
  fixture.cluster.heal();
  assert.equal((await unacknowledged)?.errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER);
  await fixture.untilIsr(3);
  await fixture.assertEqualReplicas();
});

test('with too few in sync nothing is taken in at acks=all, and what was taken in before is not visible', async (t) => {
  const fixture = await Fixture.start(t, { 'min.insync.replicas': '3' });
  await fixture.produce(['visible']);
  await fixture.cluster.broker(fixture.follower).kill();
  const early = await fixture.produce(['early'], { timeoutMs: 200 });
  assert.equal(early.errorCode, ErrorCode.REQUEST_TIMED_OUT);
  await fixture.untilIsr(2);
  assert.equal((await fixture.produce(['refused'])).errorCode, ErrorCode.NOT_ENOUGH_REPLICAS);
  assert.equal((await fixture.produce(['single'], { acks: 1 })).errorCode, ErrorCode.NONE);
  const { log } = fixture.partition(fixture.registration.leader);
  assert.deepEqual([log.highWatermark, log.logEndOffset], [1, 3]);
});

test('a paused follower is taken out of the ISR by its leader once it lags', async (t) => {
  const fixture = await Fixture.start(t);
  const { follower } = fixture;
  // It stays registered: only its connections are cut.
  for (const { id } of fixture.cluster.brokers) if (id !== follower) fixture.cluster.partition(follower, id);
  assert.equal((await fixture.produce(['x'], { timeoutMs: 10_000 })).errorCode, ErrorCode.NONE);
  assert.deepEqual(fixture.registration.isr.includes(follower), false);
  fixture.cluster.heal();
  await fixture.untilIsr(3);
  await fixture.assertEqualReplicas();
});

test('a controlled shutdown moves leaderships first; nobody notices', async (t) => {
  const fixture = await Fixture.start(t);
  await fixture.produce(['before']);
  const { leader } = fixture.registration;
  await fixture.cluster.broker(leader).stop();
  assert.notEqual(fixture.registration.leader, leader);
  assert.equal(fixture.registration.isr.includes(leader), false);
  assert.equal((await fixture.produce(['after'])).errorCode, ErrorCode.NONE);
  await fixture.cluster.broker(leader).start();
  await fixture.untilIsr(3);
  await fixture.assertEqualReplicas();
});

test('a partition moves to another broker with all it has', async (t) => {
  const fixture = await Fixture.start(t, { 'min.insync.replicas': '1' }, 1);
  for (let i = 0; i < 5; i++) await fixture.produce([`v${i}`]);
  const { leader } = fixture.registration;
  const target = (leader % 3) + 1;
  const partitions = [{ partitionIndex: 0, replicas: [target] }];
  const request = newAlterPartitionReassignmentsRequest({
    timeoutMs: 5000,
    topics: [newReassignableTopic({ name: 'orders', partitions })],
  });
  const answer = await fixture.cluster.controller.controller.alterPartitionReassignments(
    { requestVersion: 1 },
    request,
  );
  assert.equal(answer.errorCode, ErrorCode.NONE);
  await fixture.cluster.until(
    () => fixture.registration.replicas.join() === String(target) && fixture.registration.leader === target,
  );
  await fixture.cluster.until(() => !logsOf(fixture.cluster, 'orders', 0).has(leader));
  assert.equal((await fixture.produce(['after'])).baseOffset, 5n);
  assert.equal((await fixture.produce(['x'], { to: leader })).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER);
});

test('a consumer reads from the replica in its rack, and is sent back when that is not up to it (KIP-392)', async (t) => {
  const cluster = await BrokerCluster.start({
    brokers: 3,
    properties: { 'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector' },
    propertiesOf: (id) => ({ 'broker.rack': `rack-${id}` }),
  });
  t.after(() => cluster.close());
  await cluster.createTopic({ topic: 'orders', partitions: 1 });
  const topicId = cluster.controller.image.topics.byName.get('orders')!.id;
  const { leader } = cluster.registration('orders', 0)!;
  const other = (leader % 3) + 1;
  const fetchFrom = async (
    id: number,
    rackId: string,
    fields: { fetchOffset?: bigint; currentLeaderEpoch?: number } = {},
  ) => {
    const connection = await connect({ host: '127.0.0.1', port: cluster.broker(id).port });
    const partitions = [newFetchRequestFetchPartition({ partition: 0, partitionMaxBytes: 1 << 20, ...fields })];
    const request = newFetchRequest({
      maxWaitMs: 0,
      maxBytes: 1 << 20,
      rackId,
      topics: [{ topic: '', topicId, partitions }],
    });
    const response = await connection.send(fetchApi, request, 5000);
    connection.close();
    const { errorCode, preferredReadReplica, highWatermark, records } = response.responses[0]!.partitions[0]!;
    return { errorCode, preferredReadReplica, highWatermark, size: records?.byteLength ?? 0 };
  };
  const connection = await connect({ host: '127.0.0.1', port: cluster.broker(leader).port });
  t.after(() => connection.close());
  assert.equal((await produce(connection, { topicId, partition: 0, values: ['a'] })).errorCode, 0);
  await cluster.until(() => [...logsOf(cluster, 'orders', 0).values()].every((log) => log.highWatermark === 1));

  assert.deepEqual(await fetchFrom(leader, `rack-${other}`), {
    errorCode: 0,
    preferredReadReplica: other,
    highWatermark: 1n,
    size: 0,
  });
  const here = await fetchFrom(leader, `rack-${leader}`);
  assert.deepEqual([here.preferredReadReplica, here.size > 0], [-1, true]);
  const there = await fetchFrom(other, `rack-${other}`);
  assert.deepEqual([there.preferredReadReplica, there.highWatermark, there.size], [-1, 1n, here.size]);
  assert.equal((await fetchFrom(leader, 'rack-9')).preferredReadReplica, -1);
  assert.equal((await fetchFrom(other, '', { fetchOffset: 5n })).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
  assert.equal((await fetchFrom(other, '', { currentLeaderEpoch: 7 })).errorCode, ErrorCode.UNKNOWN_LEADER_EPOCH);
});

test('a topic that was deleted, made anew, or moved away while a broker was gone', async (t) => {
  const fixture = await Fixture.start(t);
  const { cluster, follower } = fixture;
  await cluster.createTopic({ topic: 'gone', partitions: 1 });
  await fixture.produce(['old']);
  await cluster.broker(follower).kill();
  const { controller } = cluster.controller;
  const access = { mayDescribe: () => true, mayDelete: () => true };
  const topics = ['orders', 'gone'].map((name) => ({ name, topicId: ZERO_UUID }));
  await controller.deleteTopics({ requestVersion: 6 }, newDeleteTopicsRequest({ timeoutMs: 5000, topics }), access);
  await cluster.until(() => cluster.registration('orders', 0) === undefined);
  // While the broker is fenced no replica is put on it.
  const assignments = [{ partitionIndex: 0, brokerIds: [1, 2, 3] }];
  const anew = newCreatableTopic({ name: 'orders', numPartitions: -1, replicationFactor: -1, assignments });
  const request = newCreateTopicsRequest({ timeoutMs: 5000, topics: [anew] });
  const answer = await controller.createTopics({ requestVersion: 7 }, request, UNRESTRICTED);
  assert.equal(answer.topics[0]?.errorCode, ErrorCode.NONE);
  await cluster.broker(follower).start();
  await fixture.untilIsr(3);
  const { topicId } = answer.topics[0]!;
  const produced = await fixture.produce(['new'], { topicId, timeoutMs: 10_000 });
  assert.deepEqual([produced.errorCode, produced.baseOffset], [ErrorCode.NONE, 0n]);
  await fixture.assertEqualReplicas();
  assert.equal(fixture.partition(follower).log.topicId, topicId);
  const names = cluster
    .broker(follower)
    .storage.list('/memory')
    .map(({ name }) => name);
  assert.equal(names.filter((name) => /^(gone|orders)-0\..*-stray$/.test(name)).length, 2);
  assert.equal(names.includes('gone-0'), false);
});

test('an unclean election loses what only the old leader had; it follows with what is left (unclean.leader.election.enable)', async (t) => {
  const configs = { 'min.insync.replicas': '1', 'unclean.leader.election.enable': 'true' };
  const fixture = await Fixture.start(t, configs, 2);
  const { cluster, follower } = fixture;
  const { leader } = fixture.registration;
  await fixture.produce(['kept']);
  await cluster.broker(follower).kill();
  await fixture.untilIsr(1);
  assert.equal((await fixture.produce(['lost', 'lost too'])).errorCode, ErrorCode.NONE);
  await cluster.broker(leader).kill();
  await cluster.broker(follower).start();
  await cluster.until(() => fixture.registration.leader === follower);
  assert.equal((await fixture.produce(['new'])).baseOffset, 1n);
  await cluster.broker(leader).start();
  await fixture.untilIsr(2);
  await fixture.assertEqualReplicas();
  assert.equal(fixture.partition(leader).log.logEndOffset, 2);
});

test('the high watermark is there after an orderly restart of all', async (t) => {
  const fixture = await Fixture.start(t);
  for (let i = 0; i < 5; i++) await fixture.produce([`v${i}`]);
  await fixture.assertEqualReplicas();
  const { cluster } = fixture;
  for (const broker of cluster.brokers) await broker.stop();
  await Promise.all(cluster.brokers.map((broker) => broker.start()));
  await cluster.until(() => fixture.registration.leader >= 0);
  assert.equal(fixture.partition(fixture.registration.leader).log.highWatermark, 5);
  await fixture.untilIsr(3);
  assert.equal((await fixture.produce(['v5'], { timeoutMs: 10_000 })).baseOffset, 5n);
  await fixture.assertEqualReplicas();
});

test('a throttled replica that is out of sync catches up slowly, on either side (KIP-73)', async (t) => {
  for (const side of ['leader', 'follower']) {
    const configs = { [`${side}.replication.throttled.replicas`]: '*', 'min.insync.replicas': '1' };
    // One batch at a time.
    const fixture = await Fixture.start(t, configs, 2, { 'replica.fetch.max.bytes': '1' });
    const { cluster, follower } = fixture;
    const rate = { name: `${side}.replication.throttled.rate`, value: '4000', configOperation: 0 };
    const resources = [{ resourceType: ConfigResourceType.BROKER, resourceName: '', configs: [rate] }];
    const request = newIncrementalAlterConfigsRequest({ resources });
    await cluster.controller.controller.incrementalAlterConfigs({ requestVersion: 1 }, request, UNRESTRICTED);
    await cluster.broker(follower).kill();
    await fixture.untilIsr(1);
    for (let i = 0; i < 5; i++) await fixture.produce(['x'.repeat(2000)]);
    const starting = cluster.broker(follower).start();
    await cluster.until(() => fixture.follower === undefined && cluster.broker(follower).isRunning);
    const begunMs = performance.now();
    await cluster.until(() => fixture.partition(follower).log.logEndOffset === 5);
    assert.ok(performance.now() - begunMs > 1000, `${side}: 10 kB at 4 kB/s, two of them at once`);
    await starting;
    await fixture.untilIsr(2);
    await cluster.close();
  }
});
