import { startBroker, type TestBroker } from '@skarab/testing';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';

let broker: TestBroker;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startBroker({ topics: ['orders', { topic: 'events', partitions: 3 }] });
  kafka = new Kafka({
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 10 },
  });
});

afterAll(() => broker.close());

test('a consumer group reads what a producer wrote', async () => {
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: 'billing' });
  await Promise.all([producer.connect(), consumer.connect()]);
  await producer.send({ topic: 'orders', messages: [{ key: 'a', value: 'one' }] });
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  const received = await new Promise<string>((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(`${message.key}=${message.value}`) });
  });
  expect(received).toBe('a=one');
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
});

test('a broker that goes away and comes back keeps its records', async () => {
  const producer = kafka.producer();
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);
  await producer.send({ topic: 'events', messages: [{ partition: 2, value: 'before' }] });
  await broker.restart();
  await producer.send({ topic: 'events', messages: [{ partition: 2, value: 'after' }] });
  expect(await admin.fetchTopicOffsets('events')).toContainEqual({ partition: 2, offset: '2', high: '2', low: '0' });
  await Promise.all([producer.disconnect(), admin.disconnect()]);
});
