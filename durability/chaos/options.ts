/**
 * The command line: how many nodes, which clients, how long, from which seed.
 */
import { parseArgs } from 'node:util';
import type { ChaosOptions } from './chaos.ts';
import { CLIENT_NAMES, type ClientName } from './clients.ts';

/** What is asked for; how many nodes, how long and from which seed goes on to the run as it is. */
export interface ChaosArguments extends Omit<ChaosOptions, 'distribution' | 'clients' | 'properties' | 'say'> {
  /** In the order in which partitions are given to them, each once. */
  readonly clients: readonly ClientName[];
  /** JVM Kafka instead of ours. */
  readonly jvm: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run chaos -- [options]

Starts a cluster of real processes, kills, pauses and restarts them under the load of idempotent producers, and fails when
a record that was acknowledged is not there once, at its offset, in order, or when replicas differ by a byte.

  --nodes N         combined nodes; default 3
  --clients NAMES   that write, with commas; default raw,java,franz-go: our raw client, Kafka's for Java, franz-go.
                    Those that the machine has not are left out, which is said; under CI=true that is an error
  --partitions N    that each client writes; default 4
  --minutes N       of faults, fractions too; default 1
  --seed N          of the faults' order; default: the clock's
  --max-pause-ms N  longest time that a node stands still; default 3000
  --no-rolling      does not end with a clean restart of each node in turn
  --jvm             the same against JVM Kafka: checks this program, and what Kafka does
  --json            the report as JSON; progress always goes to standard error
  -h, --help        this text

Exit code 1 when a promise was broken, or a client has given up; 2 when it cannot run, as with a wrong option.
`;

/** Reads the arguments. Errors: throws what is wrong with them, in a sentence. */
export function parseOptions(args: readonly string[], nowMs: number): ChaosArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nodes: { type: 'string', default: '3' },
      clients: { type: 'string', default: CLIENT_NAMES.join(',') },
      partitions: { type: 'string', default: '4' },
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(nowMs % 1_000_000) },
      'max-pause-ms': { type: 'string', default: '3000' },
      'no-rolling': { type: 'boolean', default: false },
      jvm: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    nodes: whole('--nodes', values.nodes, 1),
    clients: clientNames(values.clients),
    partitions: whole('--partitions', values.partitions, 1),
    durationMs: minutes(values.minutes) * 60_000,
    seed: whole('--seed', values.seed, 0),
    maxPauseMs: whole('--max-pause-ms', values['max-pause-ms'], 0),
    rolling: !values['no-rolling'],
    jvm: values.jvm,
    json: values.json,
    help: values.help,
  };
}

function clientNames(text: string): ClientName[] {
  const names = text.split(',').map((given) => {
    const name = CLIENT_NAMES.find((known) => known === given);
    if (name === undefined) throw new Error(`--clients must be some of ${CLIENT_NAMES.join(',')}, not '${given}'`);
    return name;
  });
  return [...new Set(names)];
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < least)
    throw new Error(`${option} must be a whole number from ${least} on, not '${text}'`);
  return value;
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 24 * 60)) throw new Error(`--minutes must be a number above 0, not '${text}'`);
  return value;
}
