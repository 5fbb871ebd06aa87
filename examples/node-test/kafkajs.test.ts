import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '@skarab/testing';
import { Kafka, logLevel } from 'kafkajs';

test('a consumer group reads what a producer wrote', async () => {
  await using broker = await startBroker({ topics: ['orders'] });
  const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });

  const producer = kafka.producer();
  await producer.connect();
  await producer.send({
    topic: 'orders',
    messages: [
      { key: 'a', value: 'one' },
      { key: 'b', value: 'two' },
    ],
  });

  const consumer = kafka.consumer({ groupId: 'billing' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  const received: string[] = [];
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        received.push(`${message.key}=${message.value}`);
        if (received.length === 2) resolve();
      },
    });
  });
  assert.deepEqual(received, ['a=one', 'b=two']);
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
});

test('a producer survives a leader that moves away for a moment', async () => {
  await using broker = await startBroker({ topics: ['orders'] });
  broker.faults.answer('Produce', 'NOT_LEADER_OR_FOLLOWER', 2);
  const kafka = new Kafka({
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 10 },
  });
  const producer = kafka.producer();
  await producer.connect();
  const [result] = await producer.send({ topic: 'orders', messages: [{ value: 'kept' }] });
  assert.equal(result?.baseOffset, '0');
  assert.equal(broker.faults.pending, 0);
  await producer.disconnect();
});

test('records and committed offsets outlive a restart', async () => {
  await using broker = await startBroker({ topics: ['orders'] });
  const kafka = new Kafka({
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 10 },
  });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  await producer.send({ topic: 'orders', messages: [{ value: 'before' }] });
  await admin.setOffsets({ groupId: 'billing', topic: 'orders', partitions: [{ partition: 0, offset: '1' }] });
  await broker.restart();
  await producer.send({ topic: 'orders', messages: [{ value: 'after' }] });
  const offsets = await admin.fetchOffsets({ groupId: 'billing', topics: ['orders'] });
  assert.deepEqual(offsets, [{ topic: 'orders', partitions: [{ partition: 0, offset: '1', metadata: null }] }]);
  const [end] = await admin.fetchTopicOffsets('orders');
  assert.deepEqual([end?.low, end?.high], ['0', '2']);
  await Promise.all([producer.disconnect(), admin.disconnect()]);
});
