/**
 * The metrics a run may have: name, unit, direction, and how a value is written.
 *
 * A scenario names the ones it is about, in the order of the table; the JSON report holds every metric that was measured.
 */

export interface Metric {
  /** How it is called in the table. */
  readonly label: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower' | 'neither';
}

const metric = (label: string, unit: string, better: Metric['better']): Metric => ({ label, unit, better });

/** Name in the JSON report → metric. */
export const metrics = {
  recordsPerSecond: metric('records/s', '/s', 'higher'),
  requestsPerSecond: metric('requests/s', '/s', 'higher'),
  mbPerSecond: metric('MB/s', 'MB/s', 'higher'),
  brokerUsPerRecord: metric('broker CPU µs/record', 'µs', 'lower'),
  brokerUsPerRequest: metric('broker CPU µs/request', 'µs', 'lower'),
  brokerMsPerMb: metric('broker CPU ms/MB', 'ms', 'lower'),
  brokerSecondsPerGb: metric('broker CPU s/GB', 's', 'lower'),
  brokerCores: metric('broker cores busy', 'cores', 'neither'),
  clientCores: metric('client cores busy', 'cores', 'neither'),
  otherCores: metric('cores busy elsewhere', 'cores', 'neither'),
  p50Ms: metric('p50 ms', 'ms', 'lower'),
  p99Ms: metric('p99 ms', 'ms', 'lower'),
  p999Ms: metric('p99.9 ms', 'ms', 'lower'),
  maxMs: metric('max ms', 'ms', 'lower'),
  ackP50Ms: metric('ack p50 ms', 'ms', 'lower'),
  ackP99Ms: metric('ack p99 ms', 'ms', 'lower'),
  ackP999Ms: metric('ack p99.9 ms', 'ms', 'lower'),
  ackMaxMs: metric('ack max ms', 'ms', 'lower'),
  lagMs: metric('catch-up after the last ack ms', 'ms', 'lower'),
  rssIdleMiB: metric('resident idle MiB', 'MiB', 'lower'),
  rssMiB: metric('resident after MiB', 'MiB', 'lower'),
  rssPeakMiB: metric('resident peak MiB', 'MiB', 'lower'),
  firstAckMs: metric('first ack ms', 'ms', 'lower'),
  createMs: metric('create: all led ms', 'ms', 'lower'),
  cleanStopMs: metric('clean stop ms', 'ms', 'lower'),
  cleanRestartMs: metric('restart clean ms', 'ms', 'lower'),
  killRestartMs: metric('restart after kill -9 ms', 'ms', 'lower'),
  failoverMs: metric('node killed: all served after ms', 'ms', 'lower'),
  descriptors: metric('open files', '', 'lower'),
  snapshotMs: metric('metadata snapshot written in ms', 'ms', 'lower'),
  rebalanceMs: metric('last join to stable ms', 'ms', 'lower'),
  groupKiB: metric('memory per group KiB', 'KiB', 'lower'),
  memberKiB: metric('memory per member KiB', 'KiB', 'lower'),
  heartbeatUs: metric('broker CPU µs/heartbeat', 'µs', 'lower'),
  leaderKillMs: metric('leader killed: wait ms', 'ms', 'lower'),
  controllerKillMs: metric('active controller killed: wait ms', 'ms', 'lower'),
  rollingMs: metric('rolling restart: longest wait ms', 'ms', 'lower'),
  records: metric('records', '', 'neither'),
  requests: metric('requests', '', 'neither'),
  failures: metric('failures', '', 'lower'),
  bytes: metric('payload bytes', 'B', 'neither'),
  seconds: metric('seconds', 's', 'neither'),
  brokerCpuSeconds: metric('broker CPU s', 's', 'lower'),
  clientCpuSeconds: metric('client CPU s', 's', 'neither'),
  otherCpuSeconds: metric('CPU s of others', 's', 'neither'),
  delayedAcks: metric('delayed ACKs of the machine', '', 'neither'),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** What one run measured. */
export type Measurement = Partial<Record<MetricName, number>>;

/** A number with three significant digits, thousands and millions shortened. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${digits(value / 1e6)}M`;
  if (size >= 1e4) return `${digits(value / 1e3)}k`;
  return digits(value);
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return String(Math.round(value));
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  return value.toPrecision(2);
}
