/**
 * Consumer throughput with the official client: catching up with a topic that is there already, and tailing one that is being written.
 */
import type { MetricName } from '../report/metrics.ts';
import { measure } from './measure.ts';
import { sizeName, sizeText } from './names.ts';
import { RECORD_SIZES } from './produce.ts';
import type { LoadScenario, Target } from './scenario.ts';

const PARTITIONS = 12;
const METRICS: readonly MetricName[] = [
  'recordsPerSecond',
  'mbPerSecond',
  'brokerUsPerRecord',
  'brokerSecondsPerGb',
  'brokerCores',
  'clientCores',
  'rssPeakMiB',
];
const FILL_TIMEOUT_MS = 600_000;

/** A fill of tiny records would otherwise take longer than what it is made for. */
const MAX_FILL_RECORDS = 10_000_000;

const recordsOf = ({ fillBytes }: Target, size: number): number =>
  Math.min(MAX_FILL_RECORDS, Math.max(1, Math.floor(fillBytes / size)));

function catchUp(size: number, codec: 'none' | 'lz4', clients: 1 | 4): LoadScenario {
  return {
    kind: 'load',
    name: `consume-${sizeName(size)}${codec === 'none' ? '' : `-${codec}`}${clients === 1 ? '' : `-${clients}c`}`,
    about:
      `${clients === 1 ? 'One consumer reads' : `${clients} consumers read`} a topic of ${PARTITIONS} partitions from its beginning: ` +
      `records of ${sizeText(size)}, compression ${codec}.`,
    metrics: METRICS,
    set: size === 1024 && codec === 'none' && clients === 1 ? 'quick' : 'full',
    needsStorage: false,
    partitions: PARTITIONS,
    fill: async (target) => {
      const { server, topic, loads } = target;
      const records = recordsOf(target, size);
      const options = { bootstrap: server.bootstrap, topic, records, size, compression: codec };
      await loads.driver.ask('produce', options, FILL_TIMEOUT_MS);
    },
    run: (target) => {
      const { server, topic, loads } = target;
      const records = recordsOf(target, size);
      const options = { bootstrap: server.bootstrap, topic, records, partitions: PARTITIONS, clients };
      return measure(loads.driver, 'consume', options, server.pids);
    },
  };
}

function tail(size: number, clients: 1 | 4): LoadScenario {
  return {
    kind: 'load',
    name: `tail-${sizeName(size)}${clients === 1 ? '' : `-${clients}c`}`,
    about:
      `A consumer follows ${clients === 1 ? 'a producer' : `${clients} producers`} that ${clients === 1 ? 'goes' : 'go'} as fast as possible: ` +
      `records of ${sizeText(size)}, ${PARTITIONS} partitions, acks all; ends when everything acknowledged is consumed.`,
    metrics: [...METRICS.slice(0, 4), 'lagMs', ...METRICS.slice(4)],
    set: size === 1024 && clients === 1 ? 'quick' : 'full',
    needsStorage: true,
    partitions: PARTITIONS,
    run: ({ server, topic, loads, seconds }) => {
      const options = { bootstrap: server.bootstrap, topic, size, partitions: PARTITIONS, clients, seconds };
      return measure(loads.driver, 'tail', options, server.pids);
    },
  };
}

export const consumeScenarios: readonly LoadScenario[] = [
  ...RECORD_SIZES.flatMap((size) => [catchUp(size, 'none', 1), catchUp(size, 'lz4', 1)]),
  catchUp(1024, 'none', 4),
  tail(100, 1),
  tail(1024, 1),
  tail(1024, 4),
];
