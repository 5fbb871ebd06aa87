/**
 * The command line: which systems and scenarios, how long, how often, and where the results go.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Effort } from './scenarios/scenario.ts';
import { type SystemName, systemNames } from './systems/catalogue.ts';
import { resultsFolder } from './systems/repository.ts';

export interface BenchOptions {
  readonly systems: readonly SystemName[];
  /** Names with `*`; undefined: those of the quick or the full run. */
  readonly scenarios: readonly string[] | undefined;
  readonly isQuick: boolean;
  readonly effort: Effort;
  readonly jsonFile: string;
  /** Data folders of the servers are made here. */
  readonly workFolder: string;
  readonly list: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run bench -- [options]

  --quick            a short run of a part of the scenarios, within three minutes; only warm figures
  --scenario A,B     only these scenarios; * stands for anything
  --systems A,B      of ${systemNames.join(', ')}; default: all, quick: skarab, jvm
  --rounds N         measured runs of each scenario on each system; default 3, quick 2 (1 where servers are started)
  --seconds N        length of a measured run; default 5, quick 1.2
  --work DIR         where data folders are made; default: the machine's folder for temporary files
  --json FILE        where all figures go; default bench-results/TIME.json
  --list             name the scenarios and end
`;

const FULL: Effort = {
  seconds: 5,
  warmupSeconds: 3,
  warmups: 2,
  rounds: 3,
  lifeRounds: 3,
  fillBytes: 1_000_000_000,
  pauseMs: 1000,
  freshServers: true,
};

const QUICK: Effort = {
  seconds: 1.2,
  warmupSeconds: 0.5,
  warmups: 2,
  rounds: 2,
  lifeRounds: 1,
  fillBytes: 200_000_000,
  pauseMs: 100,
  freshServers: false,
};

/** Reads the arguments. Errors: throws what is wrong with them, in a sentence. */
export function parseOptions(args: readonly string[], now: Date): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      scenario: { type: 'string' },
      systems: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      work: { type: 'string' },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const base = values.quick ? QUICK : FULL;
  const rounds = positive('--rounds', values.rounds, base.rounds);
  if (!Number.isInteger(rounds)) throw new Error('--rounds must be a whole number');
  const lifeRounds = values.rounds === undefined ? base.lifeRounds : rounds;
  const seconds = positive('--seconds', values.seconds, base.seconds);
  return {
    systems: values.systems === undefined ? defaultSystems(values.quick) : parseSystems(values.systems),
    scenarios: values.scenario?.split(','),
    isQuick: values.quick,
    effort: { ...base, rounds, lifeRounds, seconds, warmupSeconds: Math.min(base.warmupSeconds, seconds) },
    jsonFile: values.json ?? join(resultsFolder, `${now.toISOString().replaceAll(/[:.]/g, '-')}.json`),
    workFolder: values.work ?? tmpdir(),
    list: values.list,
    help: values.help,
  };
}

const defaultSystems = (isQuick: boolean): readonly SystemName[] => (isQuick ? ['skarab', 'jvm'] : systemNames);

function parseSystems(text: string): SystemName[] {
  return text.split(',').map((name) => {
    const known = systemNames.find((candidate) => candidate === name);
    if (known === undefined) throw new Error(`no system '${name}'; there are ${systemNames.join(', ')}`);
    return known;
  });
}

function positive(option: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!(value > 0)) throw new Error(`${option} must be a number above 0, not '${text}'`);
  return value;
}
