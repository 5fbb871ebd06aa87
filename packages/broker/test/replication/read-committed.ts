/**
 * What a consumer of isolation level read_committed gets from the leader of a partition, up to where it must wait.
 */
import type { Clock } from '@skarab/base';
import type { Dialer } from '@skarab/network';
import { ErrorCode, errorName, newFetchRequest, newFetchRequestFetchPartition } from '@skarab/protocol';
import { iterateBatches } from '@skarab/records';
import { fetchApi } from '../../src/fetcher/leader-apis.ts';
import type { BrokerCluster } from '../../src/testing/index.ts';
import { connect } from './test-producer.ts';

const READ_COMMITTED = 1;
const ABORT_MARKER = 0;
const FETCH_BYTES = 2000;

/** Everything committed so far, and where the reading ended. Errors: Error for an answer with an error; TransportError. */
export async function readCommitted(
  { cluster, dialer, clock }: { readonly cluster: BrokerCluster; readonly dialer: Dialer; readonly clock: Clock },
  topic: string,
  partition: number,
): Promise<{ values: string[]; lastStableOffset: number; highWatermark: number }> {
  const { leader } = cluster.registration(topic, partition)!;
  const topicId = cluster.controller.image.topics.byName.get(topic)!.id;
  const connection = await connect({ host: '127.0.0.1', port: cluster.broker(leader).port }, dialer, clock);
  const values: string[] = [];
  try {
    for (let offset = 0; ; ) {
      const partitions = [
        newFetchRequestFetchPartition({ partition, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }),
      ];
      const request = newFetchRequest({
        maxBytes: FETCH_BYTES,
        isolationLevel: READ_COMMITTED,
        topics: [{ topic: '', topicId, partitions }],
      });
      const response = await connection.send(fetchApi, request, 5000);
      const answer = response.responses[0]!.partitions[0]!;
      if (answer.errorCode !== ErrorCode.NONE) throw new Error(errorName(answer.errorCode));
      const before = offset;
      // As consumers do: a producer is skipped from the first offset of its aborted transaction to its marker.
      const aborted = [...(answer.abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset - b.firstOffset));
      const skipped = new Set<number>();
      for (const batch of iterateBatches((answer.records as Uint8Array | null) ?? new Uint8Array())) {
        while (aborted.length > 0 && Number(aborted[0]!.firstOffset) <= batch.nextOffset - 1)
          skipped.add(Number(aborted.shift()!.producerId));
        if (batch.isControlBatch) {
          const key = Buffer.from([...batch.records()][0]!.key!);
          if (key.readInt16BE(2) === ABORT_MARKER) skipped.delete(batch.producerId);
        } else if (!skipped.has(batch.producerId))
          for (const record of batch.records())
            if (record.offset >= before) values.push(Buffer.from(record.value!).toString());
        offset = batch.nextOffset;
      }
      if (offset === before) {
        const { lastStableOffset, highWatermark } = answer;
        return { values, lastStableOffset: Number(lastStableOffset), highWatermark: Number(highWatermark) };
      }
    }
  } finally {
    connection.close();
  }
}
