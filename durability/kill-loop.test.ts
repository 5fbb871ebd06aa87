/**
 * kill -9 under load, again and again, on one folder: nothing that was acknowledged is lost, doubled or moved.
 *
 * Ends after KILLS (20) rounds, or on a slow machine when MAX_LOOP_MS have passed. KILLS and SEED may be given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm, startBrokerProcess } from '../tools/kafka-jvm/jvm.ts';
import { connectTo, type Distribution, scratchFolder, skarab, startBroker } from '../tools/raw-client/brokers.ts';
import { PartitionLedger } from './ledger.ts';
import { wrapped } from './limits.ts';
import { type LoadControl, LoadingProducer } from './load.ts';
import { Promises } from './promises.ts';
import { createTopics, type TopicPlan, waitForCoordinator } from './topics.ts';
import { verifyPartition } from './verify.ts';

const KILLS = Number(process.env['KILLS'] ?? 20);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const MAX_LOOP_MS = 70_000;
const MAX_RESTART_MS = 15_000;
const GROUPS = ['group-a', 'group-b', 'group-c'];

const smallSegments = { 'segment.bytes': '1048576' };
const plans: readonly TopicPlan[] = [
  { name: 'plain', partitions: 6, configs: smallSegments },
  { name: 'packed', partitions: 3, configs: { 'compression.type': 'lz4', ...smallSegments } },
  { name: 'wide', partitions: 24 },
];

/** The broker under test: ours, or with SKARAB_DURABILITY_BROKER=jvm the JVM's, to check the test itself. */
async function brokerUnderTest(): Promise<Distribution> {
  if (process.env['SKARAB_DURABILITY_BROKER'] !== 'jvm') return skarab;
  return (await requireKafkaJvm()) ?? skarab;
}

/** A start that ends by kill -9 some time on its way, most often in recovery. */
async function dieStarting(
  distribution: Distribution,
  dataDir: string,
  scripts: string,
  delayMs: number,
): Promise<void> {
  const mortal = wrapped(distribution, scripts, '', `exec timeout --signal=KILL ${delayMs / 1000}`);
  const broker = await startBrokerProcess(mortal, { dataDir, format: false }).catch(() => undefined);
  if (broker === undefined) return;
  // It was faster than that: to kill the wrapper would leave the broker alone in the folder, so its time must come.
  await sleep(delayMs);
  await broker.kill();
}

test(`kill -9, ${KILLS} times under load`, { timeout: 300_000 }, async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const random = seededRandom(SEED);
  const distribution = await brokerUnderTest();
  const dataDir = await scratchFolder(t);
  const scripts = await scratchFolder(t);
  const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
  const ledgers = plans.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, i) => new PartitionLedger(name, i, codecs[i % codecs.length]!)),
  );
  const producers = [0, 1, 2].map(
    (n) =>
      new LoadingProducer(
        ledgers.filter((_, i) => i % 3 === n),
        SEED + n,
      ),
  );
  const promises = new Promises('plain', GROUPS);
  const restartsMs: number[] = [];

  const loopStartedAt = performance.now();
  for (let round = 0, isLast = false; !isLast; round++) {
    if (round > 0 && round % 4 === 0) await dieStarting(distribution, dataDir, scripts, 150 + random.int(600));
    isLast = round === KILLS || performance.now() - loopStartedAt > MAX_LOOP_MS;
    const startedAt = performance.now();
    const broker = await startBroker(t, distribution, { dataDir, format: round === 0 });
    const client = await connectTo(t, broker.port);
    if (round === 0) {
      await createTopics(client, plans);
      await waitForCoordinator(client, GROUPS[0]!);
    } else {
      await promises.check(client);
      restartsMs.push(Math.round(performance.now() - startedAt));
      // All of it at the end; before, only what is new.
      for (const ledger of ledgers) await verifyPartition(client, ledger, isLast ? 0 : ledger.readBack);
    }
    client.close();
    if (isLast) {
      await broker.stop();
      break;
    }
    const control: LoadControl = { stopped: false };
    const load = Promise.all([
      ...producers.map((producer) => producer.run(broker.port, control)),
      promises.make(broker.port, control),
    ]);
    await Promise.race([sleep(250 + random.int(700)), load]);
    await broker.kill();
    control.stopped = true;
    await load;
  }
  const records = ledgers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const forgotten = ledgers.reduce((sum, ledger) => sum + ledger.forgotten, 0);
  const slowest = Math.max(...restartsMs);
  t.diagnostic(
    `${records} records acknowledged, ${promises.topicCount} topics, ${forgotten} duplicates refused; slowest restart ${slowest} ms`,
  );
  assert(restartsMs.length >= Math.min(KILLS, 3), 'too few kills in the time');
  assert(records > restartsMs.length * 100, 'the load was no load');
  assert(slowest < MAX_RESTART_MS, `a restart took ${slowest} ms`);
});
