/**
 * Producer throughput with the official client: sizes × codecs × acks × clients × batched or one record per request.
 *
 * The full run takes the middle of that cube and every axis from there; `--scenario 'produce-*'` takes all of it.
 */
import type { MetricName } from '../report/metrics.ts';
import { measure } from './measure.ts';
import { sizeName, sizeText } from './names.ts';
import type { LoadScenario } from './scenario.ts';

interface Point {
  readonly size: number;
  readonly codec: 'none' | 'lz4';
  readonly acks: 'all' | '1';
  readonly clients: 1 | 4;
  readonly isBatched: boolean;
}

export const RECORD_SIZES = [100, 1024, 100 * 1024] as const;

const METRICS: readonly MetricName[] = [
  'recordsPerSecond',
  'mbPerSecond',
  'brokerUsPerRecord',
  'brokerSecondsPerGb',
  'brokerCores',
  'clientCores',
  'rssPeakMiB',
];

/** What waits in a producer when the time is up is still sent: without batches that must not be much. */
const SINGLE_BUFFER_BYTES = 1 << 20;

const QUICK = new Set(['produce-100b', 'produce-1k', 'produce-1k-lz4', 'produce-100k']);

export const produceScenarios: readonly LoadScenario[] = RECORD_SIZES.flatMap((size) =>
  (['none', 'lz4'] as const).flatMap((codec) =>
    (['all', '1'] as const).flatMap((acks) =>
      ([1, 4] as const).flatMap((clients) =>
        [true, false].map((isBatched) => scenarioAt({ size, codec, acks, clients, isBatched })),
      ),
    ),
  ),
);

function scenarioAt(point: Point): LoadScenario {
  const { size, codec, acks, clients, isBatched } = point;
  const name = nameOf(point);
  const batching = isBatched ? { linger: 5, batch: 65_536 } : { linger: 0, batch: 0, buffer: SINGLE_BUFFER_BYTES };
  // With several partitions a request would take one record of each.
  const partitions = isBatched ? 12 : 1;
  return {
    kind: 'load',
    name,
    about:
      `${clients === 1 ? 'One producer' : `${clients} producers`} as fast as possible: records of ${sizeText(size)}, ` +
      `compression ${codec}, acks ${acks}, ${partitions === 1 ? 'one partition' : `${partitions} partitions`}, ` +
      `${isBatched ? 'batches of 64 KiB, linger 5 ms' : 'one record per request'}.`,
    metrics: METRICS,
    set: setOf(point, name),
    needsStorage: false,
    partitions,
    run: ({ server, topic, loads, seconds }) => {
      const options = {
        bootstrap: server.bootstrap,
        topic,
        partitions,
        size,
        compression: codec,
        acks,
        clients,
        seconds,
      };
      return measure(loads.driver, 'produce', { ...options, ...batching }, server.pids);
    },
  };
}

function nameOf({ size, codec, acks, clients, isBatched }: Point): string {
  const parts = [
    `produce-${sizeName(size)}`,
    codec === 'none' ? '' : `-${codec}`,
    acks === 'all' ? '' : '-acks1',
    clients === 1 ? '' : `-${clients}c`,
    isBatched ? '' : '-single',
  ];
  return parts.join('');
}

/** In the full run: at most one axis away from one batching producer with acks all and no codec; one-record requests also of 4 clients. */
function setOf({ codec, acks, clients, isBatched, size }: Point, name: string): LoadScenario['set'] {
  if (QUICK.has(name)) return 'quick';
  const distance = [codec !== 'none', acks !== 'all', clients !== 1, !isBatched].filter(Boolean).length;
  if (!isBatched) return size < 100 * 1024 && codec === 'none' && acks === 'all' ? 'full' : 'extra';
  return distance <= 1 ? 'full' : 'extra';
}
