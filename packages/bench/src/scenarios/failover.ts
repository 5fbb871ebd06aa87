/**
 * Three nodes that lose one: how long writers wait. Measured by a program of durability/, which has the cluster and the producers.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Measurement, MetricName } from '../report/metrics.ts';
import { failoverProgram } from '../systems/repository.ts';
import type { LifeScenario } from './scenario.ts';

const TIMEOUT_MS = 600_000;
const METRICS: readonly MetricName[] = ['leaderKillMs', 'controllerKillMs', 'rollingMs'];

/** Heaps of the systems that are JVMs. */
const HEAPS: Readonly<Record<string, string>> = { jvm: '1g', 'jvm-256m': '256m' };

const TIGHT: Readonly<Record<string, string>> = {
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'controller.quorum.fetch.timeout.ms': '500',
  'controller.quorum.election.timeout.ms': '500',
};

/** The arguments of the program for a system. */
export function failoverArgs(
  system: string,
  workFolder: string,
  properties: Readonly<Record<string, string>>,
): string[] {
  const heap = HEAPS[system];
  return [
    failoverProgram,
    '--work',
    workFolder,
    ...(heap === undefined ? [] : ['--jvm-heap', heap]),
    ...Object.entries(properties).flatMap(([name, value]) => ['--property', `${name}=${value}`]),
  ];
}

function failover(name: string, timeouts: string, properties: Readonly<Record<string, string>>): LifeScenario {
  return {
    kind: 'life',
    hasWarmup: false,
    name,
    about:
      `Three combined nodes, 6 partitions, RF 3, min ISR 2, acks all, ${timeouts}: from kill -9 of a leader, then of the active ` +
      'controller, until every partition has acknowledged again; the longest wait while each node is restarted in turn.',
    metrics: METRICS,
    set: 'full',
    needsStorage: true,
    run: async ({ system, workFolder }) => {
      // Its standard input ends with this process, and the program with that.
      const args = failoverArgs(system.name, workFolder, properties);
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: TIMEOUT_MS });
      const line = await text(child.stdout);
      if (line === '') throw new Error('the cluster did not recover, see above');
      return JSON.parse(line) as Measurement;
    },
  };
}

export const failoverScenarios: readonly LifeScenario[] = [
  failover('failover', "Kafka's default timeouts", {}),
  failover('failover-tight', 'session timeout 3 s, quorum timeouts 500 ms', TIGHT),
];
