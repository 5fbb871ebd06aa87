/**
 * A folder that changes hands between our broker and JVM Kafka, after clean stops and after kill -9: each finds all that the other
 * left, and goes on from there. And Kafka's own dump tool reads every file that ours has written.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { compressionTypes } from '@skarab/records';
import { type KafkaJvm, requireKafkaJvm } from '../tools/kafka-jvm/jvm.ts';
import {
  connectTo,
  type Distribution,
  scratchFolder,
  skarab,
  startBroker,
  waitForTopics,
} from '../tools/raw-client/brokers.ts';
import { type ClusterView, viewCluster } from './cluster-view.ts';
import { PartitionLedger } from './ledger.ts';
import { LoadingProducer } from './load.ts';
import { SwapContent } from './swap-content.ts';
import { createTopics } from './topics.ts';
import { verifyPartition } from './verify.ts';

type End = 'stop' | 'kill';

interface Turn {
  readonly who: 'ours' | 'JVM';
  readonly end: End;
}

const quickly = {
  // A broker that was killed may come back only when its session is over.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  // Compaction would change what is compared.
  'log.cleaner.enable': 'false',
};

/** Neither broker writes the start of a log to its checkpoint at once, so a kill may bring back what DeleteRecords had removed. */
function forgetTrimming(...views: ClusterView[]): void {
  for (const view of views) view.topics = view.topics.filter(({ name }) => name !== 'trimmed');
}

/** Each in turn: sees what was there at the last look, adds to it, looks again, ends. */
async function handOver(t: TestContext, jvm: KafkaJvm, turns: readonly Turn[]): Promise<string> {
  const dataDir = await scratchFolder(t);
  const content = new SwapContent();
  let left: ClusterView = { topics: [], groups: [] };
  for (const [i, { who, end }] of turns.entries()) {
    const distribution: Distribution = who === 'ours' ? skarab : jvm;
    const broker = await startBroker(t, distribution, { dataDir, format: i === 0, properties: quickly });
    const client = await connectTo(t, broker.port);
    if (i === 0) await content.create(client);
    else {
      await waitForTopics(client, { idempotent: 2, configured: 1, grown: 3 });
      const found = await viewCluster(client);
      const before = turns[i - 1]!;
      if (before.end === 'kill') forgetTrimming(found, left);
      assert.deepEqual(found, left, `turn ${i}: ${who} does not find what ${before.who} left at its ${before.end}`);
      await content.extend(client);
    }
    left = await viewCluster(client);
    assert.match(
      inspect(left.groups, { depth: 6 }),
      new RegExp(`member-of-round-${i + 1}`),
      'nobody is in the consumer group',
    );
    client.close();
    await broker[end]();
  }
  return dataDir;
}

test('our folder, then the JVM’s, and back: clean stops', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  await handOver(t, jvm, [
    { who: 'ours', end: 'stop' },
    { who: 'JVM', end: 'stop' },
    { who: 'ours', end: 'stop' },
  ]);
});

test('our folder, then the JVM’s, and back: kill -9', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  await handOver(t, jvm, [
    { who: 'ours', end: 'kill' },
    { who: 'JVM', end: 'kill' },
    { who: 'ours', end: 'stop' },
  ]);
});

test('a folder that the JVM has formatted', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  await handOver(t, jvm, [
    { who: 'JVM', end: 'stop' },
    { who: 'ours', end: 'kill' },
    { who: 'JVM', end: 'stop' },
  ]);
});

test('killed under load, by turns', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const dataDir = await scratchFolder(t);
  const partitions = 6;
  const ledgers = Array.from(
    { length: partitions },
    (_, i) => new PartitionLedger('load', i, compressionTypes[i % 5]!),
  );
  const producer = new LoadingProducer(ledgers, 1);
  for (const [i, distribution] of [skarab, jvm, skarab, jvm].entries()) {
    const broker = await startBroker(t, distribution, { dataDir, format: i === 0, properties: quickly });
    const client = await connectTo(t, broker.port);
    if (i === 0) await createTopics(client, [{ name: 'load', partitions, configs: { 'segment.bytes': '1048576' } }]);
    await waitForTopics(client, { load: partitions });
    for (const ledger of ledgers) await verifyPartition(client, ledger);
    const control = { stopped: false };
    const load = producer.run(broker.port, control);
    await Promise.race([sleep(1_500), load]);
    await broker.kill();
    control.stopped = true;
    await load;
  }
  const broker = await startBroker(t, skarab, { dataDir, format: false, properties: quickly });
  const client = await connectTo(t, broker.port);
  for (const ledger of ledgers) await verifyPartition(client, ledger);
  t.diagnostic(`${ledgers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)} records`);
  await broker.stop();
});

test('a topic that ours has compacted', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const dataDir = await scratchFolder(t);
  const cleaning = { ...quickly, 'log.cleaner.enable': 'true', 'log.cleaner.backoff.ms': '100' };
  const ours = await startBroker(t, skarab, { dataDir, properties: cleaning });
  const first = await connectTo(t, ours.port);
  await new SwapContent().create(first);
  // Every record of the first batch is written again later, so it goes.
  const isCompacted = (view: ClusterView): boolean => {
    const topic = view.topics.find(({ name }) => name === 'compacted') as {
      partitions?: { batches: { offsets: [number, number] }[] }[];
    };
    return (topic.partitions?.[0]?.batches[0]?.offsets[0] ?? 0) > 0;
  };
  let left = await viewCluster(first);
  for (let tries = 0; tries < 100 && !isCompacted(left); tries++) {
    await sleep(200);
    left = await viewCluster(first);
  }
  assert(isCompacted(left), 'nothing was compacted');
  await ours.stop();
  const theirs = await startBroker(t, jvm, { dataDir, format: false, properties: quickly });
  const second = await connectTo(t, theirs.port);
  assert.deepEqual(await viewCluster(second), left);
  await theirs.stop();
});

test('Kafka’s dump tool reads every file of ours', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const dataDir = await handOver(t, jvm, [{ who: 'ours', end: 'stop' }]);
  using tools = jvm.toolServer();
  const dump = async (pattern: string, ...args: string[]): Promise<void> => {
    const files = globSync(pattern, { cwd: dataDir }).map((file) => join(dataDir, file));
    assert(files.length > 0, `no files ${pattern}`);
    const { code, stdout, stderr } = await tools.tool('dump-log', ['--files', files.join(','), ...args], {
      timeoutMs: 60_000,
    });
    assert.equal(code, 0, stderr);
    // Said of every file that does not begin at offset 0.
    assert.equal(stderr.replace(/Non-consecutive offsets in \S+\n {2}-1 is followed by \d+\n/g, ''), '');
    assert.equal(stdout.split('Dumping ').length - 1, files.length);
    assert.doesNotMatch(
      stdout,
      /corrupt|isvalid: false|mismatch|Exception|Error|Found timestamp|out of order|failed/i,
      pattern,
    );
  };
  const ordinary = '{c,g,i,t}*-[0-9]';
  await dump(`${ordinary}/*.log`, '--print-data-log', '--deep-iteration');
  await dump(`${ordinary}/*.index`, '--index-sanity-check');
  await dump(`${ordinary}/*.index`, '--verify-index-only');
  await dump(`${ordinary}/*.timeindex`);
  await dump('idempotent-[0-9]/*.snapshot');
  await dump('__consumer_offsets-*/*.log', '--offsets-decoder', '--print-data-log');
  await dump('__cluster_metadata-0/*.log', '--cluster-metadata-decoder', '--print-data-log');
  await dump('{__cluster_metadata-0/*,bootstrap}.checkpoint', '--cluster-metadata-decoder');
});
