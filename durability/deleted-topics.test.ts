/**
 * Topics that are deleted while the broker dies: gone is gone, and a topic of the same name begins anew.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type DeleteTopicsResponse,
  ErrorCode,
  type MetadataResponse,
  newDeleteTopicState,
  newDeleteTopicsRequest,
  newMetadataRequest,
} from '@skarab/protocol';
import { connectTo, scratchFolder, skarab, startBroker } from '../tools/raw-client/brokers.ts';
import type { RawClient } from '../tools/raw-client/raw-client.ts';
import { appendAt, BATCH_RECORDS, readRemains } from './filled-log.ts';
import { createTopics } from './topics.ts';

const PARTITIONS = 3;
const NAMES = ['gone', 'kept', 'remade'] as const;

async function topicNames(client: RawClient): Promise<string[]> {
  const { topics } = await client.call<MetadataResponse>(ApiKey.METADATA, 12, newMetadataRequest({ topics: null }));
  return topics.flatMap(({ name, isInternal }) => (name === null || isInternal ? [] : [name])).sort();
}

async function deleteTopic(client: RawClient, name: string): Promise<void> {
  const request = newDeleteTopicsRequest({ timeoutMs: 5_000, topics: [newDeleteTopicState({ name })] });
  const { responses } = await client.call<DeleteTopicsResponse>(ApiKey.DELETE_TOPICS, 6, request);
  assert.equal(responses[0]?.errorCode, ErrorCode.NONE);
}

const offsets = (offset: number): Map<number, number> =>
  new Map(Array.from({ length: PARTITIONS }, (_, i) => [i, offset]));

async function expectRecords(client: RawClient, topic: string, records: number): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { intact, right, highWatermark, stuck } = await readRemains(client, topic, partition);
    assert.deepEqual(
      { intact, right, highWatermark, stuck },
      { intact: records, right: records, highWatermark: records, stuck: undefined },
    );
  }
}

for (const waitMs of [0, 5, 50, 500]) {
  test(`kill -9, ${waitMs} ms after topics were deleted`, { timeout: 60_000 }, async (t) => {
    const dataDir = await scratchFolder(t);
    const properties = { 'log.segment.delete.delay.ms': '200' };
    const first = await startBroker(t, skarab, { dataDir, properties });
    const client = await connectTo(t, first.port);
    await createTopics(
      client,
      NAMES.map((name) => ({ name, partitions: PARTITIONS })),
    );
    for (const name of NAMES) await appendAt(client, name, offsets(0), Date.now());
    await deleteTopic(client, 'gone');
    await deleteTopic(client, 'remade');
    await createTopics(client, [{ name: 'remade', partitions: PARTITIONS }]);
    await appendAt(client, 'remade', offsets(0), Date.now());
    await appendAt(client, 'remade', offsets(BATCH_RECORDS), Date.now());
    await sleep(waitMs);
    await first.kill();

    const second = await startBroker(t, skarab, { dataDir, format: false, properties });
    const again = await connectTo(t, second.port);
    assert.deepEqual(await topicNames(again), ['kept', 'remade']);
    await expectRecords(again, 'kept', BATCH_RECORDS);
    await expectRecords(again, 'remade', 2 * BATCH_RECORDS);
    await createTopics(again, [{ name: 'gone', partitions: PARTITIONS }]);
    await expectRecords(again, 'gone', 0);
    await appendAt(again, 'gone', offsets(0), Date.now());
    await expectRecords(again, 'gone', BATCH_RECORDS);

    const leftovers = (): string[] => readdirSync(dataDir).filter((name) => /-delete$|-stray$/.test(name));
    for (let tries = 0; tries < 100 && leftovers().some((name) => name.endsWith('-delete')); tries++) await sleep(50);
    assert.deepEqual(
      leftovers().filter((name) => name.endsWith('-delete')),
      [],
    );
    await second.stop();
  });
}
