import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from '@skarab/testing';
import { Kafka, logLevel } from 'kafkajs';

test('nothing that was acknowledged is lost when a broker dies', async () => {
  await using cluster = await startCluster({
    brokers: 3,
    topics: [{ topic: 'orders', partitions: 3, configs: { 'min.insync.replicas': '2' } }],
  });
  const kafka = new Kafka({
    brokers: cluster.brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 50 },
  });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  const consumer = kafka.consumer({ groupId: 'billing' });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  const received = new Set<string>();
  await consumer.run({
    eachMessage: async ({ message }) => {
      received.add(String(message.value));
    },
  });

  const sent: string[] = [];
  const send = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const value = `order ${sent.length}`;
      await producer.send({ topic: 'orders', acks: -1, messages: [{ key: value, value }] });
      sent.push(value);
    }
  };
  await send(20);
  const victim = cluster.partitionState('orders', 0).leader;
  await cluster.kill(victim);
  await send(20);
  assert.notEqual(cluster.partitionState('orders', 0).leader, victim);
  await cluster.start(victim);
  await cluster.untilInSync(['orders']);
  await send(20);

  while (received.size < sent.length) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual([...received].sort(), [...sent].sort());
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
});
