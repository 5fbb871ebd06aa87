/**
 * Reads partitions as a consumer of committed data does: up to the last stable offset, without what was aborted and without markers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  ErrorCode,
  errorName,
  type FetchResponse,
  type FetchResponsePartitionData,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
} from '@skarab/protocol';
import { ControlRecordType, iterateBatches, parseControlRecordType } from '@skarab/records';
import type { RawClient } from '../tools/raw-client/raw-client.ts';

const PATIENCE_MS = 20_000;
const READ_COMMITTED = 1;

/** One answer for a partition, after waiting until it is led. */
async function fetchCommitted(
  client: RawClient,
  topic: string,
  partition: number,
  offset: number,
): Promise<FetchResponsePartitionData> {
  const at = newFetchRequestFetchPartition({ partition, fetchOffset: BigInt(offset), partitionMaxBytes: 8 << 20 });
  const request = newFetchRequest({
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 8 << 20,
    isolationLevel: READ_COMMITTED,
    topics: [newFetchRequestFetchTopic({ topic, partitions: [at] })],
  });
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const response = await client.call<FetchResponse>(ApiKey.FETCH, 12, request);
    const answer = response.responses[0]?.partitions[0];
    if (answer?.errorCode === ErrorCode.NONE) return answer;
    if (Date.now() > deadline) throw new Error(`fetch of ${topic}-${partition}: ${errorName(answer?.errorCode ?? -1)}`);
  }
}

/** Waits until every transaction of a partition is decided. Errors: rejects when one stays open. */
export async function waitUntilStable(client: RawClient, topic: string, partition: number): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(20)) {
    const { lastStableOffset, highWatermark } = await fetchCommitted(client, topic, partition, 0);
    if (lastStableOffset === highWatermark) return;
    if (Date.now() > deadline)
      throw new Error(`${topic}-${partition}: the last stable offset stays at ${lastStableOffset} of ${highWatermark}`);
  }
}

/** Values of all committed records of a partition, in order. */
export async function readCommitted(client: RawClient, topic: string, partition: number): Promise<string[]> {
  const values: string[] = [];
  for (let offset = 0; ; ) {
    const { records, abortedTransactions, lastStableOffset } = await fetchCommitted(client, topic, partition, offset);
    const aborted = [...(abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset - b.firstOffset));
    const aborting = new Set<number>();
    for (const batch of iterateBatches((records ?? new Uint8Array(0)) as Uint8Array)) {
      while (aborted.length > 0 && aborted[0]!.firstOffset <= BigInt(batch.lastOffset))
        aborting.add(Number(aborted.shift()!.producerId));
      const isAborted = batch.isTransactional && aborting.has(batch.producerId);
      for (const { key, value } of batch.records()) {
        if (batch.isControlBatch) {
          if (parseControlRecordType(key) === ControlRecordType.ABORT) aborting.delete(batch.producerId);
        } else if (!isAborted) values.push(Buffer.from(value ?? []).toString());
      }
      offset = batch.nextOffset;
    }
    if (offset >= Number(lastStableOffset)) return values;
  }
}
