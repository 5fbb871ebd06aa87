/**
 * Our broker answers as JVM Kafka does, request by request, whole responses; see transcript/script.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scratchFolder, skarab, startBroker } from '../../../tools/raw-client/brokers.ts';
import { brokerProperties, scripts } from './scripts/index.ts';
import { announcedApis, recordedApis, showRange } from './transcript/api-table.ts';
import { expectAsJvm, transcribe } from './transcript/script.ts';

/** Announced for the sake of old clients, not served: ProduceRequest begins at version 3. */
const ANNOUNCED_ONLY = new Set(['Produce v0', 'Produce v1', 'Produce v2']);

test('our broker answers as JVM Kafka', async (t) => {
  const dataDir = await scratchFolder(t);
  const broker = await startBroker(t, skarab, { dataDir, properties: brokerProperties(dataDir) });
  const called = new Set<string>();
  for (const script of scripts) {
    await t.test(script.name, async () => expectAsJvm(script, await transcribe(script, broker, called)));
  }
  const announced = await announcedApis(broker.port);
  await t.test('what is announced, the JVM announces in the same versions', () => {
    const theirs = new Set(recordedApis());
    assert.deepEqual(
      announced.map(showRange).filter((line) => !theirs.has(line)),
      [],
    );
  });
  await t.test('every announced version of every API is in a script', () => {
    const versions = announced.flatMap(({ name, min, max }) =>
      Array.from({ length: max - min + 1 }, (_, i) => `${name} v${min + i}`),
    );
    const missing = versions.filter((version) => !called.has(version) && !ANNOUNCED_ONLY.has(version));
    assert.deepEqual(missing, []);
  });
});
