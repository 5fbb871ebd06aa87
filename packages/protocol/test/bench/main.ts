/**
 * `node packages/protocol/test/bench/main.ts [--rounds N]`: our codecs against those of kafkajs and @platformatic/kafka, as ratios from one run.
 *
 * Each message has 5 topics of 10 partitions. Sides take turns, many short rounds each; the best round of each side counts.
 */
import { strict as assert } from 'node:assert';
import { parseArgs } from 'node:util';
import { type Case, cases } from './cases.ts';

const ROUND_MS = 40;

/** Microseconds per call over about `ROUND_MS`. */
async function measure(call: () => unknown): Promise<number> {
  const start = performance.now();
  let calls = 0;
  let now = start;
  while (now - start < ROUND_MS) {
    for (let i = 0; i < 20; i++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    calls += 20;
    now = performance.now();
  }
  return ((now - start) * 1000) / calls;
}

async function compare({ ours, rival }: Case, rounds: number): Promise<[number, number]> {
  let best: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    const own = await measure(ours);
    const other = await measure(rival);
    best = [Math.min(best[0], own), Math.min(best[1], other)];
  }
  return best;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });
for (const { name, bytes } of cases) {
  if (bytes === undefined) continue;
  const [own, other] = await bytes();
  assert.equal(own.toString('hex'), other.toString('hex'), `${name}: different bytes`);
}
console.log(
  `${'message'.padEnd(28)}${'other client'.padEnd(22)}${'ours µs'.padStart(10)}${'theirs µs'.padStart(11)}${'ratio'.padStart(8)}`,
);
for (const one of cases) {
  const [own, other] = await compare(one, Number(values.rounds));
  const cells = [
    own.toFixed(2).padStart(10),
    other.toFixed(2).padStart(11),
    `${(other / own).toFixed(1)}×`.padStart(8),
  ];
  console.log(`${one.name.padEnd(28)}${one.rivalName.padEnd(22)}${cells.join('')}`);
}
