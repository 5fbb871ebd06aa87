/**
 * A share group in a folder that changes hands between our broker and JVM Kafka, after clean stops and after kill -9: whoever comes next delivers
 * what was not accepted or rejected, with the count of deliveries that is known. Whole hand-overs are compared with those of the JVM alone.
 */
import assert from 'node:assert/strict';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type DescribeShareGroupOffsetsResponse,
  ErrorCode,
  type IncrementalAlterConfigsResponse,
  newDescribeShareGroupOffsetsRequest,
  newDescribeShareGroupOffsetsRequestGroup,
  newDescribeShareGroupOffsetsRequestTopic,
  newIncrementalAlterConfigsRequest,
  newIncrementalAlterConfigsRequestAlterableConfig,
  newIncrementalAlterConfigsRequestAlterConfigsResource,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { type KafkaJvm, requireKafkaJvm, runProgram } from '../tools/kafka-jvm/jvm.ts';
import { connectTo, scratchFolder, skarab, startBroker, waitForTopics } from '../tools/raw-client/brokers.ts';
import type { RawClient } from '../tools/raw-client/raw-client.ts';
import { Acknowledge, type Acquired, ShareReader } from './share-reader.ts';
import { createTopics, waitForCoordinator } from './topics.ts';

const TOPIC = 'shared';
const GROUP = 'sharers';
const GROUP_RESOURCE = 32;
const RECORDS = 10;

const properties = {
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'log.cleaner.enable': 'false',
};

type Who = 'ours' | 'JVM';

interface Ways {
  readonly jvm: KafkaJvm;
  readonly end: 'stop' | 'kill';
}

interface HandOver {
  readonly dataDir: string;
  readonly turns: readonly Turn[];
}

/** What a turn found, and what it left. */
interface Turn {
  readonly acquired: readonly Acquired[];
  readonly startOffset: number;
  readonly lag: number;
}

/** Groups begin at the latest records unless told otherwise. */
async function beginAtEarliest(client: RawClient): Promise<void> {
  const configs = [
    newIncrementalAlterConfigsRequestAlterableConfig({ name: 'share.auto.offset.reset', value: 'earliest' }),
  ];
  const resource = { resourceType: GROUP_RESOURCE, resourceName: GROUP, configs };
  const { responses } = await client.call<IncrementalAlterConfigsResponse>(
    ApiKey.INCREMENTAL_ALTER_CONFIGS,
    1,
    newIncrementalAlterConfigsRequest({
      resources: [newIncrementalAlterConfigsRequestAlterConfigsResource(resource)],
    }),
  );
  assert.equal(responses[0]?.errorCode, ErrorCode.NONE);
}

/** One batch, since batches are acquired whole. */
async function produce(client: RawClient): Promise<void> {
  const values = Array.from({ length: RECORDS }, (_, i) => ({ timestamp: 1, key: null, value: Buffer.from(`${i}`) }));
  const partitionData = [newPartitionProduceData({ index: 0, records: Buffer.from(buildBatch({ records: values })) })];
  const topicData = [newTopicProduceData({ name: TOPIC, partitionData })];
  const request = newProduceRequest({ acks: -1, timeoutMs: 10_000, topicData });
  const { responses } = await client.call<ProduceResponse>(ApiKey.PRODUCE, 12, request);
  assert.equal(responses[0]?.partitionResponses[0]?.errorCode, ErrorCode.NONE);
}

/** As soon as the coordinators have loaded. */
async function offsets(client: RawClient): Promise<{ startOffset: number; lag: number }> {
  const topics = [newDescribeShareGroupOffsetsRequestTopic({ topicName: TOPIC, partitions: [0] })];
  const groups = [newDescribeShareGroupOffsetsRequestGroup({ groupId: GROUP, topics })];
  for (;;) {
    const { groups: described } = await client.call<DescribeShareGroupOffsetsResponse>(
      ApiKey.DESCRIBE_SHARE_GROUP_OFFSETS,
      1,
      newDescribeShareGroupOffsetsRequest({ groups }),
    );
    const partition = described[0]?.topics[0]?.partitions[0];
    if (described[0]?.errorCode === ErrorCode.NONE && partition?.errorCode === ErrorCode.NONE)
      return { startOffset: Number(partition.startOffset), lag: Number(partition.lag) };
    await sleep(100);
  }
}

/** Each in turn acquires all there is, accepts two records, releases one, rejects one, and keeps the others until it ends. */
async function handOver(t: TestContext, { jvm, end }: Ways, who: readonly Who[]): Promise<HandOver> {
  const dataDir = await scratchFolder(t);
  const turns: Turn[] = [];
  let left = 0;
  for (const [i, one] of who.entries()) {
    const distribution = one === 'ours' ? skarab : jvm;
    const broker = await startBroker(t, distribution, { dataDir, format: i === 0, properties });
    const client = await connectTo(t, broker.port);
    if (i === 0) {
      await createTopics(client, [{ name: TOPIC, partitions: 1 }]);
      await beginAtEarliest(client);
    }
    await waitForTopics(client, { [TOPIC]: 1 });
    await waitForCoordinator(client, GROUP);
    const reader = new ShareReader(client, GROUP);
    await reader.join(TOPIC);
    await produce(client);
    left += RECORDS;
    const acquired = await reader.acquire(left);
    const [accepted, also, released, rejected] = acquired
      .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n))
      .slice(0, 4) as [number, number, number, number];
    await reader.acknowledge(accepted, Acknowledge.ACCEPT);
    await reader.acknowledge(also, Acknowledge.ACCEPT);
    await reader.acknowledge(released, Acknowledge.RELEASE);
    await reader.acknowledge(rejected, Acknowledge.REJECT);
    left -= 3;
    turns.push({ acquired, ...(await offsets(client)) });
    client.close();
    await broker[end]();
  }
  return { dataDir, turns };
}

/** The state of the group as Kafka's dump tool reads it. */
async function dumpState({ jvm }: Ways, dataDir: string): Promise<string> {
  const files = globSync(join(dataDir, '__share_group_state-*', '*.log')).filter((file) => statSync(file).size > 0);
  const args = ['--share-group-state-decoder', '--files', files.join(',')];
  const { code, stdout, stderr } = await runProgram(jvm.bin('kafka-dump-log'), args, {});
  assert.equal(code, 0, stderr);
  return stdout;
}

for (const end of ['stop', 'kill'] as const) {
  test(`a share group goes on where another broker left it at a ${end}`, { timeout: 170_000 }, async (t) => {
    const jvm = await requireKafkaJvm(t);
    if (jvm === undefined) return;
    const ways = { jvm, end };
    const { turns: expected } = await handOver(t, ways, ['JVM', 'JVM']);
    const toJvm = await handOver(t, ways, ['ours', 'JVM']);
    assert.deepEqual(toJvm.turns, expected, 'from ours to the JVM');
    assert.deepEqual((await handOver(t, ways, ['JVM', 'ours'])).turns, expected, 'from the JVM to ours');
    assert.deepEqual(expected[0]!.acquired, [[0, RECORDS - 1, 1]]);
    assert.deepEqual(expected[1]!.acquired[0], [2, 2, 2], 'what was released is delivered again, and counted');
    const dump = await dumpState(ways, toJvm.dataDir);
    assert.match(dump, /"groupId":"sharers"/);
    assert.match(dump, /"deliveryState"/);
    assert.doesNotMatch(dump, /Error|Exception|Found invalid/);
  });
}
