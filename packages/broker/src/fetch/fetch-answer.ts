/**
 * The answer to a fetch, made of what was read of each partition.
 *
 * Shape: builder without input or output. Source: kafka.server.KafkaApis.handleFetchRequest, KIP-951 (who leads instead).
 */
import type { UpperBound } from '@skarab/log';
import {
  EMPTY_BYTES,
  ErrorCode,
  encodeFetchResponse,
  type FetchResponse,
  type FetchResponsePartitionData,
  newFetchResponse,
  newFetchResponsePartitionData,
  Writer,
} from '@skarab/protocol';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import { type PartitionReadResult, sizeOf } from '../replica/partition-read.ts';
import type { FetchOutcome, FetchPartition } from './fetch-session.ts';

/** What it depends on. */
export interface FetchAnswerOptions {
  readonly apiVersion: number;
  /** The listener on which the asker is, and finds other brokers. */
  readonly listenerName: string;
  /** How far the asker may see. */
  readonly upperBound: UpperBound;
  readonly metadata: Pick<MetadataCache, 'topicById' | 'endpoint'>;
  /** 0 outside of sessions. */
  readonly sessionId: number;
}

const STORAGE_ERROR_VERSION = 6;
const LEADER_HINT_VERSION = 16;
/** Refusals before anything is read; they come behind what was read, and with a list of aborted transactions. */
const REFUSALS: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
]);

/** The partition was refused before anything was read. */
export function isRefused({ errorCode }: PartitionReadResult): boolean {
  return REFUSALS.has(errorCode);
}

/** What a session remembers of a result. */
export function outcomeOf(result: PartitionReadResult): FetchOutcome {
  return {
    errorCode: result.errorCode,
    highWatermark: result.highWatermark,
    logStartOffset: result.logStartOffset,
    recordsBytes: sizeOf(result),
    diverging: result.diverging !== undefined,
    preferredReadReplica: result.preferredReadReplica,
  };
}

export class FetchAnswer {
  readonly #options: FetchAnswerOptions;
  readonly #response: FetchResponse;

  constructor(options: FetchAnswerOptions) {
    this.#options = options;
    this.#response = newFetchResponse({ sessionId: options.sessionId });
  }

  /** Adds the next partition; those of a topic that follow each other go together. */
  add(asked: FetchPartition, result: PartitionReadResult): void {
    let topic = this.#response.responses.at(-1);
    if (topic === undefined || topic.topicId !== asked.topicId || topic.topic !== (asked.topic ?? '')) {
      topic = { topic: asked.topic ?? '', topicId: asked.topicId, partitions: [] };
      this.#response.responses.push(topic);
    }
    topic.partitions.push(this.#describe(asked, result));
  }

  /** Bytes of what was added so far, as it would be sent. */
  get encodedSize(): number {
    const writer = new Writer();
    encodeFetchResponse(writer, this.#response, this.#options.apiVersion);
    return writer.size;
  }

  /** The whole response. */
  conclude(): FetchResponse {
    if (this.#options.apiVersion >= LEADER_HINT_VERSION) this.#hintLeaders();
    return this.#response;
  }

  #describe(asked: FetchPartition, result: PartitionReadResult): FetchResponsePartitionData {
    const isOldClient = this.#options.apiVersion < STORAGE_ERROR_VERSION;
    const isStorageError = result.errorCode === ErrorCode.KAFKA_STORAGE_ERROR;
    const data = newFetchResponsePartitionData({
      partitionIndex: asked.partition,
      errorCode: isOldClient && isStorageError ? ErrorCode.NOT_LEADER_OR_FOLLOWER : result.errorCode,
      highWatermark: BigInt(result.highWatermark),
      lastStableOffset: BigInt(result.lastStableOffset),
      logStartOffset: BigInt(result.logStartOffset),
      abortedTransactions: isRefused(result) ? [] : null,
      preferredReadReplica: result.preferredReadReplica,
      records: EMPTY_BYTES,
    });
    if (result.diverging !== undefined) {
      data.divergingEpoch = { epoch: result.diverging.epoch, endOffset: BigInt(result.diverging.endOffset) };
    }
    const { read } = result;
    if (read === undefined) return data;
    data.records = read.records;
    if (this.#options.upperBound === 'lastStable') {
      data.abortedTransactions = (read.abortedTransactions ?? []).map(({ producerId, firstOffset }) => ({
        producerId: BigInt(producerId),
        firstOffset: BigInt(firstOffset),
      }));
    }
    return data;
  }

  /** KIP-951: who does not lead says who does. */
  #hintLeaders(): void {
    const { metadata, listenerName } = this.#options;
    const response = this.#response;
    for (const topic of response.responses) {
      for (const data of topic.partitions) {
        const { errorCode } = data;
        if (errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER && errorCode !== ErrorCode.FENCED_LEADER_EPOCH) continue;
        const known = metadata.topicById(topic.topicId)?.partitions[data.partitionIndex];
        if (known === undefined) continue;
        data.currentLeader = { leaderId: known.leader, leaderEpoch: known.leaderEpoch };
        const node = metadata.endpoint(known.leader, listenerName);
        if (node === undefined || response.nodeEndpoints.some((other) => other.nodeId === node.nodeId)) continue;
        response.nodeEndpoints.push({ nodeId: node.nodeId, host: node.host, port: node.port, rack: node.rack });
      }
    }
  }
}
