/**
 * kill -9 in the middle of transactions, again and again on one folder: after each start every transaction is whole or not there at all.
 *
 * Ends after KILLS (12) rounds, or on a slow machine when MAX_LOOP_MS have passed. KILLS and SEED may be given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm } from '../tools/kafka-jvm/jvm.ts';
import { connectTo, type Distribution, scratchFolder, skarab, startBroker } from '../tools/raw-client/brokers.ts';
import { Bank } from './bank.ts';
import type { LoadControl } from './load.ts';

const KILLS = Number(process.env['KILLS'] ?? 12);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const MAX_LOOP_MS = 60_000;

/** The broker under test: ours, or with SKARAB_DURABILITY_BROKER=jvm the JVM's, to check the test itself. */
async function brokerUnderTest(): Promise<Distribution> {
  if (process.env['SKARAB_DURABILITY_BROKER'] !== 'jvm') return skarab;
  return (await requireKafkaJvm()) ?? skarab;
}

const properties = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' };

test(`kill -9, ${KILLS} times in the middle of transactions`, { timeout: 300_000 }, async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const random = seededRandom(SEED);
  const distribution = await brokerUnderTest();
  const dataDir = await scratchFolder(t);
  const bank = new Bank(SEED);
  const startedAt = performance.now();
  let kills = 0;
  let booked = 0;
  for (let isLast = false; !isLast; kills++) {
    isLast = kills === KILLS || performance.now() - startedAt > MAX_LOOP_MS;
    const broker = await startBroker(t, distribution, { dataDir, format: kills === 0, properties });
    const client = await connectTo(t, broker.port);
    if (kills === 0) await bank.open(client);
    else {
      await bank.beginAll(client);
      booked = await bank.audit(client);
    }
    client.close();
    if (isLast) {
      await broker.stop();
      break;
    }
    const control: LoadControl = { stopped: false };
    const load = bank.run(broker.port, control);
    await Promise.race([sleep(300 + random.int(700)), load]);
    await broker.kill();
    control.stopped = true;
    await load;
  }
  const outcomes = bank.clerks.flatMap((clerk) => clerk.outcomes);
  const count = (wanted: string): number => outcomes.filter((outcome) => outcome === wanted).length;
  t.diagnostic(`${booked} transfers booked, ${count('aborted')} aborted, ${count('open')} cut off by a kill`);
  assert.equal(booked, count('committed'));
  assert(kills >= Math.min(KILLS, 3), 'too few kills in the time');
  assert(booked > 20 && count('aborted') > 5 && count('open') > 0, 'the load was no load');
});
