/**
 * Our group coordinator against Kafka's own: the same inputs, the same records and responses.
 *
 * More worlds: SEEDS=500.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { countingRandom } from './group-host.ts';
import { GroupScript } from './group-script.ts';
import { compareWithJvm, type NamedHost } from './oracle/compare.ts';
import { World } from './random-clients.ts';
import { ConsumerWorld } from './random-consumers.ts';
import { StreamsWorld } from './random-streams.ts';

test('the transcripts go as on the JVM', { timeout: 180_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const folder = join(import.meta.dirname, 'testdata');
  const hosts: NamedHost[] = [];
  for (const file of readdirSync(folder)) {
    if (file.endsWith('-overtaken.txt')) continue;
    const lines = readFileSync(join(folder, file), 'utf8').split('\n');
    const commands = lines.filter(
      (line, index) => line !== '' && !line.startsWith('#') && line !== '----' && (lines[index - 1] ?? '') === '',
    );
    const script = new GroupScript();
    for (const command of commands) script.run(command);
    for (const [index, host] of script.hosts.entries()) hosts.push({ name: `${file} ${index + 1}`, host });
  }
  assert.ok((await compareWithJvm(jvm, hosts)) > 200);
});

test('random worlds go as on the JVM', { timeout: 180_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const hosts: NamedHost[] = [];
  for (let seed = 1; seed <= Number(process.env['SEEDS'] ?? 30); seed++) {
    const world = new World(seed, {
      partitionCount: 1,
      appendLingerMs: 0,
      random: countingRandom(),
      isHarsh: false,
    });
    for (let step = 0; step < 150; step++) world.step();
    world.release();
    world.host.shutdown();
    hosts.push({ name: `seed ${seed}`, host: world.host });
  }
  assert.ok((await compareWithJvm(jvm, hosts)) > 1000);
});

test('random worlds of consumers of both protocols go as on the JVM', { timeout: 180_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const hosts: NamedHost[] = [];
  let assignedCount = 0;
  const seeds = Number(process.env['SEEDS'] ?? 40);
  const first = Number(process.env['FIRST_SEED'] ?? 1);
  for (let seed = first; seed < first + seeds; seed++) {
    const hasMigrations = seed % 2 === 0;
    const assignors = seed % 3 === 0 ? ['range', 'uniform'] : ['uniform', 'range'];
    const world = new ConsumerWorld(seed, { random: countingRandom(), hasMigrations, assignors });
    for (let step = 0; step < 200; step++) world.step();
    world.host.shutdown();
    assignedCount += world.assignedCount;
    hosts.push({ name: `seed ${seed}`, host: world.host });
  }
  // The consumers are wild, but not so wild that nobody ever gets anything.
  assert.ok(assignedCount > seeds * 20, `partitions were assigned ${assignedCount} times only`);
  assert.ok((await compareWithJvm(jvm, hosts)) > 1000);
});

test('random worlds of streams members go as on the JVM', { timeout: 180_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const hosts: NamedHost[] = [];
  let assignedCount = 0;
  const seeds = Number(process.env['SEEDS'] ?? 40);
  const first = Number(process.env['FIRST_SEED'] ?? 1);
  for (let seed = first; seed < first + seeds; seed++) {
    const world = new StreamsWorld(seed, countingRandom());
    for (let step = 0; step < 200; step++) world.step();
    world.host.shutdown();
    assignedCount += world.assignedCount;
    hosts.push({ name: `seed ${seed}`, host: world.host });
  }
  assert.ok(assignedCount > seeds * 4, `tasks were assigned ${assignedCount} times only`);
  assert.ok((await compareWithJvm(jvm, hosts)) > 1000);
});
