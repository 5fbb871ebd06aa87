/**
 * A folder with open, ended and half-ended transactions changes hands between our broker and JVM Kafka: each completes what the other
 * has decided, keeps open what is open, and aborts it when its producer starts anew.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaJvm, requireKafkaJvm } from '../tools/kafka-jvm/jvm.ts';
import { connectTo, scratchFolder, skarab, startBroker } from '../tools/raw-client/brokers.ts';
import { Bank } from './bank.ts';
import { Clerk } from './clerk.ts';
import type { LoadControl } from './load.ts';

const properties = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' };

type End = 'stop' | 'kill';

/** Each in turn: ends a transaction that the one before left open, audits, works, leaves one open, ends. */
async function handOver(
  t: TestContext,
  jvm: KafkaJvm,
  turns: readonly (readonly ['ours' | 'JVM', End])[],
): Promise<void> {
  const dataDir = await scratchFolder(t);
  const bank = new Bank(turns.length);
  // Two who never start anew: their transactions go over from broker to broker.
  const patient = [new Clerk('patient-old', false, 1), new Clerk('patient-new', true, 2)];
  for (const [i, [who, end]] of turns.entries()) {
    const broker = await startBroker(t, who === 'ours' ? skarab : jvm, { dataDir, format: i === 0, properties });
    const client = await connectTo(t, broker.port);
    if (i === 0) {
      await bank.open(client);
      for (const clerk of patient) await clerk.begin(client);
    } else {
      for (const clerk of patient) await clerk.end(client, true);
      await bank.beginAll(client);
      const booked = await bank.audit(client);
      const theirs = [...bank.clerks, ...patient].flatMap(({ outcomes }) => outcomes);
      assert.equal(booked, theirs.filter((outcome) => outcome === 'committed').length, `turn ${i}, ${who}`);
    }
    const control: LoadControl = { stopped: false };
    const load = bank.run(broker.port, control);
    await sleep(800);
    for (const clerk of patient) await clerk.transfer(client);
    client.close();
    if (end === 'stop') {
      control.stopped = true;
      await load;
    }
    await broker[end]();
    control.stopped = true;
    await load;
  }
}

test('transactions go over from ours to the JVM and back: clean stops', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  await handOver(t, jvm, [
    ['ours', 'stop'],
    ['JVM', 'stop'],
    ['ours', 'stop'],
    ['JVM', 'stop'],
  ]);
});

test('transactions go over from the JVM to ours and back: kill -9', { timeout: 120_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  await handOver(t, jvm, [
    ['JVM', 'kill'],
    ['ours', 'kill'],
    ['JVM', 'kill'],
    ['ours', 'stop'],
  ]);
});
