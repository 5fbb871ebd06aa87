/**
 * One record to each partition of topics that have very many, through whichever nodes lead them, until all have taken theirs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type CreateTopicsResponse,
  ErrorCode,
  errorName,
  type MetadataResponse,
  newCreatableTopic,
  newCreateTopicsRequest,
  newMetadataRequest,
  newMetadataRequestTopic,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { RawClient } from '../tools/raw-client/raw-client.ts';

const TIMEOUT_MS = 120_000;
const POLL_MS = 200;
/** What a client has in a request, at most. */
const PARTITIONS_A_REQUEST = 250;

/** Topics of as many partitions each. */
export class WideTopics {
  readonly #names: readonly string[];
  readonly #partitions: number;

  constructor(names: readonly string[], partitions: number) {
    this.#names = names;
    this.#partitions = partitions;
  }

  /** Errors: rejects with what the broker said. */
  async create(port: number, replicationFactor: number): Promise<void> {
    const client = await RawClient.connect(port);
    try {
      for (const name of this.#names) {
        const topics = [newCreatableTopic({ name, numPartitions: this.#partitions, replicationFactor })];
        const request = newCreateTopicsRequest({ timeoutMs: 10_000, topics });
        const [topic] = (await client.call<CreateTopicsResponse>(ApiKey.CREATE_TOPICS, 7, request)).topics;
        if (topic?.errorCode !== ErrorCode.NONE) throw new Error(`${name}: ${errorName(topic?.errorCode ?? -1)}`);
      }
    } finally {
      client.close();
    }
  }

  /** Writes to every partition with acks all; `ports` are those of the nodes that live, by id. Errors: rejects when that takes too long. */
  async write(ports: ReadonlyMap<number, number>): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    const clients = new Map<number, RawClient>();
    try {
      for (const [id, port] of ports) clients.set(id, await RawClient.connect(port));
      for (const name of this.#names) {
        const missing = new Set(Array.from({ length: this.#partitions }, (_, index) => index));
        while (missing.size > 0) {
          if (Date.now() > deadline) throw new Error(`${missing.size} partitions of ${name} take no record`);
          const led = await ledBy(clients.values().next().value!, name, missing);
          await Promise.all([...led].map(([id, all]) => writeTo(clients.get(id), name, all, missing)));
          if (missing.size > 0) await sleep(POLL_MS);
        }
      }
    } finally {
      for (const client of clients.values()) client.close();
    }
  }

  /** Waits until `isWanted` holds for every partition, as the node at `port` knows them. Errors: rejects when that takes too long. */
  async until(port: number, isWanted: (partition: PartitionMetadata) => boolean): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    const client = await RawClient.connect(port);
    try {
      for (const name of this.#names) {
        while (!(await partitionsOf(client, name)).every(isWanted)) {
          if (Date.now() > deadline) throw new Error(`${name} is not as wanted`);
          await sleep(POLL_MS);
        }
      }
    } finally {
      client.close();
    }
  }
}

export type PartitionMetadata = MetadataResponse['topics'][number]['partitions'][number];

async function partitionsOf(client: RawClient, name: string): Promise<readonly PartitionMetadata[]> {
  const topics = [newMetadataRequestTopic({ name })];
  const request = newMetadataRequest({ topics, allowAutoTopicCreation: false });
  return (await client.call<MetadataResponse>(ApiKey.METADATA, 12, request)).topics[0]?.partitions ?? [];
}

async function ledBy(
  client: RawClient,
  name: string,
  wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, number[]>> {
  const partitions = (await partitionsOf(client, name)).filter(({ partitionIndex }) => wanted.has(partitionIndex));
  const led = new Map<number, number[]>();
  for (const { leaderId, partitionIndex } of partitions) {
    const own = led.get(leaderId);
    if (own === undefined) led.set(leaderId, [partitionIndex]);
    else own.push(partitionIndex);
  }
  return led;
}

async function writeTo(
  client: RawClient | undefined,
  name: string,
  partitions: readonly number[],
  missing: Set<number>,
): Promise<void> {
  if (client === undefined) return;
  const record = { timestamp: Date.now(), key: null, value: Buffer.from('a record') };
  const records = buildBatch({ records: [record] });
  for (let i = 0; i < partitions.length; i += PARTITIONS_A_REQUEST) {
    const some = partitions.slice(i, i + PARTITIONS_A_REQUEST);
    const topicData = [
      newTopicProduceData({ name, partitionData: some.map((index) => newPartitionProduceData({ index, records })) }),
    ];
    const request = newProduceRequest({ acks: -1, timeoutMs: 10_000, transactionalId: null, topicData });
    const { responses } = await client.call<ProduceResponse>(ApiKey.PRODUCE, 12, request);
    for (const { index, errorCode } of responses[0]?.partitionResponses ?? []) {
      if (errorCode === ErrorCode.NONE) missing.delete(index);
    }
  }
}
