/**
 * Latency with the official client: open loops at a fixed rate, counted from when a record should have been sent, and closed ones.
 */
import type { MetricName } from '../report/metrics.ts';
import { measure } from './measure.ts';
import type { LoadScenario } from './scenario.ts';

const SIZE = 1024;
const PARTITIONS = 12;

interface OpenLoop {
  readonly name: string;
  readonly about: string;
  readonly set: LoadScenario['set'];
  readonly metrics: readonly MetricName[];
  readonly options: Readonly<Record<string, string | number>>;
  readonly isFollowed: boolean;
}

function openLoop({ name, about, set, metrics, options, isFollowed }: OpenLoop): LoadScenario {
  return {
    kind: 'load',
    name,
    about,
    metrics: [...metrics, 'brokerUsPerRecord', 'brokerCores', 'clientCores', 'delayedAcks'],
    set,
    needsStorage: isFollowed,
    partitions: PARTITIONS,
    run: ({ server, topic, loads, seconds }) => {
      const all = {
        bootstrap: server.bootstrap,
        topic,
        size: SIZE,
        partitions: PARTITIONS,
        seconds,
        follow: isFollowed,
      };
      return measure(loads.driver, 'open-loop', { ...all, ...options }, server.pids);
    },
  };
}

const endToEnd = (rate: number, linger: number, set: LoadScenario['set']): LoadScenario =>
  openLoop({
    name: `open-loop-${rate / 1000}k${linger === 0 ? '' : `-linger${linger}`}`,
    about:
      `One producer sends ${rate.toLocaleString('en')} records of 1 KiB a second whatever the answers do (linger ${linger} ms, acks all, ` +
      `${PARTITIONS} partitions), one consumer follows: time from when a record should have been sent until it is consumed.`,
    set,
    metrics: ['p99Ms', 'p50Ms', 'p999Ms', 'ackP50Ms', 'ackP99Ms'],
    options: { rate, linger },
    isFollowed: true,
  });

function closedLoop(acks: 'all' | '1', set: LoadScenario['set']): LoadScenario {
  return {
    kind: 'load',
    name: `closed-loop${acks === 'all' ? '' : '-acks1'}`,
    about: `One producer with one record of 1 KiB in flight, acks ${acks}: time until it is acknowledged.`,
    metrics: [
      'p99Ms',
      'p50Ms',
      'p999Ms',
      'recordsPerSecond',
      'brokerUsPerRecord',
      'brokerCores',
      'clientCores',
      'delayedAcks',
    ],
    set,
    needsStorage: false,
    partitions: 1,
    run: ({ server, topic, loads, seconds }) => {
      const options = { bootstrap: server.bootstrap, topic, size: SIZE, acks, linger: 0, seconds };
      return measure(loads.driver, 'closed-loop', options, server.pids);
    },
  };
}

export const latencyScenarios: readonly LoadScenario[] = [
  endToEnd(20_000, 0, 'quick'),
  endToEnd(20_000, 5, 'full'),
  endToEnd(2_000, 0, 'full'),
  closedLoop('all', 'quick'),
  closedLoop('1', 'full'),
  openLoop({
    name: 'many-producers',
    about:
      '200 producers send 10,000 records of 1 KiB a second in all (linger 5 ms, acks all): time from when a record should have been sent ' +
      'until it is acknowledged.',
    set: 'quick',
    metrics: ['ackP50Ms', 'ackP99Ms', 'ackP999Ms'],
    options: { rate: 10_000, clients: 200, linger: 5, buffer: 1 << 20 },
    isFollowed: false,
  }),
];
