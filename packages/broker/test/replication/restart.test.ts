/**
 * A broker that comes back does with its logs what the topics' configurations say, though it loads them before it knows any.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerCluster } from '../../src/testing/index.ts';

test('logs loaded at a restart have the configuration of their topic', async (t) => {
  const cluster = await BrokerCluster.start({ brokers: 1 });
  t.after(() => cluster.close());
  const configs = { 'retention.ms': '12345', 'cleanup.policy': 'compact', 'segment.bytes': '2000000' };
  await cluster.createTopic({ topic: 'orders', partitions: 1, configs });
  const configOf = () => cluster.broker(1).server.replicas.get('orders', 0)!.log.config;
  const before = configOf();
  await cluster.broker(1).stop();
  await cluster.broker(1).start();
  await cluster.until(() => cluster.broker(1).server.replicas.get('orders', 0) !== undefined);
  assert.deepEqual(configOf(), before);
});
