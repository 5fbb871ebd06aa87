/**
 * `node packages/protocol/test/fuzz/write-corpus.ts`: writes the corpus anew, after Kafka's own codecs agreed with each line. Needs the JVM.
 */
import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm } from '../../../../tools/kafka-jvm/jvm.ts';
import { Writer } from '../../src/wire/writer.ts';
import { CodecOracle } from '../oracle/codec-oracle.ts';
import { defaultStruct } from '../oracle/defaults.ts';
import { randomMessage } from '../oracle/random-message.ts';
import { loadSubjects } from '../oracle/subjects.ts';
import { CORPUS_FILE } from './corpus.ts';

const jvm = await requireKafkaJvm({ skip: (reason) => console.error(reason) });
if (jvm === undefined) process.exit(1);
const oracle = await CodecOracle.start(jvm);
const random = seededRandom(431);
const lines: string[] = [];
for (const { schema, javaClass, encode } of loadSubjects(jvm.libs)) {
  const { low, high } = schema.validVersions!;
  for (const version of new Set([low, schema.flexibleVersions?.low ?? low, high])) {
    const message = randomMessage(schema, version, defaultStruct, random, {
      maxItems: 1,
      unknownTags: true,
      small: true,
    });
    const writer = new Writer();
    encode(writer, message, version);
    const hex = Buffer.from(writer.toBytes()).toString('hex');
    const reading = await oracle.decode(javaClass, version, Buffer.from(hex, 'hex'));
    assert.equal(reading.bytes.toString('hex'), hex, `${schema.name} v${version}`);
    lines.push(`${schema.name} ${version} ${hex}`);
  }
}
oracle.close();
writeFileSync(CORPUS_FILE, `${lines.join('\n')}\n`);
console.log(`${lines.length} samples`);
