/**
 * Our codecs against Kafka's own, for every schema and version, with a few random messages each. More: `node packages/protocol/test/oracle/main.ts --full`.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { readCorpus } from './fuzz/corpus.ts';
import { checkSubject } from './oracle/check.ts';
import { checkDamaged } from './oracle/check-damaged.ts';
import { CodecOracle } from './oracle/codec-oracle.ts';
import { loadSubjects } from './oracle/subjects.ts';

test('every message is read and written as by Kafka, damaged ones are refused as by Kafka', {
  timeout: 120_000,
}, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const oracle = await CodecOracle.start(jvm);
  t.after(() => oracle.close());
  const subjects = loadSubjects(jvm.libs);
  assert.equal(subjects.length, 272);
  for (const subject of subjects) {
    const { low, high } = subject.schema.validVersions!;
    assert.equal(await checkSubject(subject, oracle, { seed, messages: 3 }), (high - low + 1) * 4);
  }
  const { equal, refused, stricter } = await checkDamaged(readCorpus(), subjects, oracle, seededRandom(seed), 5_000);
  t.diagnostic(`damaged: ${equal} equal, ${refused} refused by both, ${stricter} refused by us alone`);
});
