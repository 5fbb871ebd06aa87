/**
 * A client that does not wait when it is told to, and measures how long it is made to: whoever holds it to its quota has to be the broker.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  type AlterClientQuotasResponse,
  ApiKey,
  type CreatePartitionsResponse,
  type CreateTopicsResponse,
  type DeleteTopicsResponse,
  type FetchResponse,
  newAlterClientQuotasRequest,
  newCreatableTopic,
  newCreatePartitionsRequest,
  newCreatePartitionsTopic,
  newCreateTopicsRequest,
  newDeleteTopicState,
  newDeleteTopicsRequest,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newMetadataRequest,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { RawClient } from './raw-client.ts';

const TIMEOUT_MS = 20_000;
/** Topics go by name up to here, in Produce and in Fetch. */
const NAMES_VERSION = 12;

/** What a request was answered, as far as quotas go. */
export interface Answered {
  readonly throttleMs: number;
  /** From sending it to its answer. */
  readonly tookMs: number;
  readonly bytes: number;
  /** Of each topic. */
  readonly errorCodes: readonly number[];
}

export class QuotaClient {
  readonly #client: RawClient;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  /** Connects with a client id; the connection ends with the test. */
  static async connect(t: TestContext, { port }: { readonly port: number }, clientId: string): Promise<QuotaClient> {
    const client = await RawClient.connect(port, { clientId });
    t.after(() => client.close());
    return new QuotaClient(client);
  }

  /** Sets a quota, or removes it with null. */
  async setQuota(entity: Readonly<Record<string, string | null>>, key: string, value: number | null): Promise<void> {
    const parts = Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }));
    const ops = [{ key, value: value ?? 0, remove: value === null }];
    const request = newAlterClientQuotasRequest({ entries: [{ entity: parts, ops }] });
    const { entries } = await this.#client.call<AlterClientQuotasResponse>(ApiKey.ALTER_CLIENT_QUOTAS, 1, request);
    assert.equal(entries[0]?.errorCode, 0, entries[0]?.errorMessage ?? '');
  }

  /** From version 6 on the quota of mutations is strict. */
  createTopic(name: string, numPartitions = 1, version = 7): Promise<Answered> {
    const topics = [newCreatableTopic({ name, numPartitions, replicationFactor: 1 })];
    const request = newCreateTopicsRequest({ topics, timeoutMs: TIMEOUT_MS });
    return this.#measure<CreateTopicsResponse>(ApiKey.CREATE_TOPICS, version, request, (response) => ({
      errorCodes: response.topics.map(({ errorCode }) => errorCode),
    }));
  }

  deleteTopic(name: string): Promise<Answered> {
    const request = newDeleteTopicsRequest({ topics: [newDeleteTopicState({ name })], timeoutMs: TIMEOUT_MS });
    return this.#measure<DeleteTopicsResponse>(ApiKey.DELETE_TOPICS, 6, request, ({ responses }) => ({
      errorCodes: responses.map(({ errorCode }) => errorCode),
    }));
  }

  createPartitions(name: string, count: number): Promise<Answered> {
    const topics = [newCreatePartitionsTopic({ name, count, assignments: null })];
    const request = newCreatePartitionsRequest({ topics, timeoutMs: TIMEOUT_MS });
    return this.#measure<CreatePartitionsResponse>(ApiKey.CREATE_PARTITIONS, 3, request, ({ results }) => ({
      errorCodes: results.map(({ errorCode }) => errorCode),
    }));
  }

  /** Writes one record of so many bytes. */
  produce(topic: string, bytes: number): Promise<Answered> {
    const value = Buffer.alloc(bytes);
    const records = buildBatch({ records: [{ key: null, value, timestamp: Date.now(), headers: [] }] });
    const partitionData = [newPartitionProduceData({ index: 0, records })];
    const topicData = [newTopicProduceData({ name: topic, partitionData })];
    const request = newProduceRequest({ acks: 1, timeoutMs: TIMEOUT_MS, topicData });
    return this.#measure<ProduceResponse>(ApiKey.PRODUCE, NAMES_VERSION, request, ({ responses }) => ({
      bytes,
      errorCodes: responses.map(({ partitionResponses }) => partitionResponses[0]?.errorCode ?? -1),
    }));
  }

  /** Reads one batch without a session. */
  fetch(topic: string, fetchOffset: number): Promise<Answered> {
    const partition = newFetchRequestFetchPartition({ fetchOffset: BigInt(fetchOffset), partitionMaxBytes: 1 });
    const topics = [newFetchRequestFetchTopic({ topic, partitions: [partition] })];
    const request = newFetchRequest({ maxBytes: 1 << 20, minBytes: 1, sessionEpoch: -1, topics });
    return this.#measure<FetchResponse>(ApiKey.FETCH, NAMES_VERSION, request, ({ responses }) => ({
      bytes: (responses[0]?.partitions[0]?.records as Uint8Array | undefined)?.length ?? 0,
    }));
  }

  metadata(): Promise<Answered> {
    return this.#measure(ApiKey.METADATA, NAMES_VERSION, newMetadataRequest({ topics: null }), () => ({}));
  }

  async #measure<Response extends { readonly throttleTimeMs: number }>(
    apiKey: number,
    version: number,
    request: object,
    look: (response: Response) => Partial<Answered>,
  ): Promise<Answered> {
    const startMs = performance.now();
    const response = await this.#client.call<Response>(apiKey, version, request, TIMEOUT_MS);
    const tookMs = performance.now() - startMs;
    return { throttleMs: response.throttleTimeMs, tookMs, bytes: 0, errorCodes: [], ...look(response) };
  }
}
