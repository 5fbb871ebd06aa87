/** @platformatic/kafka: its codecs, acks, idempotence, both group protocols, administration. */
import assert from 'node:assert/strict';
import {
  Admin,
  Consumer,
  type ConsumerOptions,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { testOnBoth } from '../harness.ts';
import { serves } from '../served-apis.ts';

type Strings = ConsumerOptions<string, string, string, string>;

testOnBoth('@platformatic/kafka', { timeout: 90_000 }, async (t, start) => {
  const broker = await start();
  if (broker === undefined) return;
  const base = { bootstrapBrokers: [broker.bootstrapServers], clientId: 'platformatic' };
  const admin = new Admin(base);
  t.after(() => admin.close());
  await admin.createTopics({ topics: ['a'], partitions: 3, replicas: 1 });
  await admin.createTopics({ topics: ['b'], partitions: 1, replicas: 1 });

  const messages = (topic: string, prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      topic,
      key: `${prefix}-${i}`,
      value: `${prefix}-${i} `.repeat(20),
      headers: { h: prefix },
    }));
  for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const producer = new Producer({ ...base, serializers: stringSerializers, compression });
    await producer.send({ messages: messages('a', compression, 100) });
    await producer.close();
  }
  for (const acks of [0, 1, -1]) {
    const producer = new Producer({ ...base, serializers: stringSerializers });
    await producer.send({ messages: messages('b', `acks${acks}`, 10), acks });
    await producer.close();
  }
  const idempotent = new Producer({ ...base, serializers: stringSerializers, idempotent: true });
  await idempotent.send({ messages: messages('b', 'idempotent', 10) });
  await idempotent.close();

  /** Reads so many messages in a group and commits them. */
  const read = async (
    topic: string,
    count: number,
    options: Partial<Strings> & { groupId: string },
  ): Promise<string[]> => {
    const settings = {
      ...base,
      deserializers: stringDeserializers,
      sessionTimeout: 10_000,
      heartbeatInterval: 500,
      ...options,
    };
    const consumer = new Consumer<string, string, string, string>(settings as Strings);
    const stream = await consumer.consume({
      topics: [topic],
      mode: 'committed',
      fallbackMode: 'earliest',
      autocommit: false,
    });
    const keys: string[] = [];
    for await (const message of stream) {
      assert.equal(message.value.startsWith(`${message.key} `), true);
      keys.push(message.key);
      await message.commit();
      if (keys.length === count) break;
    }
    await consumer.close(true);
    return keys;
  };
  const classic = await read('a', 500, { groupId: 'classic' });
  assert.equal(new Set(classic).size, 500);
  if (await serves(broker, ['ConsumerGroupHeartbeat'])) {
    const modern = await read('b', 40, { groupId: 'modern', groupProtocol: 'consumer' });
    assert.equal(new Set(modern).size, 40);
  }

  const groups = await admin.describeGroups({ groups: ['classic'] });
  assert.equal(groups.get('classic')?.state, 'Empty');
  const listed = await admin.listTopics({ includeInternals: false });
  assert.deepEqual(listed.sort(), ['a', 'b']);
  await admin.deleteGroups({ groups: ['classic'] });
  await admin.deleteTopics({ topics: ['a', 'b'] });
});
