/**
 * Fetches of more partitions than are read in one turn of the event loop, whose answers hold records of so many at most.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  ApiKey,
  type CreateTopicsResponse,
  type FetchResponse,
  newCreatableTopic,
  newCreateTopicsRequest,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { connectTo, scratchFolder, waitForTopics } from '../../../tools/raw-client/brokers.ts';
import type { RawClient } from '../../../tools/raw-client/raw-client.ts';
import { startInMemoryNode } from './in-memory-node.ts';

const PARTITIONS = 1100;
const MAX_PARTITIONS_WITH_RECORDS = 500;
const ALL = Array.from({ length: PARTITIONS }, (_, index) => index);

async function startWideNode(t: TestContext): Promise<{ writer: RawClient; reader: RawClient }> {
  const folder = await scratchFolder(t);
  const node = await startInMemoryNode(folder, { 'log.dirs': folder });
  t.after(() => node.stop());
  const [writer, reader] = [await connectTo(t, node.port), await connectTo(t, node.port)];
  const topics = [newCreatableTopic({ name: 'wide', numPartitions: PARTITIONS, replicationFactor: 1 })];
  const request = newCreateTopicsRequest({ topics, timeoutMs: 10_000 });
  const { topics: made } = await writer.call<CreateTopicsResponse>(ApiKey.CREATE_TOPICS, 7, request);
  assert.equal(made[0]?.errorCode, 0);
  await waitForTopics(writer, { wide: PARTITIONS });
  return { writer, reader };
}

async function write(client: RawClient, partitions: readonly number[]): Promise<void> {
  const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value: Buffer.from('a record') }] });
  const partitionData = partitions.map((index) => newPartitionProduceData({ index, records }));
  const topicData = [newTopicProduceData({ name: 'wide', partitionData })];
  const request = newProduceRequest({ acks: -1, timeoutMs: 5000, transactionalId: null, topicData });
  const { responses } = await client.call<ProduceResponse>(ApiKey.PRODUCE, 12, request);
  assert(responses[0]!.partitionResponses.every(({ errorCode }) => errorCode === 0));
}

interface Session {
  readonly id: number;
  readonly epoch: number;
}

/** Fetches from offset 0 what is asked, within a session; returns the session that goes on and the partitions that came with records. */
async function fetchWide(client: RawClient, asked: readonly number[], { id, epoch }: Session, maxWaitMs: number) {
  const partitions = asked.map((partition) =>
    newFetchRequestFetchPartition({ partition, partitionMaxBytes: 1_000_000 }),
  );
  const request = newFetchRequest({
    maxWaitMs,
    minBytes: 1,
    sessionId: id,
    sessionEpoch: epoch,
    topics: partitions.length === 0 ? [] : [newFetchRequestFetchTopic({ topic: 'wide', partitions })],
  });
  const response = await client.call<FetchResponse>(ApiKey.FETCH, 12, request);
  assert.equal(response.errorCode, 0);
  const came = response.responses.flatMap((topic) => topic.partitions);
  const withRecords = came.filter(({ records }) => records !== null && (records as Uint8Array).length > 0);
  const session = { id: response.sessionId, epoch: epoch === -1 ? -1 : epoch + 1 };
  return { session, came: came.length, withRecords: withRecords.map(({ partitionIndex }) => partitionIndex) };
}

test('a fetch that waits on very many partitions is answered when one has a record', async (t) => {
  const { writer, reader } = await startWideNode(t);
  const fetched = fetchWide(reader, ALL, { id: 0, epoch: -1 }, 10_000);
  const startedAt = performance.now();
  await write(writer, [PARTITIONS - 1]);
  assert.deepEqual((await fetched).withRecords, [PARTITIONS - 1]);
  assert(performance.now() - startedAt < 5000, 'the record is not found when the time is over');
});

test('an answer has records of so many partitions, and the next ones have the others’', async (t) => {
  const { writer, reader } = await startWideNode(t);
  await write(writer, ALL);
  let { session, came, withRecords } = await fetchWide(reader, ALL, { id: 0, epoch: 0 }, 0);
  assert.equal(came, PARTITIONS, 'a full answer is about all');
  const seen = new Set(withRecords);
  assert.equal(seen.size, MAX_PARTITIONS_WITH_RECORDS);
  // Nobody asks for later offsets, so that those that have come would come again, if they did not stand behind the others now.
  for (let fetches = 0; fetches < 2; fetches++) {
    ({ session, withRecords } = await fetchWide(reader, [], session, 0));
    for (const partition of withRecords) seen.add(partition);
  }
  assert.equal(seen.size, PARTITIONS);
});
