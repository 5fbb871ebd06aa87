/** JVM Kafka's nodes and ours in one cluster: records go both ways as replicas, and are the same files on both sides. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differingReplicas, replicaDigest } from '../../durability/chaos/replicas.ts';
import { mustRun, requireTools, startCluster, until } from './harness.ts';

for (const whose of ['ours', 'theirs'] as const) {
  test(`brokers of both kinds replicate each other's records; the controller is ${whose}`, {
    timeout: 240_000,
  }, async (t) => {
    const tools = await requireTools(t);
    if (tools === undefined) return;
    const { ours, jvm: theirs } = tools;
    const cluster = await startCluster(t, {
      nodes: [
        { id: 100, roles: 'controller', distribution: whose === 'ours' ? ours : theirs },
        { id: 1, roles: 'broker', distribution: ours },
        { id: 2, roles: 'broker', distribution: theirs },
      ],
      properties: { 'broker.session.timeout.ms': '3000' },
    });
    const both = `--bootstrap-server ${cluster.bootstrapServers}`;
    // Partition 0 is led by ours, partition 1 by theirs.
    await mustRun(tools, 'topics', `${both} --create --topic t --replica-assignment 1:2,2:1`);
    const produce = (count: number, compression: string) =>
      mustRun(
        tools,
        'console-producer',
        `${both} --topic t --command-property acks=all --command-property compression.type=${compression} --command-property partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner`,
        Array.from({ length: count }, (_, i) => `${compression}-${i}\n`).join(''),
      );
    const inSync = (server: string) =>
      until(
        () => mustRun(tools, 'topics', `${server} --describe --topic t --under-replicated-partitions`),
        (text) => !text.includes('Topic: t'),
        'all replicas are in sync',
        60_000,
      );
    await produce(500, 'none');
    await produce(500, 'lz4');

    for (const victim of [1, 2]) {
      await t.test(`node ${victim} dies and comes back`, async () => {
        await cluster.node(victim).kill();
        const rest = `--bootstrap-server 127.0.0.1:${cluster.node(3 - victim).port}`;
        await until(
          () => mustRun(tools, 'topics', `${rest} --describe --topic t --under-replicated-partitions`),
          (text) => text.match(new RegExp(`Leader: ${3 - victim}\\b`, 'g'))?.length === 2,
          'the other one leads both partitions alone',
        );
        await produce(300, 'zstd');
        await cluster.node(victim).start();
        await inSync(rest);
        await mustRun(tools, 'leader-election', `${rest} --election-type preferred --all-topic-partitions`);
        await produce(200, 'gzip');
      });
    }

    await t.test('everybody has every record, in the same files', async () => {
      const consume = `${both} --topic t --from-beginning --timeout-ms 8000 --max-messages 2000`;
      const consumed = await mustRun(tools, 'console-consumer', consume);
      assert.equal(new Set(consumed.trim().split('\n')).size, 1500, 'of the later records there are twice as many');
      await inSync(both);
      await Promise.all(cluster.brokers.map((node) => node.stop()));
      const dataDirs = cluster.brokers.map(({ dataDir }) => dataDir);
      assert.deepEqual(differingReplicas(dataDirs, 't', 2), []);
      for (const dataDir of dataDirs) assert.notEqual(replicaDigest(dataDir, 't', 1), undefined);
    });
  });
}
