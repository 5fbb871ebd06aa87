/**
 * Many partitions: a start after kill -9 in time, and no more descriptors than the process may have.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import {
  ApiKey,
  ErrorCode,
  errorName,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import {
  connectTo,
  type Distribution,
  scratchFolder,
  skarab,
  startBroker,
  waitForTopics,
} from '../tools/raw-client/brokers.ts';
import type { RawClient } from '../tools/raw-client/raw-client.ts';
import { PartitionLedger } from './ledger.ts';
import { wrapped } from './limits.ts';
import { createTopics } from './topics.ts';
import { verifyPartition } from './verify.ts';

const MAX_RESTART_MS = 20_000;
/** Files are kept open within a bound, whatever their number: a log has three. */
const MAX_DESCRIPTORS = 2200;
const PRODUCER = { producerId: 5, producerEpoch: 0 };

/** One batch to each partition, in one request. */
async function produceToAll(client: RawClient, ledgers: readonly PartitionLedger[]): Promise<void> {
  const batches = ledgers.map((ledger) => ledger.nextBatch(3, PRODUCER));
  const partitionData = batches.map(({ bytes }, index) => newPartitionProduceData({ index, records: bytes }));
  const request = newProduceRequest({
    acks: -1,
    timeoutMs: 10_000,
    transactionalId: null,
    topicData: [newTopicProduceData({ name: 'many', partitionData })],
  });
  const { responses } = await client.call<ProduceResponse>(ApiKey.PRODUCE, 12, request);
  for (const { index, errorCode, baseOffset } of responses[0]?.partitionResponses ?? []) {
    assert.equal(errorCode, ErrorCode.NONE, `many-${index}: ${errorName(errorCode)}`);
    ledgers[index]!.acknowledge(batches[index]!, Number(baseOffset));
  }
}

async function liveThroughKill(t: TestContext, distribution: Distribution, partitions: number): Promise<void> {
  const dataDir = await scratchFolder(t);
  const first = await startBroker(t, distribution, { dataDir });
  const writer = await connectTo(t, first.port);
  await createTopics(writer, [{ name: 'many', partitions }]);
  const ledgers = Array.from({ length: partitions }, (_, i) => new PartitionLedger('many', i, 'none'));
  for (let i = 0; i < 3; i++) await produceToAll(writer, ledgers);
  const descriptors = readdirSync(`/proc/${first.pid}/fd`).length;
  t.diagnostic(`${descriptors} descriptors for ${partitions} partitions`);
  assert(descriptors <= MAX_DESCRIPTORS, `${descriptors} descriptors`);
  await first.kill();
  const startedAt = performance.now();
  const second = await startBroker(t, distribution, { dataDir, format: false });
  const reader = await connectTo(t, second.port);
  await waitForTopics(reader, { many: partitions });
  const restartMs = Math.round(performance.now() - startedAt);
  t.diagnostic(`restart: ${restartMs} ms`);
  for (const ledger of ledgers) await verifyPartition(reader, ledger);
  await produceToAll(reader, ledgers);
  await second.stop();
  assert(restartMs < MAX_RESTART_MS, `the restart took ${restartMs} ms`);
}

test('a thousand partitions', { timeout: 120_000 }, (t) => liveThroughKill(t, skarab, 1000));

test('more partitions than descriptors', { timeout: 120_000 }, async (t) => {
  await liveThroughKill(t, wrapped(skarab, await scratchFolder(t), 'ulimit -n 256'), 400);
});
