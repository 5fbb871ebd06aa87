import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { startBroker } from '@skarab/testing';

test('a consumer stream reads what a producer wrote', async () => {
  await using broker = await startBroker({ topics: ['events'] });
  const bootstrapBrokers = [broker.bootstrapServers];
  const producer = new Producer({ clientId: 'p', bootstrapBrokers, serializers: stringSerializers });
  await producer.send({ messages: [{ topic: 'events', key: 'k', value: 'hello', headers: { trace: '1' } }] });

  const consumer = new Consumer({
    clientId: 'c',
    groupId: 'readers',
    bootstrapBrokers,
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({
    topics: ['events'],
    mode: 'earliest',
    sessionTimeout: 10_000,
    heartbeatInterval: 500,
  });
  for await (const message of stream) {
    assert.deepEqual([message.key, message.value, message.offset], ['k', 'hello', 0n]);
    break;
  }
  await stream.close();
  await Promise.all([consumer.close(true), producer.close()]);
});
