/**
 * Our broker answers as JVM Kafka does, request by request, whole responses; see transcript/script.ts.
 */
import { test } from 'node:test';
import { scratchFolder, skarab, startBroker } from '../../../tools/raw-client/brokers.ts';
import { brokerProperties, scripts } from './scripts/index.ts';
import { expectAsJvm, transcribe } from './transcript/script.ts';

test('our broker answers as JVM Kafka', async (t) => {
  const dataDir = await scratchFolder(t);
  const broker = await startBroker(t, skarab, { dataDir, properties: brokerProperties(dataDir) });
  for (const script of scripts) {
    await t.test(script.name, async () => expectAsJvm(script, await transcribe(script, broker)));
  }
});
