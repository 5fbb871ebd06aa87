/**
 * Requests by chance to our broker and to JVM Kafka, live: the answers are the same. SEED and STEPS may be given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { scratchFolder, skarab, startBroker } from '../../../tools/raw-client/brokers.ts';
import { groupsReady } from './scripts/messages.ts';
import { randomScript } from './scripts/random.ts';
import { describeDifferences } from './transcript/compare.ts';
import { transcribe } from './transcript/script.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const STEPS = Number(process.env['STEPS'] ?? 200);
const SCRIPTS = 3;

test('chance finds no difference', { timeout: 300_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  t.diagnostic(`SEED=${SEED}`);
  const [theirs, ours] = await Promise.all(
    [jvm, skarab].map(async (distribution) => {
      const dataDir = await scratchFolder(t);
      // Nothing may happen by itself.
      const properties = {
        'log.cleaner.enable': 'false',
        'log.retention.check.interval.ms': '3600000',
        'log.initial.task.delay.ms': '3600000',
      };
      const broker = await startBroker(t, distribution, { dataDir, properties });
      await groupsReady(broker.port);
      return broker;
    }),
  );
  for (let seed = SEED; seed < SEED + SCRIPTS; seed++) {
    await t.test(`seed ${seed}`, async () => {
      const script = randomScript(seed, STEPS);
      const [expected, actual] = await Promise.all([transcribe(script, theirs!), transcribe(script, ours!)]);
      const differences = describeDifferences(expected, actual);
      if (differences !== undefined) assert.fail(`- JVM, + ours: ${differences}`);
    });
  }
});
