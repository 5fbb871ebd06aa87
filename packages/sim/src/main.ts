/**
 * `npm run sim`: runs scenarios and prints a line per run. Options: `options.ts`, or `npm run sim -- --help`.
 */
import { parseOptions, type SimOptions, usage } from './options.ts';
import { run } from './run.ts';

/** What came of all runs. */
interface Total {
  passed: number;
  failed: number;
  events: number;
  virtualMs: number;
  acknowledged: number;
}

async function runAll({ scenarios, firstSeed, seeds, seconds, saysRuns, saysNodes, json }: SimOptions): Promise<Total> {
  const total: Total = { passed: 0, failed: 0, events: 0, virtualMs: 0, acknowledged: 0 };
  const endMs = performance.now() + seconds * 1000;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    for (const scenario of scenarios) {
      if (performance.now() > endMs) return total;
      const { name } = scenario;
      try {
        const result = await run(scenario, seed, saysNodes);
        total.passed++;
        total.events += result.events;
        total.virtualMs += result.virtualMs;
        total.acknowledged += result.acknowledged;
        if (!saysRuns) continue;
        console.log(json ? JSON.stringify({ scenario: name, seed, ...result }) : `${name} ${seed}: ${textOf(result)}`);
      } catch (error) {
        total.failed++;
        const why = error instanceof Error ? error.stack : String(error);
        console.log(json ? JSON.stringify({ scenario: name, seed, error: why }) : `${name} ${seed}: FAILED ${why}`);
      }
    }
  }
  return total;
}

function textOf(figures: object): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  const startMs = performance.now();
  const total = await runAll(options);
  const seconds = Number(((performance.now() - startMs) / 1000).toFixed(1));
  console.log(options.json ? JSON.stringify({ ...total, seconds }) : `${textOf(total)} in ${seconds} s`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
