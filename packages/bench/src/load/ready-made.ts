/**
 * Requests made once and sent many times: produce requests with one batch, fetch requests for one batch; and where in their
 * responses the error codes stand.
 *
 * Places in frames are found by encoding a message twice with one field different, so no layout of any version is written down here.
 * Responses of a connection come in the order of its requests, so a frame may keep its correlation id for ever.
 */
import { Buffer } from 'node:buffer';
import {
  type EncodeBody,
  encodeFetchRequest,
  encodeFetchResponse,
  encodeProduceRequest,
  encodeProduceResponse,
  encodeRequestFrame,
  encodeResponseFrame,
  newFetchableTopicResponse,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newFetchResponse,
  newFetchResponsePartitionData,
  newPartitionProduceData,
  newPartitionProduceResponse,
  newProduceRequest,
  newProduceResponse,
  newTopicProduceData,
  newTopicProduceResponse,
} from '@skarab/protocol';
import { BatchBuilder } from '@skarab/records';
import { fetch, produce } from '../wire/api.ts';
import type { TopicName } from '../wire/topics.ts';

/** Up to this size a request is one piece of memory; above it, all share the bytes of the batch. */
const MAX_COPIED_BYTES = 32 * 1024;
const LENGTH_BYTES = 4;
const REQUEST_TIMEOUT_MS = 30_000;
const FETCH_WAIT_MS = 500;
const RECORD_VALUE_BYTES = 1024;
const CLIENT_ID = 'raw-load';

/** A batch without producer id, so that it may be appended again and again. */
export interface ReadyBatch {
  readonly bytes: Uint8Array;
  readonly recordCount: number;
}

/** A batch of records of 1 KiB that is as near to `size` bytes as it gets without passing it; one smaller record for a small size. */
export function buildReadyBatch(size: number, timestamp: number): ReadyBatch {
  const builder = new BatchBuilder({}, size);
  const record = (valueBytes: number): { timestamp: number; key: null; value: Buffer } => ({
    timestamp,
    key: null,
    value: Buffer.alloc(valueBytes, 'skarab'),
  });
  const full = record(RECORD_VALUE_BYTES);
  while (builder.uncompressedSizeInBytes + builder.sizeOf(full) <= size) builder.append(full);
  if (builder.recordCount === 0) {
    const overhead = builder.uncompressedSizeInBytes + builder.sizeOf(record(0));
    // A length of two bytes instead of one takes two more: once for the value, once for the record.
    builder.append(record(Math.max(0, size - overhead - 2)));
  }
  return { bytes: builder.build(), recordCount: builder.recordCount };
}

/** What a request is made for. */
export interface RequestTarget {
  readonly topic: TopicName;
  readonly partition: number;
  readonly version: number;
  readonly correlationId: number;
}

/** The pieces of a produce request. */
export function produceFrame(target: RequestTarget, acks: number, batch: ReadyBatch): readonly Uint8Array[] {
  const { topic, partition: index, version, correlationId } = target;
  const partitionData = [newPartitionProduceData({ index, records: batch.bytes })];
  const topicData = [newTopicProduceData({ ...topic, partitionData })];
  const request = newProduceRequest({ acks, timeoutMs: REQUEST_TIMEOUT_MS, topicData });
  const header = { requestApiKey: produce.key, requestApiVersion: version, correlationId, clientId: CLIENT_ID };
  const chunks = encodeRequestFrame(header, encodeProduceRequest, request) as Uint8Array[];
  return batch.bytes.length <= MAX_COPIED_BYTES ? [Buffer.concat(chunks)] : chunks;
}

/** A fetch request for one batch; `seek` writes another offset into it. */
export interface FetchFrame {
  readonly bytes: Buffer;
  seek(offset: number): void;
}

export function fetchFrame(target: RequestTarget, batch: ReadyBatch): FetchFrame {
  const encoded = (offset: bigint): Buffer => encodeFetch(target, offset, batch.bytes.length);
  const bytes = encoded(0n);
  const lowByte = firstDifference(bytes, encoded(1n));
  return { bytes, seek: (offset) => void bytes.writeBigInt64BE(BigInt(offset), lowByte - 7) };
}

function encodeFetch(target: RequestTarget, fetchOffset: bigint, maxBytes: number): Buffer {
  const { topic, partition, version, correlationId } = target;
  const wanted = newFetchRequestFetchPartition({ partition, fetchOffset, partitionMaxBytes: maxBytes });
  const request = newFetchRequest({
    maxWaitMs: FETCH_WAIT_MS,
    minBytes: 1,
    maxBytes,
    sessionEpoch: -1,
    topics: [newFetchRequestFetchTopic({ topic: topic.name, topicId: topic.topicId, partitions: [wanted] })],
  });
  const header = { requestApiKey: fetch.key, requestApiVersion: version, correlationId, clientId: CLIENT_ID };
  return Buffer.concat(encodeRequestFrame(header, encodeFetchRequest, request) as Uint8Array[]);
}

/** What a good response looks like from its beginning. */
export interface ExpectedResponse {
  /** Where the error codes (int16) stand behind the length field; all must be 0. */
  readonly errorCodePositions: readonly number[];
  /** A shorter response lacks what was asked for. */
  readonly minBytes: number;
}

export function expectedProduceResponse({ topic, partition: index, version }: RequestTarget): ExpectedResponse {
  const encoded = (errorCode: number): Buffer => {
    const partitionResponses = [newPartitionProduceResponse({ index, errorCode })];
    const responses = [newTopicProduceResponse({ ...topic, partitionResponses })];
    return encodeResponse(produce.key, version, encodeProduceResponse, newProduceResponse({ responses }));
  };
  const good = encoded(0);
  return { errorCodePositions: [errorPosition(good, encoded(1))], minBytes: 0 };
}

export function expectedFetchResponse(target: RequestTarget, batch: ReadyBatch): ExpectedResponse {
  const { topic, partition: partitionIndex, version } = target;
  const encoded = (errorCode: number, partitionErrorCode: number): Buffer => {
    const partition = newFetchResponsePartitionData({
      partitionIndex,
      errorCode: partitionErrorCode,
      records: batch.bytes,
    });
    const responses = [
      newFetchableTopicResponse({ topic: topic.name, topicId: topic.topicId, partitions: [partition] }),
    ];
    return encodeResponse(fetch.key, version, encodeFetchResponse, newFetchResponse({ errorCode, responses }));
  };
  const good = encoded(0, 0);
  return {
    errorCodePositions: [errorPosition(good, encoded(1, 0)), errorPosition(good, encoded(0, 1))],
    minBytes: batch.bytes.length,
  };
}

function encodeResponse<M>(key: number, version: number, encode: EncodeBody<M>, message: M): Buffer {
  return Buffer.concat(encodeResponseFrame(0, key, version, encode, message) as Uint8Array[]);
}

/** Position of an int16 behind the length field, where 0 and 1 differ in the low byte. */
const errorPosition = (good: Buffer, bad: Buffer): number => firstDifference(good, bad) - 1 - LENGTH_BYTES;

/** Where two frames of equal length differ first. */
function firstDifference(a: Buffer, b: Buffer): number {
  const position = a.findIndex((byte, index) => byte !== b[index]);
  if (a.length !== b.length || position < 0) throw new Error('frames do not differ in a field of fixed size');
  return position;
}
