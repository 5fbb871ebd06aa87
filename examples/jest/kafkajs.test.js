import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startBroker } from '@skarab/testing';
import { Kafka, logLevel } from 'kafkajs';

let broker;
let kafka;

beforeAll(async () => {
  broker = await startBroker({ topics: ['orders'] });
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
  const received = await new Promise((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(`${message.key}=${message.value}`) });
  });
  expect(received).toBe('a=one');
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
});

test('a producer survives a leader that moves away for a moment', async () => {
  broker.faults.answer('Produce', 'NOT_LEADER_OR_FOLLOWER', 2);
  const producer = kafka.producer();
  await producer.connect();
  const [result] = await producer.send({ topic: 'orders', messages: [{ value: 'kept' }] });
  expect(result.baseOffset).toBe('1');
  expect(broker.faults.pending).toBe(0);
  await producer.disconnect();
});
