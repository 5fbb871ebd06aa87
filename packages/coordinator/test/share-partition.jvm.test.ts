/**
 * Our share partition against Kafka's own: the same fetches, acknowledgements, deadlines and failed writes; the same records acquired,
 * states persisted, errors and offsets, step by step.
 *
 * More worlds: SEEDS=500.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { SharePartitionWorld } from './share-partition-world.ts';

test('random worlds go as on the JVM', { timeout: 300_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const worlds = Array.from({ length: Number(process.env['SEEDS'] ?? 60) }, (_, index) => {
    const world = new SharePartitionWorld(index + 1);
    for (let step = 0; step < 200; step++) world.step();
    return world;
  });
  const steps = worlds.flatMap(({ steps: own }, index) => own.map((step) => ({ ...step, seed: index + 1 })));
  const classes = await jvm.compile(join(import.meta.dirname, 'java', 'SharePartitionOracle.java'));
  const { code, stdout, stderr } = await jvm.runClass('kafka.server.share.SharePartitionOracle', [], {
    classes,
    input: `${steps.map(({ command }) => command).join('\n')}\n`,
    timeoutMs: 240_000,
  });
  assert.equal(code, 0, stderr);
  const answers: string[][] = [[]];
  for (const line of stdout.split('\n'))
    if (line === '.') answers.push([]);
    else answers.at(-1)!.push(line);
  const broken = new Set<number>();
  let comparedCount = 0;
  for (const [index, { command, lines, seed }] of steps.entries()) {
    // The JVM has failed in the middle of something: its state says nothing from here on.
    if (answers[index]!.some((line) => line.startsWith('exception '))) broken.add(seed);
    if (broken.has(seed)) continue;
    assert.deepEqual(lines, answers[index], `seed ${seed}, step ${index}: ${command.slice(0, 300)}`);
    comparedCount++;
  }
  t.diagnostic(`${comparedCount} steps compared; the JVM failed in ${broken.size} of ${worlds.length} worlds`);
  assert.ok(comparedCount > steps.length / 2);
});
