/**
 * Content for a folder that changes hands: one of everything that is kept on disk.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type ConsumerGroupHeartbeatResponse,
  ErrorCode,
  errorName,
  type IncrementalAlterConfigsResponse,
  newConsumerGroupHeartbeatRequest,
  newCreatePartitionsRequest,
  newCreatePartitionsTopic,
  newDeleteRecordsPartition,
  newDeleteRecordsRequest,
  newDeleteRecordsTopic,
  newDeleteTopicState,
  newDeleteTopicsRequest,
  newIncrementalAlterConfigsRequest,
  newIncrementalAlterConfigsRequestAlterableConfig,
  newIncrementalAlterConfigsRequestAlterConfigsResource,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type OffsetCommitResponse,
  type ProduceResponse,
} from '@skarab/protocol';
import { type BatchOptions, buildBatch, compressionTypes } from '@skarab/records';
import { waitForTopics } from '../tools/raw-client/brokers.ts';
import type { RawClient } from '../tools/raw-client/raw-client.ts';
import { createTopics, type TopicPlan, waitForCoordinator } from './topics.ts';

const plans: readonly TopicPlan[] = [
  ...compressionTypes.map((codec) => ({ name: `codec-${codec}`, partitions: 2 })),
  { name: 'configured', partitions: 1, configs: { 'retention.ms': '1234567890', 'compression.type': 'lz4' } },
  {
    name: 'compacted',
    partitions: 1,
    configs: { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01', 'segment.ms': '1000' },
  },
  { name: 'idempotent', partitions: 2 },
  { name: 'trimmed', partitions: 1 },
  { name: 'grown', partitions: 1 },
  { name: 'doomed', partitions: 1 },
];

/** A record's sequence number in 'idempotent', kept from broker to broker. */
export class SwapContent {
  #round = 0;
  #sequence = 0;

  /** Topics and first content. */
  async create(client: RawClient): Promise<void> {
    await createTopics(client, plans);
    await waitForCoordinator(client, 'swap');
    await this.extend(client);
    await client.call(
      ApiKey.CREATE_PARTITIONS,
      3,
      newCreatePartitionsRequest({
        timeoutMs: 5_000,
        topics: [newCreatePartitionsTopic({ name: 'grown', count: 3, assignments: null })],
      }),
    );
    await waitForTopics(client, { grown: 3 });
    await client.call(
      ApiKey.DELETE_TOPICS,
      6,
      newDeleteTopicsRequest({ timeoutMs: 5_000, topics: [newDeleteTopicState({ name: 'doomed' })] }),
    );
  }

  /** More content, continuing what is there; on any broker of the folder. */
  async extend(client: RawClient): Promise<void> {
    const round = ++this.#round;
    const timestamp = Date.now() - 3_600_000 + round * 60_000;
    for (const codec of compressionTypes) {
      for (const partition of [0, 1])
        await this.#send(client, `codec-${codec}`, partition, this.#values(20, timestamp), { compression: codec });
    }
    await this.#send(client, 'configured', 0, this.#values(5, timestamp), {});
    for (let i = 0; i < 4; i++) await this.#compacted(client, timestamp + i * 5_000, i);
    for (const partition of [0, 1])
      await this.#send(client, 'idempotent', partition, this.#values(3, timestamp), {
        producerId: 9000,
        producerEpoch: 0,
        baseSequence: this.#sequence,
      });
    this.#sequence += 3;
    await this.#send(client, 'trimmed', 0, this.#values(10, timestamp), {});
    await this.#trim(client, round * 4);
    await this.#alter(client, 'configured', 'max.message.bytes', String(1_000_000 + round));
    await this.#commit(client, 'group-a', round * 10, `round ${round}`);
    await this.#commit(client, `group-of-round-${round}`, round, null);
    await this.#join(client, 'consumers', `member-of-round-${round}`);
  }

  /** Another member of a consumer group; those of earlier rounds are still in it. */
  async #join(client: RawClient, groupId: string, memberId: string): Promise<void> {
    const request = newConsumerGroupHeartbeatRequest({
      groupId,
      memberId,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ['idempotent', 'grown'],
      topicPartitions: [],
    });
    await waitForCoordinator(client, groupId);
    const { errorCode } = await client.call<ConsumerGroupHeartbeatResponse>(
      ApiKey.CONSUMER_GROUP_HEARTBEAT,
      1,
      request,
    );
    if (errorCode !== ErrorCode.NONE) throw new Error(`${memberId} joins: ${errorName(errorCode)}`);
  }

  #values(count: number, timestamp: number) {
    return Array.from({ length: count }, (_, i) => ({
      timestamp: timestamp + i,
      key: i % 3 === 0 ? null : Buffer.from(`key ${i}`),
      value: i % 7 === 6 ? null : Buffer.from(`round ${this.#round} value ${i} ${'z'.repeat(i * 10)}`),
      headers: i % 5 === 0 ? [{ key: 'round', value: Buffer.from(String(this.#round)) }] : [],
    }));
  }

  /** Few keys, often; a tombstone now and then. */
  #compacted(client: RawClient, timestamp: number, i: number): Promise<void> {
    const records = Array.from({ length: 10 }, (_, n) => ({
      timestamp: timestamp + n,
      key: Buffer.from(`key ${n}`),
      value: n === i ? null : Buffer.from(`round ${this.#round} turn ${i}`),
    }));
    return this.#send(client, 'compacted', 0, records, {});
  }

  async #send(
    client: RawClient,
    topic: string,
    partition: number,
    records: Parameters<typeof buildBatch>[0]['records'],
    options: BatchOptions,
  ): Promise<void> {
    const data = newPartitionProduceData({ index: partition, records: buildBatch({ ...options, records }) });
    const request = newProduceRequest({
      acks: -1,
      timeoutMs: 10_000,
      transactionalId: null,
      topicData: [newTopicProduceData({ name: topic, partitionData: [data] })],
    });
    const { responses } = await client.call<ProduceResponse>(ApiKey.PRODUCE, 12, request);
    expectNone(responses[0]?.partitionResponses[0]?.errorCode, `produce to ${topic}`);
  }

  async #trim(client: RawClient, offset: number): Promise<void> {
    const partitions = [newDeleteRecordsPartition({ partitionIndex: 0, offset: BigInt(offset) })];
    const request = newDeleteRecordsRequest({
      timeoutMs: 5_000,
      topics: [newDeleteRecordsTopic({ name: 'trimmed', partitions })],
    });
    const { topics } = await client.call<{ topics: { partitions: { errorCode: number }[] }[] }>(
      ApiKey.DELETE_RECORDS,
      2,
      request,
    );
    expectNone(topics[0]?.partitions[0]?.errorCode, 'delete records');
  }

  async #alter(client: RawClient, resourceName: string, name: string, value: string): Promise<void> {
    const configs = [newIncrementalAlterConfigsRequestAlterableConfig({ name, value })];
    const resource = newIncrementalAlterConfigsRequestAlterConfigsResource({ resourceType: 2, resourceName, configs });
    const request = newIncrementalAlterConfigsRequest({ resources: [resource] });
    const { responses } = await client.call<IncrementalAlterConfigsResponse>(
      ApiKey.INCREMENTAL_ALTER_CONFIGS,
      1,
      request,
    );
    expectNone(responses[0]?.errorCode, `alter ${resourceName}`);
  }

  async #commit(client: RawClient, groupId: string, offset: number, committedMetadata: string | null): Promise<void> {
    const partitions = [0, 1].map((partitionIndex) =>
      newOffsetCommitRequestPartition({
        partitionIndex,
        committedOffset: BigInt(offset + partitionIndex),
        committedLeaderEpoch: 0,
        committedMetadata,
      }),
    );
    const request = newOffsetCommitRequest({
      groupId,
      topics: [newOffsetCommitRequestTopic({ name: 'codec-none', partitions })],
    });
    for (let tries = 0; ; tries++) {
      const { topics } = await client.call<OffsetCommitResponse>(ApiKey.OFFSET_COMMIT, 8, request);
      const errorCode = topics[0]?.partitions[0]?.errorCode;
      if (errorCode === ErrorCode.NONE) return;
      if (tries === 100) expectNone(errorCode, `commit of ${groupId}`);
      await sleep(100);
    }
  }
}

function expectNone(errorCode: number | undefined, what: string): void {
  if (errorCode !== ErrorCode.NONE) throw new Error(`${what}: ${errorName(errorCode ?? -1)}`);
}
