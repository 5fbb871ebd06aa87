/**
 * Every scenario with some seeds, and all seeds that once found a mistake. SIM_SECONDS=… makes it longer, SIM_SEED=… begins elsewhere.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { run, scenarioNamed, scenarios } from '../src/index.ts';

interface FoundSeed {
  readonly scenario: string;
  readonly seed: number;
  readonly found: string;
}

const SECONDS = Number(process.env['SIM_SECONDS'] ?? 30);
const FIRST_SEED = Number(process.env['SIM_SEED'] ?? 1);

const found = JSON.parse(
  readFileSync(new URL('../regress/seeds.json', import.meta.url), 'utf8'),
) as readonly FoundSeed[];

for (const { scenario, seed, found: what } of found) {
  test(`${scenario} ${seed}: ${what}`, async () => {
    await run(scenarioNamed(scenario), seed);
  });
}

test('whatever happens, nothing acknowledged is lost and everything comes to rest', { timeout: 600_000 }, async (t) => {
  const endMs = performance.now() + SECONDS * 1000;
  const share = (SECONDS * 1000) / scenarios.length;
  let runs = 0;
  for (const [i, scenario] of scenarios.entries()) {
    const scenarioEndMs = endMs - (scenarios.length - 1 - i) * share;
    for (let seed = FIRST_SEED; seed === FIRST_SEED || performance.now() < scenarioEndMs; seed++) {
      const result = await run(scenario, seed).catch((cause: unknown) => {
        throw new Error(`npm run sim -- --scenario ${scenario.name} --seed ${seed}: ${cause}`, { cause });
      });
      assert.ok(result.acknowledged > 0, `${scenario.name} ${seed} has written something`);
      runs++;
    }
  }
  t.diagnostic(`${runs} runs of ${scenarios.length} scenarios`);
});
