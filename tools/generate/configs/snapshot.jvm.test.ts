import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../kafka-jvm/jvm.ts';
import { snapshotFile, takeSnapshot } from './snapshot.ts';

test("the snapshot is what the JVM's Kafka says", async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  assert.equal(await takeSnapshot(jvm), readFileSync(snapshotFile, 'utf8'));
});
