/**
 * Three brokers in this process under the JVM's tools and its producer: a broker dies while records are produced, partitions move, slowly.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCluster } from '@skarab/testing';
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { scratchFolder } from '../harness.ts';

const MESSAGES = 3000;

test('what the JVM producer was told is there when a broker dies under it', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  await using cluster = await startCluster({
    topics: [{ topic: 'orders', partitions: 3, configs: { 'min.insync.replicas': '2' } }],
  });
  const { bootstrapServers } = cluster;
  // Left alone, the tool does not retry, and what is on its way to a broker that dies fails, as it should.
  const config = join(await scratchFolder(t), 'producer.properties');
  await writeFile(config, 'retries=2147483647\nenable.idempotence=true\n');
  const common = ['--bootstrap-server', bootstrapServers, '--topic', 'orders'];
  const producing = jvm.run(
    'verifiable-producer',
    [...common, '--max-messages', `${MESSAGES}`, '--throughput', '500', '--acks', '-1', '--command-config', config],
    { timeoutMs: 90_000 },
  );
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const victim = cluster.partitionState('orders', 0).leader;
  await cluster.kill(victim);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const described = await jvm.run('topics', [
    '--bootstrap-server',
    bootstrapServers,
    '--describe',
    '--under-replicated-partitions',
  ]);
  assert.equal(described.stdout.match(/Topic: orders/g)?.length, 3, described.stdout + described.stderr);
  await cluster.start(victim);
  const { stdout, code } = await producing;
  const acknowledged = [...stdout.matchAll(/"name":"producer_send_success".*?"value":"(\d+)"/g)].map(
    ([, value]) => value,
  );
  assert.equal(code, 0);
  assert.ok(acknowledged.length === MESSAGES, `${acknowledged.length} of ${MESSAGES} acknowledged`);
  await cluster.untilInSync(['orders']);
  const consumed = await jvm.run('console-consumer', [...common, '--from-beginning', '--timeout-ms', '5000'], {
    timeoutMs: 60_000,
  });
  const values = consumed.stdout.trim().split('\n');
  assert.equal(values.length, MESSAGES, 'nothing is lost, nothing is twice: the producer is idempotent');
  assert.deepEqual(new Set(values), new Set(acknowledged));
});

test('kafka-reassign-partitions moves partitions between brokers, throttled, and says when it is done', {
  timeout: 120_000,
}, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const folder = await scratchFolder(t);
  await using cluster = await startCluster({ topics: [{ topic: 'orders', partitions: 2, replicationFactor: 2 }] });
  const { bootstrapServers } = cluster;
  const records = await jvm.run('producer-perf-test', [
    ...['--topic', 'orders', '--num-records', '2000', '--record-size', '1000', '--throughput', '-1'],
    ...['--bootstrap-server', bootstrapServers],
  ]);
  assert.equal(records.code, 0, records.stdout + records.stderr);
  const plan = join(folder, 'plan.json');
  const partitions = [0, 1].map((partition) => {
    const { replicas } = cluster.partitionState('orders', partition);
    const fresh = [1, 2, 3].find((id) => !replicas.includes(id));
    return { topic: 'orders', partition, replicas: [fresh, replicas[0]] };
  });
  await writeFile(plan, JSON.stringify({ version: 1, partitions }));
  const reassign = (...args: string[]) =>
    jvm.run('reassign-partitions', ['--bootstrap-server', bootstrapServers, '--reassignment-json-file', plan, ...args]);
  const begun = await reassign('--execute', '--throttle', '500000');
  assert.match(
    begun.stdout,
    /Successfully started partition reassignments for orders-0,orders-1/,
    begun.stdout + begun.stderr,
  );
  const isDone = (): boolean =>
    partitions.every(({ partition, replicas }) => {
      const state = cluster.partitionState('orders', partition);
      return String(state.replicas) === String(replicas) && state.isr.length === 2;
    });
  for (let i = 0; i < 400 && !isDone(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  const verified = await reassign('--verify');
  assert.match(verified.stdout, /Reassignment of partition orders-0 is completed/, verified.stdout + verified.stderr);
  assert.match(verified.stdout, /Clearing topic-level throttles on topic orders/, verified.stdout);
});
