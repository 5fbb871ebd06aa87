/**
 * A script made by chance from a seed: records, offsets, groups and configurations of a few topics, right and wrong, in no order.
 *
 * No request depends on an answer, so that every broker gets the same ones.
 */
import { type Random, seededRandom } from '@skarab/base';
import {
  ApiKey,
  newDeleteRecordsPartition,
  newDeleteRecordsRequest,
  newDeleteRecordsTopic,
  newDescribeProducersRequest,
  newDescribeProducersRequestTopicRequest,
  newIncrementalAlterConfigsRequest,
  newIncrementalAlterConfigsRequestAlterableConfig,
  newIncrementalAlterConfigsRequestAlterConfigsResource,
  newListOffsetsPartition,
  newListOffsetsRequest,
  newListOffsetsTopic,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetDeleteRequest,
  newOffsetDeleteRequestPartition,
  newOffsetDeleteRequestTopic,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  newOffsetForLeaderEpochRequest,
  newOffsetForLeaderPartition,
  newOffsetForLeaderTopic,
} from '@skarab/protocol';
import { buildBatch, compressionTypes } from '@skarab/records';
import { T0 } from '../transcript/normalise.ts';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { fetch, makeTopic, produce } from './messages.ts';

const PARTITIONS = 2;
const TOPIC_RESOURCE = 2;

const topicConfigs: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': '2000' },
  { 'cleanup.policy': 'compact', 'compression.type': 'zstd' },
  { 'compression.type': 'uncompressed', 'segment.ms': '100' },
];

/** Index of the topic whose batches are never compressed anew. */
const AS_SENT = 1;

/** Index of the topic of many segments. Only there, the JVM begins a segment for a batch that it then refuses as out of sequence. */
const ROLLING = 3;

/** The first one not for that topic: another implementation of a codec makes batches of another size. */
const changes: readonly (readonly [string, readonly string[]])[] = [
  ['compression.type', ['producer', 'gzip', 'lz4', 'snappy', 'uncompressed', 'none']],
  ['max.message.bytes', ['20', '1000000', '1000000', '-5']],
  ['message.timestamp.type', ['CreateTime', 'LogAppendTime', 'Never']],
  ['retention.ms', ['-1', '-2', '604800000']],
];

class RandomScript {
  readonly #r: Recorder;
  readonly #random: Random;
  readonly #topics: readonly string[];
  readonly #groups: readonly string[];
  #title = '';

  constructor(r: Recorder, random: Random, topics: readonly string[], groups: readonly string[]) {
    this.#r = r;
    this.#random = random;
    this.#topics = topics;
    this.#groups = groups;
  }

  async step(n: number): Promise<void> {
    const steps = [
      ...Array.from({ length: 8 }, () => () => this.#produce()),
      ...Array.from({ length: 6 }, () => () => this.#fetch()),
      ...Array.from({ length: 3 }, () => () => this.#listOffsets()),
      () => this.#deleteRecords(),
      () => this.#leaderEpoch(),
      () => this.#producers(),
      () => this.#alter(),
      () => this.#commit(),
      () => this.#commit(),
      () => this.#committed(),
      () => this.#forget(),
    ];
    this.#title = `step ${n}`;
    await this.#pick(steps)();
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.int(items.length)]!;
  }

  #oneIn(n: number): boolean {
    return this.#random.int(n) === 0;
  }

  #topic(): string {
    return this.#oneIn(25) ? 'random-none' : this.#pick(this.#topics);
  }

  #partition(): number {
    return this.#oneIn(25) ? PARTITIONS : this.#random.int(PARTITIONS);
  }

  #version(first: number, last: number): number {
    return first + this.#random.int(last - first + 1);
  }

  async #produce(): Promise<void> {
    const count = 1 + this.#random.int(6);
    const keyless = this.#oneIn(6);
    const records = Array.from({ length: count }, () => ({
      timestamp: T0 + this.#random.int(900),
      key: keyless ? null : Buffer.from(`key ${this.#random.int(5)}`),
      value: this.#oneIn(8) ? null : Buffer.from('v'.repeat(this.#random.int(120))),
    }));
    // Few producers with few sequence numbers: duplicates, gaps and right ones all come up.
    const topic = this.#topic();
    const idempotent =
      this.#oneIn(2) && topic !== this.#topics[ROLLING]
        ? {
            producerId: 500 + this.#random.int(2),
            producerEpoch: this.#oneIn(10) ? 1 : 0,
            baseSequence: this.#random.int(4) * 3,
          }
        : {};
    const bytes = buildBatch({ records, compression: this.#pick(compressionTypes), ...idempotent });
    const to = { topic, partition: this.#partition(), records: bytes, acks: this.#pick([-1, -1, 1]) };
    await this.#r.call(this.#title, ApiKey.PRODUCE, this.#version(7, 12), produce(to));
  }

  async #fetch(): Promise<void> {
    const topic = this.#topic();
    // Bounds that fall between batches only where all batches are as they were sent: see `changes`.
    const bounds = topic === this.#topics[AS_SENT] ? [0, 1, 300, 500, 1 << 20] : [0, 1, 1 << 20];
    const request = fetch({
      topic,
      offset: this.#random.int(60) - 1,
      maxBytes: this.#pick(bounds),
      isolationLevel: this.#random.int(2),
      partition: {
        partition: this.#partition(),
        partitionMaxBytes: this.#pick(bounds),
        currentLeaderEpoch: this.#pick([-1, -1, 0, 1]),
      },
    });
    await this.#r.call(this.#title, ApiKey.FETCH, this.#version(9, 12), request);
  }

  async #listOffsets(): Promise<void> {
    const timestamp = this.#pick([-1, -2, -3, -4, T0, T0 + this.#random.int(900), T0 + 2_000]);
    const partition = newListOffsetsPartition({ partitionIndex: this.#partition(), timestamp: BigInt(timestamp) });
    const request = newListOffsetsRequest({
      replicaId: -1,
      isolationLevel: this.#random.int(2),
      topics: [newListOffsetsTopic({ name: this.#topic(), partitions: [partition] })],
    });
    await this.#r.call(this.#title, ApiKey.LIST_OFFSETS, this.#version(8, 11), request, { show: withoutToday });
  }

  async #deleteRecords(): Promise<void> {
    const offset = BigInt(this.#random.int(20) - 1);
    const partitions = [newDeleteRecordsPartition({ partitionIndex: this.#partition(), offset })];
    const topics = [newDeleteRecordsTopic({ name: this.#topic(), partitions })];
    await this.#r.call(this.#title, ApiKey.DELETE_RECORDS, 2, newDeleteRecordsRequest({ timeoutMs: 3_000, topics }));
  }

  async #leaderEpoch(): Promise<void> {
    const partition = newOffsetForLeaderPartition({
      partition: this.#partition(),
      leaderEpoch: this.#random.int(3),
      currentLeaderEpoch: this.#pick([-1, 0, 1]),
    });
    const topics = [newOffsetForLeaderTopic({ topic: this.#topic(), partitions: [partition] })];
    const request = newOffsetForLeaderEpochRequest({ replicaId: -1, topics });
    await this.#r.call(this.#title, ApiKey.OFFSET_FOR_LEADER_EPOCH, 4, request);
  }

  async #producers(): Promise<void> {
    const topics = [
      newDescribeProducersRequestTopicRequest({ name: this.#topic(), partitionIndexes: [this.#partition()] }),
    ];
    await this.#r.call(this.#title, ApiKey.DESCRIBE_PRODUCERS, 0, newDescribeProducersRequest({ topics }), {
      show: ({ topics: answers }: { topics: { partitions: { activeProducers: { producerId: bigint }[] }[] }[] }) =>
        answers.map(({ partitions, ...topic }) => ({
          ...topic,
          partitions: partitions.map(({ activeProducers, ...partition }) => ({
            ...partition,
            activeProducers: activeProducers.sort((a, b) => Number(a.producerId - b.producerId)),
          })),
        })),
    });
  }

  async #alter(): Promise<void> {
    const topic = this.#topic();
    const [name, values] = this.#pick(topic === this.#topics[AS_SENT] ? changes.slice(1) : changes);
    const configs = [newIncrementalAlterConfigsRequestAlterableConfig({ name, value: this.#pick(values) })];
    const resource = newIncrementalAlterConfigsRequestAlterConfigsResource({
      resourceType: TOPIC_RESOURCE,
      resourceName: topic,
      configs,
    });
    const request = newIncrementalAlterConfigsRequest({ resources: [resource] });
    await this.#r.call(this.#title, ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, request);
    // The broker may take on a configuration a moment after the controller has said yes.
    await new Promise((resolve) => setTimeout(resolve, 250));
  }

  async #commit(): Promise<void> {
    const partition = newOffsetCommitRequestPartition({
      partitionIndex: this.#partition(),
      committedOffset: BigInt(this.#random.int(50)),
      committedMetadata: this.#pick([null, '', 'meta']),
    });
    const request = newOffsetCommitRequest({
      groupId: this.#pick(this.#groups),
      generationIdOrMemberEpoch: this.#oneIn(6) ? 3 : -1,
      topics: [newOffsetCommitRequestTopic({ name: this.#topic(), partitions: [partition] })],
    });
    await this.#r.call(this.#title, ApiKey.OFFSET_COMMIT, this.#version(7, 9), request);
  }

  async #committed(): Promise<void> {
    const topics = this.#oneIn(2)
      ? null
      : [newOffsetFetchRequestTopics({ name: this.#topic(), partitionIndexes: [0, 1, 2] })];
    const groups = [newOffsetFetchRequestGroup({ groupId: this.#pick(this.#groups), memberId: null, topics })];
    await this.#r.call(this.#title, ApiKey.OFFSET_FETCH, this.#version(8, 9), newOffsetFetchRequest({ groups }), {
      show: ({
        groups: answers,
      }: {
        groups: { topics: { name: string; partitions: { partitionIndex: number }[] }[] }[];
      }) =>
        answers.map((group) => ({
          ...group,
          topics: group.topics
            .map((topic) => ({
              ...topic,
              partitions: topic.partitions.sort((a, b) => a.partitionIndex - b.partitionIndex),
            }))
            .sort((a, b) => (a.name < b.name ? -1 : 1)),
        })),
    });
  }

  async #forget(): Promise<void> {
    const partitions = [newOffsetDeleteRequestPartition({ partitionIndex: this.#partition() })];
    const topics = [newOffsetDeleteRequestTopic({ name: this.#topic(), partitions })];
    const request = newOffsetDeleteRequest({ groupId: this.#pick(this.#groups), topics });
    await this.#r.call(this.#title, ApiKey.OFFSET_DELETE, 0, request);
  }
}

interface ListedOffsets {
  readonly topics: readonly { readonly partitions: readonly { readonly timestamp: bigint }[] }[];
}

/** Which of two batches of today is the older one depends on the broker's speed. */
const withoutToday = ({ topics }: ListedOffsets): unknown =>
  topics.map(({ partitions, ...topic }) => ({
    ...topic,
    partitions: partitions.map((partition) =>
      Number(partition.timestamp) > T0 + 86_400_000 / 2 ? 'of today' : partition,
    ),
  }));

/** The script of a seed. */
export function randomScript(seed: number, steps: number): Script {
  const name = `random-${seed}`;
  return {
    name,
    run: async (r) => {
      const topics = topicConfigs.map((_, i) => `${name}-${i}`);
      for (const [i, topic] of topics.entries()) {
        await makeTopic(r, topic, { partitions: PARTITIONS, configs: topicConfigs[i]! });
      }
      const script = new RandomScript(r, seededRandom(seed), topics, [`${name}-group-a`, `${name}-group-b`]);
      for (let n = 0; n < steps; n++) await script.step(n);
    },
  };
}
