/**
 * `npm run chaos`: real processes, real kills, and whether the cluster keeps its promises. The command line is in options.ts.
 */
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { skarab } from '../../tools/raw-client/brokers.ts';
import { type ChaosReport, type FaultReport, runChaos } from './chaos.ts';
import { type ChaosArguments, parseOptions, usage } from './options.ts';

function gapTable(faults: readonly FaultReport[]): string[] {
  const kinds = Map.groupBy(faults, ({ kind, isSole }) => (isSole ? kind : 'before the last one was over'));
  return [...kinds].map(([kind, of]) => {
    const gaps = of.map(({ gapMs }) => gapMs).sort((a, b) => a - b);
    const middle = gaps[gaps.length >> 1];
    return `  ${kind.padEnd(30)} ${String(gaps.length).padStart(3)} times, median ${middle} ms, longest ${gaps.at(-1)} ms`;
  });
}

function summary(report: ChaosReport): string {
  const { seed, nodes, durationMs, acknowledgedRecords, forgotten, faults, errors, violations } = report;
  return [
    `${nodes} nodes, ${Math.round(durationMs / 1000)} s, ${faults.length} faults, ${acknowledgedRecords} records acknowledged (seed ${seed})`,
    'longest time without an acknowledgement in any partition, by fault:',
    ...gapTable(faults),
    `producers were told: ${JSON.stringify(errors)}; ${forgotten} duplicates no longer known as such`,
    violations.length === 0
      ? 'every acknowledged record is there once, at its offset, in order; the replicas are the same'
      : `BROKEN:\n  ${violations.join('\n  ')}`,
  ].join('\n');
}

async function main({ jvm, json, help, ...options }: ChaosArguments): Promise<void> {
  if (help) {
    console.log(usage);
    return;
  }
  const distribution = jvm ? await requireKafkaJvm() : skarab;
  if (distribution === undefined) throw new Error('there is no JVM Kafka on this machine');
  const report = await runChaos({ ...options, distribution, say: (line) => console.error(line) });
  console.log(json ? JSON.stringify(report, null, 2) : summary(report));
  process.exitCode = report.violations.length === 0 ? 0 : 1;
}

function optionsOrEnd(): ChaosArguments {
  try {
    return parseOptions(process.argv.slice(2), Date.now());
  } catch (error) {
    console.error(`chaos: ${error instanceof Error ? error.message : String(error)}; --help tells what there is`);
    process.exit(2);
  }
}

await main(optionsOrEnd());
