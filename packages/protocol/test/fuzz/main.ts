/**
 * `node packages/protocol/test/fuzz/main.ts [--seed N] [--seconds S]`: damaged messages until the time is up (default 30 s).
 *
 * Exit code 1 at the first input that breaks a promise; it is printed as a line for the corpus.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '@skarab/base';
import { checkInput } from './check-input.ts';
import { readCorpus } from './corpus.ts';
import { mutate } from './mutate.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, seconds: { type: 'string', default: '30' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const random = seededRandom(seed);
const samples = readCorpus();
const end = performance.now() + Number(values.seconds) * 1000;
let inputs = 0;
let accepted = 0;
console.log(`seed ${seed}, ${samples.length} samples`);
while (performance.now() < end) {
  const { name, version, codec, bytes } = samples[random.int(samples.length)]!;
  const input = mutate(bytes, random);
  try {
    if (checkInput(codec, version, input)) accepted++;
  } catch (error) {
    console.error(`${name} ${version} ${input.toString('hex')}`);
    console.error(error);
    process.exit(1);
  }
  inputs++;
}
console.log(`${inputs} inputs: ${accepted} were messages, ${inputs - accepted} were refused`);
