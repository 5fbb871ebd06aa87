/**
 * `node packages/protocol/test/oracle/main.ts [--full] [--seed N] [--name PART]`: compares our codecs with Kafka's, byte by byte.
 *
 * Default: 3 random messages per version and 5,000 damaged ones; `--full`: 50 and 50,000. Exit code 1 at a difference; the seed repeats the run.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm } from '../../../../tools/kafka-jvm/jvm.ts';
import { readCorpus } from '../fuzz/corpus.ts';
import { checkSubject } from './check.ts';
import { checkDamaged } from './check-damaged.ts';
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
const subjects = loadSubjects(jvm.libs);
let compared = 0;
let versions = 0;
let failures = 0;
const selected = subjects.filter(({ schema }) => schema.name.includes(values.name));
for (const subject of selected) {
  try {
    compared += await checkSubject(subject, oracle, { seed, messages: values.full ? 50 : 3 });
    versions += subject.schema.validVersions!.high - subject.schema.validVersions!.low + 1;
  } catch (error) {
    failures++;
    console.error(error);
  }
}
console.log(
  `${selected.length} schemas, ${versions} versions, ${compared} messages equal, ${failures} schemas differ (seed ${seed})`,
);
const corpus = readCorpus().filter(({ name }) => name.includes(values.name));
const { equal, refused, stricter } = await checkDamaged(
  corpus,
  subjects,
  oracle,
  seededRandom(seed),
  values.full ? 50_000 : 5_000,
);
console.log(`damaged messages: ${equal} equal, ${refused} refused by both, ${stricter} refused by us alone`);
oracle.close();
process.exitCode = failures === 0 ? 0 : 1;
