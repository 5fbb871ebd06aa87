/**
 * The command line: which scenarios, which seeds, how long, and how much is said of them.
 */
import { parseArgs } from 'node:util';
import { scenarioNamed, scenarios } from './scenarios/index.ts';
import type { Scenario } from './scenarios/scenario.ts';

export interface SimOptions {
  readonly scenarios: readonly Scenario[];
  readonly firstSeed: number;
  readonly seeds: number;
  /** In real time; Infinity: until all seeds have run. */
  readonly seconds: number;
  readonly saysRuns: boolean;
  /** What nodes log. */
  readonly saysNodes: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run sim -- [options]

Runs whole clusters in this process, on a virtual clock, and makes trouble for them. The same scenario and seed is always
the same run. A run fails when something that must always hold did not, or does not in the end.

  --scenario NAME  one scenario; default: each of them. There are:
                   ${scenarios.map(({ name }) => name).join('\n                   ')}
  --seed N         the first seed; default 1
  --seeds N        how many seeds; default 1
  --seconds N      start no run after so many seconds
  --quiet          say nothing of runs that pass
  --verbose        say what nodes log
  --json           a line of JSON for each run and for the sum of them, not text
  -h, --help       this text

Exit code 1 when a run failed, 2 when an option is wrong.

  npm run sim -- --scenario power-loss-of-all --seed 7 --verbose
`;

/** Reads the arguments. Errors: throws what is wrong with them, in a sentence. */
export function parseOptions(args: readonly string[]): SimOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    scenarios: values.scenario === undefined ? scenarios : [scenarioNamed(values.scenario)],
    firstSeed: whole('--seed', values.seed, 0),
    seeds: whole('--seeds', values.seeds, 1),
    seconds: values.seconds === undefined ? Number.POSITIVE_INFINITY : whole('--seconds', values.seconds, 1),
    saysRuns: !values.quiet,
    saysNodes: values.verbose,
    json: values.json,
    help: values.help,
  };
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`${option} must be a whole number from ${least} on, not '${text}'`);
  return value;
}
