/**
 * The transcripts in testdata/ are what JVM Kafka answers. UPDATE_TRANSCRIPTS=1 rewrites them.
 */
import { test } from 'node:test';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { scratchFolder, startBroker } from '../../../tools/raw-client/brokers.ts';
import { brokerProperties, scripts } from './scripts/index.ts';
import { expectAsRecorded, transcribe } from './transcript/script.ts';

test('JVM Kafka answers as recorded', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const dataDir = await scratchFolder(t);
  const broker = await startBroker(t, jvm, { dataDir, properties: brokerProperties(dataDir) });
  for (const script of scripts) {
    await t.test(script.name, async () => expectAsRecorded(script, await transcribe(script, broker)));
  }
});
