/**
 * `npm run chaos`: real processes, real kills, and whether the cluster keeps its promises. The command line is in options.ts.
 */
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { skarab } from '../../tools/raw-client/brokers.ts';
import { type ChaosReport, type FaultReport, runChaos } from './chaos.ts';
import type { LoadReport } from './client-load.ts';
import { findClients } from './clients.ts';
import { type ChaosArguments, parseOptions, usage } from './options.ts';

function gapTable(faults: readonly FaultReport[], clients: readonly string[]): string[] {
  const kinds = Map.groupBy(faults, ({ kind, isSole }) => (isSole ? kind : 'before the last one was over'));
  return [...kinds].map(([kind, of]) => {
    const waits = clients.map((client) => {
      const gaps = of.map(({ gapMs }) => gapMs[client]!).sort((a, b) => a - b);
      return `${client} ${gaps[gaps.length >> 1]} (${gaps.at(-1)})`;
    });
    return `  ${kind.padEnd(30)} ${String(of.length).padStart(3)} times: ${waits.join(', ')}`;
  });
}

function loadLine({ client, acknowledgedRecords, givenUp, firstGivenUp }: LoadReport): string {
  const told = `  ${client.padEnd(10)} ${acknowledgedRecords} records acknowledged`;
  return givenUp === 0 ? told : [`${told}; it GAVE UP ${givenUp} times:`, ...firstGivenUp].join('\n    ');
}

function summary(report: ChaosReport): string {
  const { seed, nodes, durationMs, loads, faults, errors, violations } = report;
  return [
    `${nodes} nodes, ${Math.round(durationMs / 1000)} s, ${faults.length} faults (seed ${seed})`,
    ...loads.map(loadLine),
    'longest time without an acknowledgement in any partition, by fault and client: median (longest), in ms',
    ...gapTable(
      faults,
      loads.map(({ client }) => client),
    ),
    `the raw client was told: ${JSON.stringify(errors)}`,
    violations.length === 0
      ? 'every acknowledged record is there once, at its offset, in order; the replicas are the same'
      : `BROKEN:\n  ${violations.join('\n  ')}`,
  ].join('\n');
}

async function main({ jvm, json, help, clients: wanted, ...options }: ChaosArguments): Promise<void> {
  if (help) {
    console.log(usage);
    return;
  }
  const distribution = jvm ? await requireKafkaJvm() : skarab;
  if (distribution === undefined) throw new Error('there is no JVM Kafka on this machine');
  const say = (line: string): void => console.error(line);
  const clients = await findClients(wanted, say);
  if (clients.length === 0) throw new Error('there is no client on this machine that was asked for');
  const report = await runChaos({ ...options, clients, distribution, say });
  console.log(json ? JSON.stringify(report, null, 2) : summary(report));
  const isKept = report.violations.length === 0 && report.loads.every(({ givenUp }) => givenUp === 0);
  process.exitCode = isKept ? 0 : 1;
}

try {
  await main(parseOptions(process.argv.slice(2), Date.now()));
} catch (error) {
  console.error(`chaos: ${error instanceof Error ? error.message : String(error)}; --help tells what there is`);
  process.exit(2);
}
