/**
 * Replays ready-made produce or fetch requests over several connections, so that the broker, not a client, is the bottleneck.
 *
 * The broker's answers are checked, its data is not: that is what tests are for. Partition p of slot s on connection c is
 * (c × window + s) modulo the number of partitions.
 */
import { now } from '../process/time.ts';
import { Samples } from '../stats/samples.ts';
import type { Address } from '../wire/address.ts';
import type { TopicName } from '../wire/topics.ts';
import { Pipeline, type Slot } from './pipeline.ts';
import {
  buildReadyBatch,
  expectedFetchResponse,
  expectedProduceResponse,
  fetchFrame,
  produceFrame,
  type RequestTarget,
} from './ready-made.ts';

const STALL_MS = 20_000;

/** What to replay. */
export interface RawLoadOptions {
  readonly address: Address;
  readonly topic: TopicName;
  readonly partitions: number;
  /** Bytes of the batch in each request or response. */
  readonly size: number;
  readonly connections: number;
  /** Requests under way on each connection. */
  readonly window: number;
  /** How long to go on; with `requests` the limit that comes first counts. */
  readonly seconds: number;
  readonly requests: number;
  /** The API version to use. */
  readonly version: number;
}

/** What a replay measured. */
export interface RawLoadResult {
  readonly requests: number;
  /** Bytes of record batches moved. */
  readonly bytes: number;
  readonly seconds: number;
  readonly latencies: Samples;
}

/** Told when connections stand and when all answers are there. */
export interface LoadMarks {
  onBegin(): void;
  onEnd(): void;
}

/** Replays produce requests. */
export function rawProduce(options: RawLoadOptions, acks: number, marks: LoadMarks): Promise<RawLoadResult> {
  const batch = buildReadyBatch(options.size, Date.now());
  const slotOf = (target: RequestTarget): Slot => ({
    pieces: produceFrame(target, acks, batch),
    correlationId: target.correlationId,
    expected: expectedProduceResponse(target),
  });
  return replay(options, batch.bytes.length, slotOf, marks);
}

/** Replays fetch requests over a topic that `rawProduce` filled with batches of the same size, `batchesPerPartition` in each. */
export function rawFetch(
  options: RawLoadOptions,
  batchesPerPartition: number,
  marks: LoadMarks,
): Promise<RawLoadResult> {
  const batch = buildReadyBatch(options.size, Date.now());
  const next = Array.from({ length: options.partitions }, () => 0);
  const slotOf = (target: RequestTarget): Slot => {
    const frame = fetchFrame(target, batch);
    const prepare = (): void => {
      const batchIndex = next[target.partition]!;
      next[target.partition] = (batchIndex + 1) % batchesPerPartition;
      frame.seek(batchIndex * batch.recordCount);
    };
    const expected = expectedFetchResponse(target, batch);
    return { pieces: [frame.bytes], correlationId: target.correlationId, expected, prepare };
  };
  return replay(options, batch.bytes.length, slotOf, marks);
}

async function replay(
  options: RawLoadOptions,
  batchBytes: number,
  slotOf: (target: RequestTarget) => Slot,
  marks: LoadMarks,
): Promise<RawLoadResult> {
  const { address, topic, partitions, connections, window, version } = options;
  const latencies = new Samples();
  let left = options.requests;
  let deadline = 0;
  const control = { latencies, mayStart: () => left > 0 && now() < deadline && left-- > 0 };
  const slotsOf = (connection: number): Slot[] =>
    Array.from({ length: window }, (_, slot) => {
      const partition = (connection * window + slot) % partitions;
      return slotOf({ topic, partition, version, correlationId: slot });
    });
  const pipelines: Pipeline[] = [];
  try {
    for (let i = 0; i < connections; i++) pipelines.push(await Pipeline.connect(address, slotsOf(i), control));
    marks.onBegin();
    const start = now();
    deadline = start + options.seconds * 1000;
    const watch = watchForStall(pipelines);
    await Promise.all(pipelines.map((pipeline) => pipeline.run())).finally(() => clearInterval(watch));
    const seconds = (now() - start) / 1000;
    marks.onEnd();
    const requests = answeredBy(pipelines);
    return { requests, bytes: requests * batchBytes, seconds, latencies };
  } finally {
    for (const pipeline of pipelines) pipeline.close();
  }
}

const answeredBy = (pipelines: readonly Pipeline[]): number =>
  pipelines.reduce((sum, { answered }) => sum + answered, 0);

/** Ends the load when the broker has answered nothing for long. */
function watchForStall(pipelines: readonly Pipeline[]): NodeJS.Timeout {
  let answered = 0;
  return setInterval(() => {
    const total = answeredBy(pipelines);
    if (total === answered) for (const pipeline of pipelines) pipeline.fail(`no answer for ${STALL_MS} ms`);
    answered = total;
  }, STALL_MS);
}
