/**
 * Ready-made produce and fetch requests of 1 KiB to 1 MiB over 1 to 16 connections: the broker is the bottleneck.
 */
import type { MetricName } from '../report/metrics.ts';
import { measure } from './measure.ts';
import { sizeName, sizeText } from './names.ts';
import type { LoadScenario, Target } from './scenario.ts';

const PARTITIONS = 12;
const SIZES = [1024, 16 * 1024, 64 * 1024, 256 * 1024, 1 << 20] as const;
const CONNECTIONS = [1, 4, 16] as const;
/** Requests under way in all are bounded by bytes, so that big ones wait in the broker and not in socket buffers. */
const MAX_BYTES_UNDER_WAY = 4 << 20;
const MAX_WINDOW = 8;
const MIN_WINDOW = 2;
/** Filling with small requests would otherwise take longer than what it is made for. */
const MAX_BATCHES = 2000;
const FILL_TIMEOUT_MS = 600_000;

const METRICS: readonly MetricName[] = [
  'mbPerSecond',
  'requestsPerSecond',
  'brokerMsPerMb',
  'brokerUsPerRequest',
  'p50Ms',
  'p99Ms',
  'brokerCores',
  'clientCores',
  'rssPeakMiB',
];

const windowOf = (size: number): number =>
  Math.max(MIN_WINDOW, Math.min(MAX_WINDOW, Math.floor(MAX_BYTES_UNDER_WAY / size)));

/** The full run has the corners and the middle. */
const setOf = (size: number, connections: number): LoadScenario['set'] => {
  if (size === 64 * 1024 && connections === 4) return 'quick';
  return connections !== 4 && size !== 256 * 1024 ? 'full' : 'extra';
};

const batchesOf = ({ fillBytes }: Target, size: number): number =>
  Math.max(1, Math.min(MAX_BATCHES, Math.floor(fillBytes / PARTITIONS / size)));

function produce(size: number, connections: number): LoadScenario {
  const window = windowOf(size);
  return {
    kind: 'load',
    name: `raw-produce-${sizeName(size)}-${connections}conn`,
    about:
      `Ready-made produce requests with one batch of ${sizeText(size)} over ${connections} connection${connections === 1 ? '' : 's'}, ` +
      `${window} under way on each, ${PARTITIONS} partitions, acks all.`,
    metrics: METRICS,
    set: setOf(size, connections),
    needsStorage: false,
    partitions: PARTITIONS,
    run: ({ server, topic, loads, seconds }) => {
      const options = {
        bootstrap: server.bootstrap,
        topic,
        partitions: PARTITIONS,
        size,
        connections,
        window,
        seconds,
      };
      return measure(loads.raw, 'raw-produce', options, server.pids);
    },
  };
}

function fetch(size: number, connections: number): LoadScenario {
  const window = windowOf(size);
  return {
    kind: 'load',
    name: `raw-fetch-${sizeName(size)}-${connections}conn`,
    about:
      `Ready-made fetch requests for one batch of ${sizeText(size)} over ${connections} connection${connections === 1 ? '' : 's'}, ` +
      `${window} under way on each, through ${PARTITIONS} partitions from their beginnings again and again.`,
    metrics: METRICS,
    set: setOf(size, connections),
    needsStorage: false,
    partitions: PARTITIONS,
    fill: async (target) => {
      const requests = batchesOf(target, size) * PARTITIONS;
      const { server, topic, loads } = target;
      // A window of as many requests as there are partitions puts the same number of batches in each.
      const fill = { size, connections: 1, window: PARTITIONS, requests, seconds: FILL_TIMEOUT_MS / 1000 };
      const options = { bootstrap: server.bootstrap, topic, partitions: PARTITIONS, ...fill };
      await loads.raw.ask('raw-produce', options, FILL_TIMEOUT_MS);
    },
    run: (target) => {
      const { server, topic, loads, seconds } = target;
      const options = {
        bootstrap: server.bootstrap,
        topic,
        partitions: PARTITIONS,
        size,
        connections,
        window,
        seconds,
      };
      return measure(loads.raw, 'raw-fetch', { ...options, batches: batchesOf(target, size) }, server.pids);
    },
  };
}

export const rawScenarios: readonly LoadScenario[] = [produce, fetch].flatMap((make) =>
  SIZES.flatMap((size) => CONNECTIONS.map((connections) => make(size, connections))),
);
