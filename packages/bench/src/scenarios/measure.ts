/**
 * One measured run of a load: CPU of broker and client between the load's own marks, memory, delayed ACKs, and what follows from them.
 */
import type { LineProcess, Options } from '../process/line-process.ts';
import { cpuSecondsOf, machineBusySeconds, resetPeak, residentOf } from '../process/proc-stat.ts';
import { delayedAcks } from '../process/tcp-counters.ts';
import type { Measurement } from '../report/metrics.ts';

const TIMEOUT_MS = 600_000;

/** Counters that only grow, at one moment. */
interface Counters {
  readonly broker: number;
  readonly client: number;
  readonly machine: number;
  readonly delayedAcks: number;
}

/** Asks a load process and measures the nodes of the server meanwhile, together. */
export async function measure(
  load: LineProcess,
  request: string,
  options: Options,
  brokerPids: readonly number[],
): Promise<Measurement> {
  const read = (): Counters => ({
    broker: sum(brokerPids.map((pid) => cpuSecondsOf(pid) ?? Number.NaN)),
    client: cpuSecondsOf(load.pid) ?? Number.NaN,
    machine: machineBusySeconds() ?? Number.NaN,
    delayedAcks: delayedAcks() ?? Number.NaN,
  });
  let [begin, end] = [read(), read()];
  for (const pid of brokerPids) resetPeak(pid);
  const result: Measurement = await load.ask(request, options, TIMEOUT_MS, {
    onBegin: () => {
      begin = read();
    },
    onEnd: () => {
      end = read();
    },
  });
  const resident = brokerPids.flatMap((pid) => residentOf(pid) ?? []);
  const [brokerCpuSeconds, clientCpuSeconds] = [end.broker - begin.broker, end.client - begin.client];
  return derive({
    ...result,
    brokerCpuSeconds,
    clientCpuSeconds,
    otherCpuSeconds: Math.max(0, end.machine - begin.machine - brokerCpuSeconds - clientCpuSeconds),
    delayedAcks: end.delayedAcks - begin.delayedAcks,
    ...(resident.length > 0 && {
      rssMiB: sum(resident.map(({ nowMiB }) => nowMiB)),
      rssPeakMiB: sum(resident.map(({ peakMiB }) => peakMiB)),
    }),
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Adds rates and costs to counts. MB and GB are powers of ten. */
export function derive(counted: Measurement): Measurement {
  const { seconds, records, requests, bytes, brokerCpuSeconds: cpu, clientCpuSeconds, otherCpuSeconds } = counted;
  const quotient = (a: number | undefined, b: number | undefined, factor: number): number | undefined =>
    a === undefined || b === undefined || b === 0 ? undefined : (a / b) * factor;
  const derived: Record<string, number | undefined> = {
    recordsPerSecond: quotient(records, seconds, 1),
    requestsPerSecond: quotient(requests, seconds, 1),
    mbPerSecond: quotient(bytes, seconds, 1e-6),
    brokerUsPerRecord: quotient(cpu, records, 1e6),
    brokerUsPerRequest: quotient(cpu, requests, 1e6),
    brokerMsPerMb: quotient(cpu, bytes, 1e9),
    brokerSecondsPerGb: quotient(cpu, bytes, 1e9),
    brokerCores: quotient(cpu, seconds, 1),
    clientCores: quotient(clientCpuSeconds, seconds, 1),
    otherCores: quotient(otherCpuSeconds, seconds, 1),
  };
  const all = Object.entries({ ...counted, ...derived });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined && !Number.isNaN(value)));
}
