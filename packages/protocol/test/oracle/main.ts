/**
 * `node packages/protocol/test/oracle/main.ts [--full] [--seed N] [--name PART]`: compares our codecs with Kafka's, byte by byte.
 *
 * Default: 3 random messages per version; `--full`: 50. Exit code 1 at a difference; the seed repeats the run.
 */
import { parseArgs } from 'node:util';
import { requireKafkaJvm } from '../../../../tools/kafka-jvm/jvm.ts';
import { checkSubject } from './check.ts';
import { CodecOracle } from './codec-oracle.ts';
import { loadSubjects } from './subjects.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    seed: { type: 'string' },
    name: { type: 'string', default: '' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const jvm = await requireKafkaJvm({ skip: (reason) => console.error(reason) });
if (jvm === undefined) process.exit(1);
const oracle = await CodecOracle.start(jvm);
console.log(`seed ${seed}`);
let compared = 0;
let versions = 0;
let failures = 0;
const subjects = loadSubjects(jvm.libs).filter(({ schema }) => schema.name.includes(values.name));
for (const subject of subjects) {
  try {
    compared += await checkSubject(subject, oracle, { seed, messages: values.full ? 50 : 3 });
    versions += subject.schema.validVersions!.high - subject.schema.validVersions!.low + 1;
  } catch (error) {
    failures++;
    console.error(error);
  }
}
oracle.close();
console.log(
  `${subjects.length} schemas, ${versions} versions, ${compared} messages equal, ${failures} schemas differ (seed ${seed})`,
);
process.exitCode = failures === 0 ? 0 : 1;
