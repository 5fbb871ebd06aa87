/**
 * Partitions of known content in several small segments, and what is left of it after somebody has been at the files.
 *
 * The segments are small because the batches' timestamps are far apart (segment.ms rolls by them), so nothing here is slow.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  ErrorCode,
  errorName,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch, iterateBatches } from '@skarab/records';
import type { RawClient } from '../tools/raw-client/raw-client.ts';
import type { TopicPlan } from './topics.ts';
import { fetchPartition } from './verify.ts';

export const BATCH_RECORDS = 5;
export const BATCHES = 24;
export const RECORDS = BATCHES * BATCH_RECORDS;
const BATCHES_PER_SEGMENT = 8;
const SEGMENT_MS = 60_000;

/** A topic whose segments `fill` makes small. */
export function smallSegmentTopic(name: string, partitions: number): TopicPlan {
  return {
    name,
    partitions,
    configs: { 'segment.ms': String(SEGMENT_MS), 'retention.ms': '-1', 'index.interval.bytes': '200' },
  };
}

const valueAt = (partition: number, offset: number): string => `${partition}:${offset}:${'v'.repeat(offset % 50)}`;

/** A batch that continues a partition at `offset`. */
function batchAt(partition: number, offset: number, timestamp: number): Uint8Array {
  return buildBatch({
    producerId: 4000 + partition,
    producerEpoch: 0,
    baseSequence: offset,
    records: Array.from({ length: BATCH_RECORDS }, (_, i) => ({
      timestamp,
      key: Buffer.from(String(offset + i)),
      value: Buffer.from(valueAt(partition, offset + i)),
    })),
  });
}

/** Appends to each partition of a topic, at the offsets given, one batch each. Errors: rejects when one is refused. */
export async function appendAt(
  client: RawClient,
  topic: string,
  offsets: ReadonlyMap<number, number>,
  timestamp: number,
): Promise<void> {
  const request = newProduceRequest({
    acks: -1,
    timeoutMs: 10_000,
    transactionalId: null,
    topicData: [
      newTopicProduceData({
        name: topic,
        partitionData: [...offsets].map(([index, offset]) =>
          newPartitionProduceData({ index, records: batchAt(index, offset, timestamp) }),
        ),
      }),
    ],
  });
  const { responses } = await client.call<ProduceResponse>(ApiKey.PRODUCE, 12, request);
  for (const { index, errorCode, baseOffset } of responses.flatMap(({ partitionResponses }) => partitionResponses)) {
    if (errorCode !== ErrorCode.NONE) throw new Error(`${topic}-${index}: ${errorName(errorCode)}`);
    if (Number(baseOffset) !== offsets.get(index)) {
      throw new Error(`${topic}-${index}: appended at ${baseOffset} instead of ${offsets.get(index)}`);
    }
  }
}

/** Fills every partition of a topic with BATCHES batches in three segments. */
export async function fill(client: RawClient, topic: string, partitions: number): Promise<void> {
  const start = Date.now() - 86_400_000;
  for (let batch = 0; batch < BATCHES; batch++) {
    const timestamp = start + Math.floor(batch / BATCHES_PER_SEGMENT) * 2 * SEGMENT_MS;
    const offsets = new Map(Array.from({ length: partitions }, (_, i) => [i, batch * BATCH_RECORDS]));
    await appendAt(client, topic, offsets, timestamp);
  }
}

/** What a client gets to see of a partition. */
export interface Remains {
  /** Right records from the start, without a gap. */
  readonly intact: number;
  /** Offsets of batches whose checksum tells that they are damaged. */
  readonly damaged: readonly number[];
  /** Offsets of records that are not what was written, though their checksum is right. */
  readonly wrong: readonly number[];
  /** Right records in all. */
  readonly right: number;
  readonly highWatermark: number;
  /** Where a client can get no further, and why. */
  readonly stuck: string | undefined;
}

/** Reads a partition from 0 to its high watermark as far as that goes. */
export async function readRemains(client: RawClient, topic: string, partition: number): Promise<Remains> {
  const damaged: number[] = [];
  const wrong: number[] = [];
  let [intact, right, offset, highWatermark] = [0, 0, 0, -1];
  let stuck: string | undefined;
  while (stuck === undefined && (highWatermark < 0 || offset < highWatermark)) {
    const from = offset;
    try {
      const answer = await fetchPartition(client, topic, partition, offset);
      highWatermark = answer.highWatermark;
      for (const batch of iterateBatches(answer.records)) {
        if (!batch.isValidCrc()) damaged.push(batch.baseOffset);
        else {
          for (const record of batch.records()) {
            if (record.offset < from) continue;
            if (Buffer.from(record.value ?? []).toString() !== valueAt(partition, record.offset))
              wrong.push(record.offset);
            else {
              right++;
              if (record.offset === intact) intact++;
            }
          }
        }
        offset = Math.max(offset, batch.nextOffset);
      }
    } catch (error) {
      stuck = `at ${offset}: ${(error as Error).message}`;
    }
    if (stuck === undefined && offset === from && offset < highWatermark) stuck = `at ${offset}: no records`;
    await sleep(0);
  }
  return { intact, damaged, wrong, right, highWatermark, stuck };
}

/** Paths of the segments' files of a kind, oldest first. */
export function segmentFiles(folder: string, suffix: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{20}\./.test(name) && name.endsWith(suffix))
    .sort()
    .map((name) => join(folder, name));
}
