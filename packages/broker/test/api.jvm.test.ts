/**
 * The transcripts in testdata/ are what JVM Kafka answers. UPDATE_TRANSCRIPTS=1 rewrites them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { scratchFolder, startBroker } from '../../../tools/raw-client/brokers.ts';
import { brokerProperties, scripts } from './scripts/index.ts';
import { announcedApis, recordApis, recordedApis, showRange } from './transcript/api-table.ts';
import { expectAsRecorded, isUpdating, transcribe } from './transcript/script.ts';

test('JVM Kafka answers as recorded', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const dataDir = await scratchFolder(t);
  const broker = await startBroker(t, jvm, { dataDir, properties: brokerProperties(dataDir) });
  for (const script of scripts) {
    await t.test(script.name, async () => expectAsRecorded(script, await transcribe(script, broker)));
  }
  await t.test('the table of APIs', async () => {
    const lines = (await announcedApis(broker.port)).map(showRange);
    if (isUpdating) recordApis(lines);
    else assert.deepEqual(lines, recordedApis());
  });
});
