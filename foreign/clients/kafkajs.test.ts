/** kafkajs: codecs it has, groups with a rebalance, idempotence, transactions, administration. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CompressionTypes, type Consumer, Kafka, logLevel } from 'kafkajs';
import { testOnBoth } from '../harness.ts';

testOnBoth('kafkajs', { timeout: 90_000 }, async (t, start) => {
  const broker = await start();
  if (broker === undefined) return;
  const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING, retry: { retries: 10 } });
  const admin = kafka.admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  await admin.createTopics({ topics: [{ topic: 'a', numPartitions: 3 }, { topic: 'b' }] });

  const messages = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      key: `${prefix}-${i}`,
      value: `${prefix}-${i} `.repeat(20),
      headers: { h: prefix },
    }));
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
    await producer.send({ topic: 'a', compression, acks: -1, messages: messages(`codec${compression}`, 100) });
  }
  for (const acks of [0, 1, -1]) await producer.send({ topic: 'b', acks, messages: messages(`acks${acks}`, 10) });
  await producer.disconnect();
  const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await idempotent.connect();
  await idempotent.send({ topic: 'b', messages: messages('idempotent', 10) });
  await idempotent.disconnect();

  const seen = new Set<string>();
  const assignments = new Map<Consumer, number>();
  const member = async (): Promise<Consumer> => {
    const consumer = kafka.consumer({
      groupId: 'g',
      heartbeatInterval: 200,
      sessionTimeout: 10_000,
      rebalanceTimeout: 10_000,
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      assignments.set(consumer, Object.values(payload.memberAssignment).flat().length);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: ['a', 'b'], fromBeginning: true });
    await consumer.run({
      autoCommitInterval: 100,
      eachMessage: ({ message }) => {
        seen.add(String(message.key));
        assert.equal(String(message.value).startsWith(`${String(message.key)} `), true);
        return Promise.resolve();
      },
    });
    return consumer;
  };
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (let i = 0; !holds(); i++) {
      assert.ok(i < 300, `${what} did not happen`);
      await delay(100);
    }
  };
  const first = await member();
  await until('reading everything', () => seen.size === 240);
  const second = await member();
  const owned = (...members: Consumer[]): number => members.reduce((sum, one) => sum + (assignments.get(one) ?? 0), 0);
  await until('sharing', () => owned(first, second) === 4 && (assignments.get(second) ?? 0) > 0);
  await first.disconnect();
  await until('taking over', () => owned(second) === 4);
  const [description] = (await admin.describeGroups(['g'])).groups;
  assert.deepEqual([description?.state, description?.members.length], ['Stable', 1]);
  await second.disconnect();

  const [offsets] = await admin.fetchOffsets({ groupId: 'g', topics: ['a'] });
  const committed = offsets?.partitions.reduce((sum, { offset }) => sum + Number(offset), 0);
  assert.equal(committed, 200);
  assert.deepEqual(
    (await admin.fetchTopicOffsets('b')).map(({ low, high }) => [low, high]),
    [['0', '40']],
  );
  await admin.createPartitions({ topicPartitions: [{ topic: 'b', count: 2 }] });
  const { topics } = await admin.fetchTopicMetadata({ topics: ['b'] });
  assert.equal(topics[0]?.partitions.length, 2);
  await admin.deleteGroups(['g']);
  await admin.deleteTopics({ topics: ['a', 'b'] });
  await until('deletion', () => true);
  assert.deepEqual(
    (await admin.listTopics()).filter((name) => !name.startsWith('__')),
    [],
  );
});

testOnBoth('kafkajs transactions', { timeout: 60_000 }, async (_t, start) => {
  const broker = await start();
  if (broker === undefined) return;
  const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING, retry: { retries: 10 } });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'in' }, { topic: 'out', numPartitions: 2 }] });
  const producer = kafka.producer({ transactionalId: 'kafkajs', maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  for (const [i, isCommit] of [true, false, true].entries()) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'out', messages: [0, 1].map((partition) => ({ partition, value: `${i}` })) });
    const topics = [{ topic: 'in', partitions: [{ partition: 0, offset: `${10 + i}` }] }];
    await transaction.sendOffsets({ consumerGroupId: 'kafkajs', topics });
    await (isCommit ? transaction.commit() : transaction.abort());
  }
  const seen: string[] = [];
  const consumer = kafka.consumer({ groupId: 'readers', readUncommitted: false });
  await consumer.connect();
  await consumer.subscribe({ topics: ['out'], fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void seen.push(String(message.value)) });
  for (let i = 0; seen.length < 4 && i < 200; i++) await delay(50);
  await delay(300);
  assert.deepEqual(seen.sort(), ['0', '0', '2', '2']);
  const [offsets] = await admin.fetchOffsets({ groupId: 'kafkajs', topics: ['in'] });
  assert.equal(offsets?.partitions[0]?.offset, '12');
  // While the broker is there: what clients do to say goodbye to one that is gone takes minutes.
  await Promise.all([consumer, producer, admin].map((client) => client.disconnect()));
});
