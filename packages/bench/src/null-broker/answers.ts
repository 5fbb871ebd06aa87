/**
 * What the null broker answers, API by API: always yes.
 *
 * Produce: acknowledged and forgotten. Fetch: the topic's sample batch, as often as fits, with the offsets that were asked for; nothing
 * is copied. ListOffsets: every log begins at 0 and is endless. Metadata: this node leads everything.
 */
import { Buffer } from 'node:buffer';
import {
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  ErrorCode,
  type FetchRequest,
  type FetchRequestFetchPartition,
  type FetchResponse,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  type MetadataRequest,
  type MetadataResponse,
  type MetadataResponseTopic,
  newCreatableTopicResult,
  newDeletableTopicResult,
  newFetchableTopicResponse,
  newFetchResponse,
  newFetchResponsePartitionData,
  newListOffsetsPartitionResponse,
  newListOffsetsResponse,
  newListOffsetsTopicResponse,
  newMetadataResponse,
  newMetadataResponseBroker,
  newMetadataResponsePartition,
  newMetadataResponseTopic,
  newPartitionProduceResponse,
  newProduceResponse,
  newTopicProduceResponse,
  type ProduceRequest,
  type ProduceResponse,
  type RecordsPayload,
} from '@skarab/protocol';
import type { Address } from '../wire/address.ts';
import { keepSample, type NullTopic, type TopicTable } from './topic-table.ts';

const NODE_ID = 1;
const DEFAULT_PARTITIONS = 12;
const ENDLESS = 1n << 50n;
const EARLIEST_TIMESTAMP = -2n;
/** Small batches are not repeated without end. */
const MAX_REPEATS = 64;
const BASE_OFFSET_BYTES = 8;

/** The records of a fetched partition: `byteLength` for the codec, the pieces for the socket. */
export class RepeatedBatch {
  readonly byteLength: number;
  readonly pieces: Uint8Array[] = [];

  /** `sample` repeated, at most `maxBytes` but once at least, from `offset` on. */
  constructor(sample: Buffer, recordCount: number, offset: bigint, maxBytes: number) {
    const repeats = Math.min(MAX_REPEATS, Math.max(1, Math.floor(maxBytes / sample.length)));
    const offsets = Buffer.allocUnsafe(repeats * BASE_OFFSET_BYTES);
    const rest = sample.subarray(BASE_OFFSET_BYTES);
    for (let i = 0; i < repeats; i++) {
      const position = offsets.writeBigInt64BE(offset + BigInt(i * recordCount), i * BASE_OFFSET_BYTES);
      this.pieces.push(offsets.subarray(position - BASE_OFFSET_BYTES, position), rest);
    }
    this.byteLength = repeats * sample.length;
  }
}

export function answerProduce(request: ProduceRequest, topics: TopicTable): ProduceResponse {
  const responses = request.topicData.map(({ name, topicId, partitionData }) => {
    const topic = topics.find(name, topicId) ?? topics.create(name, DEFAULT_PARTITIONS);
    const partitionResponses = partitionData.map(({ index, records }) => {
      if (records instanceof Uint8Array) keepSample(topic, records);
      return newPartitionProduceResponse({ index, baseOffset: 0n, logStartOffset: 0n });
    });
    return newTopicProduceResponse({ name, topicId, partitionResponses });
  });
  return newProduceResponse({ responses });
}

/** The response, and whether there is anything in it. */
export function answerFetch(request: FetchRequest, topics: TopicTable): { response: FetchResponse; isEmpty: boolean } {
  let left = request.maxBytes;
  const recordsOf = (topic: NullTopic | undefined, wanted: FetchRequestFetchPartition): RecordsPayload | null => {
    if (topic?.sample === undefined || left <= 0) return null;
    const maxBytes = Math.min(left, wanted.partitionMaxBytes);
    const records = new RepeatedBatch(topic.sample, topic.sampleRecords, wanted.fetchOffset, maxBytes);
    left -= records.byteLength;
    return records;
  };
  const responses = request.topics.map(({ topic: name, topicId, partitions }) => {
    const topic = topics.find(name, topicId);
    return newFetchableTopicResponse({
      topic: name,
      topicId,
      partitions: partitions.map((wanted) =>
        newFetchResponsePartitionData({
          partitionIndex: wanted.partition,
          highWatermark: ENDLESS,
          lastStableOffset: ENDLESS,
          logStartOffset: 0n,
          records: recordsOf(topic, wanted),
        }),
      ),
    });
  });
  return { response: newFetchResponse({ responses }), isEmpty: left === request.maxBytes };
}

export function answerListOffsets(request: ListOffsetsRequest): ListOffsetsResponse {
  const topics = request.topics.map(({ name, partitions }) =>
    newListOffsetsTopicResponse({
      name,
      partitions: partitions.map(({ partitionIndex, timestamp }) =>
        newListOffsetsPartitionResponse({
          partitionIndex,
          offset: timestamp === EARLIEST_TIMESTAMP ? 0n : ENDLESS,
          leaderEpoch: 0,
        }),
      ),
    }),
  );
  return newListOffsetsResponse({ topics });
}

export function answerMetadata(
  request: MetadataRequest,
  topics: TopicTable,
  { host, port }: Address,
): MetadataResponse {
  const wanted =
    request.topics === null
      ? topics.all.map(describeTopic)
      : request.topics.map(({ name, topicId }) => {
          const topic = topics.find(name, topicId);
          const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
          return topic === undefined ? newMetadataResponseTopic({ name, topicId, errorCode }) : describeTopic(topic);
        });
  return newMetadataResponse({
    brokers: [newMetadataResponseBroker({ nodeId: NODE_ID, host, port })],
    clusterId: 'null',
    controllerId: NODE_ID,
    topics: wanted,
  });
}

function describeTopic({ name, topicId, numPartitions }: NullTopic): MetadataResponseTopic {
  const partitions = Array.from({ length: numPartitions }, (_, partitionIndex) =>
    newMetadataResponsePartition({
      partitionIndex,
      leaderId: NODE_ID,
      leaderEpoch: 0,
      replicaNodes: [NODE_ID],
      isrNodes: [NODE_ID],
    }),
  );
  return newMetadataResponseTopic({ name, topicId, partitions });
}

export function answerCreateTopics(request: CreateTopicsRequest, topics: TopicTable): CreateTopicsResponse {
  const results = request.topics.map(({ name, numPartitions }) => {
    const topic = topics.create(name, numPartitions < 1 ? DEFAULT_PARTITIONS : numPartitions);
    return newCreatableTopicResult({ name, topicId: topic.topicId, numPartitions: topic.numPartitions });
  });
  return { throttleTimeMs: 0, topics: results };
}

export function answerDeleteTopics(request: DeleteTopicsRequest, topics: TopicTable): DeleteTopicsResponse {
  const names = [...request.topicNames, ...request.topics.map(({ name }) => name ?? '')];
  const responses = names.map((name) => {
    const errorCode = topics.delete(name) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    return newDeletableTopicResult({ name, errorCode });
  });
  return { throttleTimeMs: 0, responses };
}
