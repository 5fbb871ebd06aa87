/**
 * `npm run chaos`: real processes, real kills, and whether the cluster keeps its promises.
 *
 * Usage: node durability/chaos/main.ts [--nodes 3] [--minutes 1] [--partitions 6] [--seed N] [--max-pause-ms 3000] [--jvm] [--json]
 *   --no-rolling  does not end with a clean restart of each node in turn
 *   --jvm         the same against JVM Kafka: checks the program, and what Kafka does
 *   --json        the report as JSON, progress on stderr
 *
 * Exit code 1 when a promise was broken.
 */
import { parseArgs } from 'node:util';
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { skarab } from '../../tools/raw-client/brokers.ts';
import { type ChaosReport, type FaultReport, runChaos } from './chaos.ts';

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

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '3' },
      minutes: { type: 'string', default: '1' },
      partitions: { type: 'string', default: '6' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'max-pause-ms': { type: 'string', default: '3000' },
      jvm: { type: 'boolean', default: false },
      'no-rolling': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const report = await runChaos({
    distribution: values.jvm ? ((await requireKafkaJvm()) ?? skarab) : skarab,
    nodes: Number(values.nodes),
    partitions: Number(values.partitions),
    durationMs: Number(values.minutes) * 60_000,
    seed: Number(values.seed),
    maxPauseMs: Number(values['max-pause-ms']),
    rolling: !values['no-rolling'],
    say: (line) => console.error(line),
  });
  console.log(values.json ? JSON.stringify(report, null, 2) : summary(report));
  process.exitCode = report.violations.length === 0 ? 0 : 1;
}

await main();
