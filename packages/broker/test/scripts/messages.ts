/**
 * Requests that many scripts send, in short: topics, batches, produce, fetch.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  type CreateTopicsResponse,
  type FetchRequest,
  type FetchRequestFetchPartition,
  type FetchResponse,
  type FindCoordinatorResponse,
  type MetadataResponse,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newFindCoordinatorRequest,
  newMetadataRequest,
  newMetadataRequestTopic,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceRequest,
} from '@skarab/protocol';
import { type BatchOptions, buildBatch } from '@skarab/records';
import { RawClient } from '../../../../tools/raw-client/raw-client.ts';
import { T0 } from '../transcript/normalise.ts';
import type { Recorder } from '../transcript/recorder.ts';

export interface NewTopic {
  readonly partitions?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Makes a topic, waits until the broker leads it, and returns its id. */
export async function makeTopic(recorder: Recorder, name: string, topic: NewTopic = {}): Promise<string> {
  const configs = Object.entries(topic.configs ?? {}).map(([key, value]) =>
    newCreatableTopicConfig({ name: key, value }),
  );
  await recorder.prepare<CreateTopicsResponse>(
    ApiKey.CREATE_TOPICS,
    7,
    newCreateTopicsRequest({
      timeoutMs: 10_000,
      topics: [newCreatableTopic({ name, numPartitions: topic.partitions ?? 1, replicationFactor: 1, configs })],
    }),
    ({ topics }) => topics[0]?.errorCode === 0 || topics[0]?.errorCode === 36,
  );
  const metadata = await recorder.prepare<MetadataResponse>(
    ApiKey.METADATA,
    12,
    newMetadataRequest({ topics: [newMetadataRequestTopic({ name })], allowAutoTopicCreation: false }),
    ({ topics }) =>
      topics.every(
        ({ errorCode, partitions }) =>
          errorCode === 0 && partitions.length > 0 && partitions.every((partition) => partition.errorCode === 0),
      ),
  );
  // The leader may answer for a partition a moment after the metadata says so.
  const partitions = metadata.topics[0]?.partitions.map(({ partitionIndex }) =>
    newFetchRequestFetchPartition({ partition: partitionIndex, partitionMaxBytes: 1 }),
  );
  const all = [newFetchRequestFetchTopic({ topic: name, partitions: partitions ?? [] })];
  await recorder.prepare<FetchResponse>(ApiKey.FETCH, 12, { ...fetch({}), topics: all }, ({ responses }) =>
    responses.every((topic) => topic.partitions.every(({ errorCode }) => errorCode === 0)),
  );
  return metadata.topics[0]?.topicId ?? ZERO_UUID;
}

/** A batch of records with these values, keys `k`, one millisecond apart from T0 on. */
export function batch(
  values: readonly (string | null)[],
  options: BatchOptions & { key?: string | null } = {},
): Uint8Array {
  const { key = 'k', ...batchOptions } = options;
  return buildBatch({
    ...batchOptions,
    records: values.map((value, i) => ({
      timestamp: T0 + i,
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    })),
  });
}

export interface ProduceTo {
  readonly topic?: string;
  readonly topicId?: string;
  readonly partition?: number;
  readonly records: Uint8Array | null;
  readonly acks?: number;
  readonly transactionalId?: string | null;
  readonly timeoutMs?: number;
}

/** Produce to one partition. */
export function produce(to: ProduceTo): ProduceRequest {
  return newProduceRequest({
    acks: to.acks ?? -1,
    timeoutMs: to.timeoutMs ?? 5_000,
    transactionalId: to.transactionalId ?? null,
    topicData: [
      newTopicProduceData({
        name: to.topic ?? '',
        topicId: to.topicId ?? ZERO_UUID,
        partitionData: [newPartitionProduceData({ index: to.partition ?? 0, records: to.records })],
      }),
    ],
  });
}

export interface FetchFrom extends Partial<Omit<FetchRequest, 'topics'>> {
  readonly topic?: string;
  readonly topicId?: string;
  readonly offset?: bigint | number;
  readonly partition?: Partial<FetchRequestFetchPartition>;
}

/** Fetch of one partition (0 unless `partition` says otherwise), or of none when no topic is named. */
export function fetch(from: FetchFrom): FetchRequest {
  const { topic, topicId, offset = 0, partition = {}, ...request } = from;
  const hasTopic = topic !== undefined || topicId !== undefined;
  return newFetchRequest({
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 20,
    ...request,
    topics: hasTopic
      ? [
          newFetchRequestFetchTopic({
            topic: topic ?? '',
            topicId: topicId ?? ZERO_UUID,
            partitions: [
              newFetchRequestFetchPartition({
                partition: 0,
                fetchOffset: BigInt(offset),
                partitionMaxBytes: 1 << 20,
                ...partition,
              }),
            ],
          }),
        ]
      : [],
  });
}

/** Produce v13 and later, and fetch v13 and later, name topics by id: the fields for a version. */
export function byVersion(version: number, topic: string, topicId: string): { topic?: string; topicId?: string } {
  return version >= 13 ? { topicId } : { topic };
}

/** Waits until a broker coordinates groups. */
export async function groupsReady(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  const request = newFindCoordinatorRequest({ coordinatorKeys: ['ready'] });
  for (;;) {
    const { coordinators } = await client.call<FindCoordinatorResponse>(ApiKey.FIND_COORDINATOR, 4, request);
    if (coordinators[0]?.errorCode === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
