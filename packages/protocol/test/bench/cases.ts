/**
 * What is measured: the same message, at the same version, by our codec and by another client's.
 */
import { Buffer } from 'node:buffer';
import { seededRandom, uuidFromBytes } from '@skarab/base';
import {
  decodeProduceResponse,
  encodeProduceRequest,
  encodeProduceResponse,
  newPartitionProduceData,
  newPartitionProduceResponse,
  newProduceRequest,
  newProduceResponse,
  newTopicProduceData,
  newTopicProduceResponse,
} from '../../src/generated/00-produce.ts';
import {
  decodeFetchResponse,
  encodeFetchRequest,
  encodeFetchResponse,
  newFetchableTopicResponse,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newFetchResponse,
  newFetchResponsePartitionData,
} from '../../src/generated/01-fetch.ts';
import {
  decodeMetadataResponse,
  encodeMetadataRequest,
  encodeMetadataResponse,
  newMetadataRequest,
  newMetadataRequestTopic,
  newMetadataResponse,
  newMetadataResponseBroker,
  newMetadataResponsePartition,
  newMetadataResponseTopic,
} from '../../src/generated/03-metadata.ts';
import { Reader } from '../../src/wire/reader.ts';
import type { RecordsPayload } from '../../src/wire/values.ts';
import { Writer } from '../../src/wire/writer.ts';
import { kafkajsCodecs, platformaticCodecs } from './rivals.ts';

/** One comparison. `rival` may return a promise, which is part of its cost. */
export interface Case {
  readonly name: string;
  readonly rivalName: 'kafkajs' | '@platformatic/kafka';
  readonly ours: () => unknown;
  readonly rival: () => unknown;
  /** Bytes of both sides, for encoders: they must be equal. */
  readonly bytes?: () => Promise<[Buffer, Buffer]>;
}

const TOPICS = 5;
const PARTITIONS = 10;
const random = seededRandom(1);
const topics = Array.from({ length: TOPICS }, (_, i) => ({
  name: `orders.events-${i}`,
  id: uuidFromBytes(random.bytes(16)),
}));
const dashed = (id: string): string =>
  Buffer.from(id, 'base64url')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const indexes = Array.from({ length: PARTITIONS }, (_, i) => i);
const batch = Buffer.from(random.bytes(1024));

type Encode<M> = (writer: Writer, message: M, version: number) => void;

function chunksOf<M>(encode: Encode<M>, message: M, version: number): RecordsPayload[] {
  const writer = new Writer();
  encode(writer, message, version);
  return writer.chunks();
}

const joined = (chunks: readonly RecordsPayload[]): Buffer => Buffer.concat(chunks as Uint8Array[]);

const produceRequest = newProduceRequest({
  acks: -1,
  timeoutMs: 30000,
  topicData: topics.map(({ name }) =>
    newTopicProduceData({
      name,
      partitionData: indexes.map((index) => newPartitionProduceData({ index, records: batch })),
    }),
  ),
});
const produceResponse = newProduceResponse({
  responses: topics.map(({ name }) =>
    newTopicProduceResponse({
      name,
      partitionResponses: indexes.map((index) =>
        newPartitionProduceResponse({ index, baseOffset: 123456789n + BigInt(index), logStartOffset: 0n }),
      ),
    }),
  ),
});
const fetchRequest = newFetchRequest({
  maxWaitMs: 500,
  minBytes: 1,
  isolationLevel: 1,
  sessionId: 0,
  sessionEpoch: 0,
  maxBytes: 52428800,
  topics: topics.map(({ name, id }) =>
    newFetchRequestFetchTopic({
      topic: name,
      topicId: id,
      partitions: indexes.map((partition) =>
        newFetchRequestFetchPartition({
          partition,
          fetchOffset: 123456789n + BigInt(partition),
          partitionMaxBytes: 1048576,
        }),
      ),
    }),
  ),
});
const fetchResponse = newFetchResponse({
  responses: topics.map(({ name, id }) =>
    newFetchableTopicResponse({
      topic: name,
      topicId: id,
      partitions: indexes.map((partitionIndex) =>
        newFetchResponsePartitionData({
          partitionIndex,
          highWatermark: 123456789n,
          lastStableOffset: 123456789n,
          logStartOffset: 0n,
          abortedTransactions: null,
          records: new Uint8Array(0),
        }),
      ),
    }),
  ),
});
const metadataRequest = newMetadataRequest({
  topics: topics.map(({ name }) => newMetadataRequestTopic({ name })),
  allowAutoTopicCreation: true,
});
const metadataResponse = newMetadataResponse({
  brokers: [1, 2, 3].map((nodeId) =>
    newMetadataResponseBroker({ nodeId, host: `broker-${nodeId}.example.org`, port: 9092, rack: 'rack-a' }),
  ),
  clusterId: 'vB8Xa3rzQ0eQhqUQn0ohjw',
  controllerId: 1,
  topics: topics.map(({ name, id }) =>
    newMetadataResponseTopic({
      name,
      topicId: id,
      partitions: indexes.map((partitionIndex) =>
        newMetadataResponsePartition({
          partitionIndex,
          leaderId: 1,
          leaderEpoch: 5,
          replicaNodes: [1, 2, 3],
          isrNodes: [1, 2, 3],
        }),
      ),
    }),
  ),
});

const bytesOf = <M>(encode: Encode<M>, message: M, version: number): Buffer =>
  joined(chunksOf(encode, message, version));

function kafkajsProduce(): Buffer {
  const { Encoder } = kafkajsCodecs;
  const encoded = topics.map(({ name }) => {
    const partitions = indexes.map((index) => new Encoder().writeInt32(index).writeBytes(batch));
    return new Encoder().writeString(name).writeArray(partitions);
  });
  return new Encoder().writeString(null).writeInt16(-1).writeInt32(30000).writeArray(encoded).buffer;
}

function platformaticProduce(): Buffer[] {
  return platformaticCodecs.Writer.create()
    .appendString(null)
    .appendInt16(-1)
    .appendInt32(30000)
    .appendArray(topics, (w, { name }) => {
      w.appendString(name).appendArray(indexes, (p, index) => {
        p.appendInt32(index)
          .appendUnsignedVarInt(batch.length + 1)
          .append(batch);
      });
    })
    .appendTaggedFields().buffers;
}

const kafkajsTopics = topics.map(({ name }) => ({
  topic: name,
  partitions: indexes.map((partition) => ({ partition, fetchOffset: 123456789 + partition, maxBytes: 1048576 })),
}));
const kafkajsFetch = (): Promise<Buffer> =>
  kafkajsCodecs
    .fetchRequest11({
      replicaId: -1,
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: 52428800,
      isolationLevel: 1,
      sessionEpoch: 0,
      topics: kafkajsTopics,
    })
    .encode()
    .then((encoder) => encoder.buffer);
const kafkajsMetadata = (): Promise<Buffer> =>
  kafkajsCodecs
    .metadataRequest6({ topics: topics.map(({ name }) => name) })
    .encode()
    .then((encoder) => encoder.buffer);

const platformaticTopics = topics.map(({ id }) => ({
  topicId: dashed(id),
  partitions: indexes.map((partition) => ({
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: 123456789n + BigInt(partition),
    lastFetchedEpoch: -1,
    partitionMaxBytes: 1048576,
  })),
}));
const platformaticFetch = (): Buffer[] =>
  platformaticCodecs.fetch13.createRequest(500, 1, 52428800, 1, 0, 0, platformaticTopics, [], '').buffers;
const platformaticMetadata = (): Buffer[] =>
  platformaticCodecs.metadata12.createRequest(
    topics.map(({ name }) => name),
    true,
    false,
  ).buffers;

const parse =
  (
    api: { parseResponse(id: number, key: number, version: number, reader: unknown): unknown },
    key: number,
    version: number,
    bytes: Buffer,
  ) =>
  () =>
    api.parseResponse(1, key, version, platformaticCodecs.Reader.from(bytes));

const produceResponse7 = bytesOf(encodeProduceResponse, produceResponse, 7);
const produceResponse9 = bytesOf(encodeProduceResponse, produceResponse, 9);
const fetchResponse11 = bytesOf(encodeFetchResponse, fetchResponse, 11);
const fetchResponse13 = bytesOf(encodeFetchResponse, fetchResponse, 13);
const metadataResponse6 = bytesOf(encodeMetadataResponse, metadataResponse, 6);
const metadataResponse12 = bytesOf(encodeMetadataResponse, metadataResponse, 12);

/** All comparisons. */
export const cases: readonly Case[] = [
  {
    name: 'encode ProduceRequest v7',
    rivalName: 'kafkajs',
    ours: () => chunksOf(encodeProduceRequest, produceRequest, 7),
    rival: kafkajsProduce,
    bytes: async () => [bytesOf(encodeProduceRequest, produceRequest, 7), kafkajsProduce()],
  },
  {
    name: 'encode ProduceRequest v9',
    rivalName: '@platformatic/kafka',
    ours: () => chunksOf(encodeProduceRequest, produceRequest, 9),
    rival: platformaticProduce,
    bytes: async () => [bytesOf(encodeProduceRequest, produceRequest, 9), Buffer.concat(platformaticProduce())],
  },
  {
    name: 'decode ProduceResponse v7',
    rivalName: 'kafkajs',
    ours: () => decodeProduceResponse(new Reader(produceResponse7), 7),
    rival: () => kafkajsCodecs.produceResponse7.decode(produceResponse7),
  },
  {
    name: 'decode ProduceResponse v9',
    rivalName: '@platformatic/kafka',
    ours: () => decodeProduceResponse(new Reader(produceResponse9), 9),
    rival: parse(platformaticCodecs.produce9, 0, 9, produceResponse9),
  },
  {
    name: 'encode FetchRequest v11',
    rivalName: 'kafkajs',
    ours: () => chunksOf(encodeFetchRequest, fetchRequest, 11),
    rival: kafkajsFetch,
    bytes: async () => [bytesOf(encodeFetchRequest, fetchRequest, 11), await kafkajsFetch()],
  },
  {
    name: 'encode FetchRequest v13',
    rivalName: '@platformatic/kafka',
    ours: () => chunksOf(encodeFetchRequest, fetchRequest, 13),
    rival: platformaticFetch,
    bytes: async () => [bytesOf(encodeFetchRequest, fetchRequest, 13), Buffer.concat(platformaticFetch())],
  },
  {
    name: 'decode FetchResponse v11',
    rivalName: 'kafkajs',
    ours: () => decodeFetchResponse(new Reader(fetchResponse11), 11),
    rival: () => kafkajsCodecs.fetchResponse11.decode(fetchResponse11),
  },
  {
    name: 'decode FetchResponse v13',
    rivalName: '@platformatic/kafka',
    ours: () => decodeFetchResponse(new Reader(fetchResponse13), 13),
    rival: parse(platformaticCodecs.fetch13, 1, 13, fetchResponse13),
  },
  {
    name: 'encode MetadataRequest v6',
    rivalName: 'kafkajs',
    ours: () => chunksOf(encodeMetadataRequest, metadataRequest, 6),
    rival: kafkajsMetadata,
    bytes: async () => [bytesOf(encodeMetadataRequest, metadataRequest, 6), await kafkajsMetadata()],
  },
  {
    name: 'encode MetadataRequest v12',
    rivalName: '@platformatic/kafka',
    ours: () => chunksOf(encodeMetadataRequest, metadataRequest, 12),
    rival: platformaticMetadata,
    bytes: async () => [bytesOf(encodeMetadataRequest, metadataRequest, 12), Buffer.concat(platformaticMetadata())],
  },
  {
    name: 'decode MetadataResponse v6',
    rivalName: 'kafkajs',
    ours: () => decodeMetadataResponse(new Reader(metadataResponse6), 6),
    rival: () => kafkajsCodecs.metadataResponse6.decode(metadataResponse6),
  },
  {
    name: 'decode MetadataResponse v12',
    rivalName: '@platformatic/kafka',
    ours: () => decodeMetadataResponse(new Reader(metadataResponse12), 12),
    rival: parse(platformaticCodecs.metadata12, 3, 12, metadataResponse12),
  },
];
