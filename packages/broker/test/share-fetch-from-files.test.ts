/**
 * A share group's member fetches what is no longer in memory: after a restart of the node, records come from the files of the log.
 *
 * What is read so holds a file open, and lets it go once.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskStorage } from '@skarab/log';
import {
  ApiKey,
  ErrorCode,
  type FindCoordinatorResponse,
  type InitializeShareGroupStateResponse,
  newFindCoordinatorRequest,
  newInitializeShareGroupStateRequest,
  newShareFetchRequest,
  newShareFetchRequestFetchPartition,
  newShareFetchRequestFetchTopic,
  type ShareFetchResponse,
} from '@skarab/protocol';
import { iterateBatches } from '@skarab/records';
import { startInMemoryNode } from './in-memory-node.ts';
import { batch, makeTopic, produce } from './scripts/messages.ts';
import { Normaliser } from './transcript/normalise.ts';
import { Recorder } from './transcript/recorder.ts';

const GROUP = 'readers';
const TOPIC = 'kept';
const BATCHES = [
  ['a', 'b', 'c'],
  ['d', 'e', 'f'],
];

const fetchOf = (topicId: string, shareSessionEpoch: number) =>
  newShareFetchRequest({
    groupId: GROUP,
    memberId: 'anna',
    shareSessionEpoch,
    maxWaitMs: 2000,
    minBytes: 1,
    maxBytes: 1_000_000,
    maxRecords: 3,
    batchSize: 3,
    topics: [
      newShareFetchRequestFetchTopic({
        topicId,
        partitions: [newShareFetchRequestFetchPartition({ partitionIndex: 0 })],
      }),
    ],
  });

test('a share fetch of records that are in files only', { timeout: 30_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'share-fetch-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const properties = { 'log.dirs': folder };
  const before = await startInMemoryNode(folder, properties, new DiskStorage());
  const writer = new Recorder(before, new Normaliser([]));
  const topicId = await makeTopic(writer, TOPIC);
  for (const values of BATCHES)
    await writer.prepare(ApiKey.PRODUCE, 9, produce({ topic: TOPIC, records: batch(values) }));
  writer.close();
  await before.stop();

  const after = await startInMemoryNode(folder, properties, new DiskStorage());
  t.after(() => after.stop());
  const recorder = new Recorder(after, new Normaliser([]));
  t.after(() => recorder.close());
  const of = <P extends object>(partition: P) => ({ groupId: GROUP, topics: [{ topicId, partitions: [partition] }] });
  await recorder.prepare<FindCoordinatorResponse>(
    ApiKey.FIND_COORDINATOR,
    6,
    newFindCoordinatorRequest({ keyType: 2, coordinatorKeys: [`${GROUP}:${topicId}:0`] }),
    ({ coordinators }) => coordinators[0]?.errorCode === ErrorCode.NONE,
  );
  await recorder.prepare<InitializeShareGroupStateResponse>(
    ApiKey.INITIALIZE_SHARE_GROUP_STATE,
    0,
    newInitializeShareGroupStateRequest(of({ partition: 0, stateEpoch: 1, startOffset: 0n })),
    ({ results }) => results[0]?.partitions[0]?.errorCode === ErrorCode.NONE,
  );
  for (const [epoch, values] of BATCHES.entries()) {
    const response = await recorder.prepare<ShareFetchResponse>(ApiKey.SHARE_FETCH, 2, fetchOf(topicId, epoch));
    const [partition] = response.responses[0]?.partitions ?? [];
    assert.equal(partition?.errorCode, ErrorCode.NONE);
    assert.deepEqual(
      partition.acquiredRecords.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset]),
      [[BigInt(3 * epoch), BigInt(3 * epoch + 2)]],
    );
    assert.deepEqual(valuesIn(partition.records), values);
  }
});

function valuesIn(records: unknown): string[] {
  assert.ok(records instanceof Uint8Array);
  return [...iterateBatches(records)].flatMap((one) =>
    [...one.records()].map(({ value }) => Buffer.from(value!).toString()),
  );
}
