/**
 * A node over memory storage, in this process, answers as one over files does: the same scripts, the same transcripts.
 */
import { test } from 'node:test';
import { startInMemoryNode } from './in-memory-node.ts';
import { brokerProperties, scripts } from './scripts/index.ts';
import { expectAsJvm, transcribe } from './transcript/script.ts';

test('a broker in memory answers as JVM Kafka', async (t) => {
  const node = await startInMemoryNode('/memory', brokerProperties('/memory'));
  t.after(() => node.stop());
  for (const script of scripts) {
    await t.test(script.name, async () => expectAsJvm(script, await transcribe(script, node)));
  }
});
