/**
 * `npm run sim -- [--scenario NAME] [--seed N] [--seeds COUNT] [--verbose]`: runs scenarios and prints a line per run.
 *
 *   --scenario  one of the scenarios; all of them unless given
 *   --seed      the first seed; default 1
 *   --seeds     how many; default 1
 *   --seconds   stop after so many seconds; default is not to
 *   --quiet     print nothing of runs that pass
 *   --verbose   print what nodes say
 *
 * Exit code 1 when a run failed.
 */
import { parseArgs } from 'node:util';
import { run } from './run.ts';
import { scenarioNamed, scenarios } from './scenarios/index.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    seconds: { type: 'string' },
    quiet: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const chosen = values.scenario === undefined ? scenarios : [scenarioNamed(values.scenario)];
const startMs = performance.now();
const endMs = startMs + Number(values.seconds ?? Number.POSITIVE_INFINITY) * 1000;
const total = { passed: 0, failed: 0, events: 0, virtualMs: 0, acknowledged: 0 };

for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed++) {
  for (const scenario of chosen) {
    if (performance.now() > endMs) break;
    try {
      const result = await run(scenario, seed, values.verbose);
      total.passed++;
      total.events += result.events;
      total.virtualMs += result.virtualMs;
      total.acknowledged += result.acknowledged;
      if (!values.quiet) console.log(`${scenario.name} ${seed}: ${JSON.stringify(result)}`);
    } catch (error) {
      total.failed++;
      console.log(`${scenario.name} ${seed}: FAILED ${error instanceof Error ? error.stack : error}`);
    }
  }
}
console.log(`${JSON.stringify(total)} in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
process.exitCode = total.failed === 0 ? 0 : 1;
