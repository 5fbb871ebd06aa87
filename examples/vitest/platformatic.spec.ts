import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { startBroker } from '@skarab/testing';
import { expect, test } from 'vitest';

test('a consumer stream reads what a producer wrote', async () => {
  await using broker = await startBroker({ topics: ['events'] });
  const bootstrapBrokers = [broker.bootstrapServers];
  const producer = new Producer({ clientId: 'p', bootstrapBrokers, serializers: stringSerializers });
  await producer.send({ messages: [{ topic: 'events', key: 'k', value: 'hello' }] });

  const consumer = new Consumer({
    clientId: 'c',
    groupId: 'readers',
    bootstrapBrokers,
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: ['events'], mode: 'earliest' });
  for await (const message of stream) {
    expect([message.key, message.value]).toEqual(['k', 'hello']);
    break;
  }
  await stream.close();
  await Promise.all([consumer.close(true), producer.close()]);
});
