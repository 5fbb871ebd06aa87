/**
 * Reading a partition back, and holding it against its ledger.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  ErrorCode,
  errorName,
  type FetchResponse,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
} from '@skarab/protocol';
import { iterateBatches, type RecordBatch } from '@skarab/records';
import type { RawClient } from '../tools/raw-client/raw-client.ts';
import type { PartitionLedger } from './ledger.ts';

const FETCH_VERSION = 12;
const PATIENCE_MS = 15_000;

/** One answer for a partition, after waiting until it is led. Errors: rejects with the error that stays. */
export async function fetchPartition(
  client: RawClient,
  topic: string,
  partition: number,
  offset: number,
): Promise<{ records: Uint8Array; highWatermark: number; logStartOffset: number }> {
  const request = newFetchRequest({
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 8 << 20,
    topics: [
      newFetchRequestFetchTopic({
        topic,
        partitions: [
          newFetchRequestFetchPartition({ partition, fetchOffset: BigInt(offset), partitionMaxBytes: 8 << 20 }),
        ],
      }),
    ],
  });
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const response = await client.call<FetchResponse>(ApiKey.FETCH, FETCH_VERSION, request);
    const answer = response.responses[0]?.partitions[0];
    const errorCode = answer?.errorCode ?? response.errorCode;
    if (answer !== undefined && errorCode === ErrorCode.NONE) {
      return {
        records: (answer.records ?? new Uint8Array(0)) as Uint8Array,
        highWatermark: Number(answer.highWatermark),
        logStartOffset: Number(answer.logStartOffset),
      };
    }
    const mayPass =
      errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION || errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER;
    if (!mayPass || Date.now() > deadline) throw new Error(`fetch of ${topic}-${partition}: ${errorName(errorCode)}`);
    await sleep(50);
  }
}

/**
 * Reads a partition from `from` to its high watermark; `check` gets each batch with the offset where it must go on, and returns the offset
 * behind it. Returns the end. Errors: rejects with what `check` throws, and when the log does not begin at 0 or ends too early.
 */
export async function readPartition(
  client: RawClient,
  topic: string,
  partition: number,
  check: (batch: RecordBatch, offset: number) => number,
  from = 0,
): Promise<number> {
  let offset = from;
  for (;;) {
    const { records, highWatermark, logStartOffset } = await fetchPartition(client, topic, partition, offset);
    if (logStartOffset !== 0) throw new Error(`${topic}-${partition}: the log starts at ${logStartOffset}`);
    let progress = false;
    for (const batch of iterateBatches(records)) {
      offset = check(batch, offset);
      progress = true;
    }
    if (offset >= highWatermark) return offset;
    if (!progress) throw new Error(`${topic}-${partition}: nothing at ${offset}, below ${highWatermark}`);
  }
}

/** Reads a partition from `from` to its high watermark, checks every record and notes the end in the ledger. */
export async function verifyPartition(client: RawClient, ledger: PartitionLedger, from = 0): Promise<void> {
  const { topic, partition } = ledger;
  const offset = await readPartition(client, topic, partition, (batch, at) => ledger.check(batch, at), from);
  if (offset < ledger.acknowledged) {
    throw new Error(`${topic}-${partition}: ends at ${offset}, but ${ledger.acknowledged} records were acknowledged`);
  }
  if (offset > ledger.nextSequence) {
    throw new Error(`${topic}-${partition}: ends at ${offset}, but only ${ledger.nextSequence} records were sent`);
  }
  ledger.readBack = offset;
}
