/**
 * Fetches one partition from whoever leads it.
 */
import {
  ApiKey,
  decodeFetchResponse,
  ErrorCode,
  encodeFetchRequest,
  type FetchResponsePartitionData,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
} from '@skarab/protocol';
import type { LeaderOfPartition, SimClient } from './sim-client.ts';

const fetchApi = { apiKey: ApiKey.FETCH, encode: encodeFetchRequest, decode: decodeFetchResponse };
const MAX_WAIT_MS = 500;
const BACKOFF_MS = 100;
const MAX_BYTES = 10_000;
const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;

export class PartitionFetcher {
  readonly topic: string;
  readonly partition: number;
  readonly #client: SimClient;
  readonly #isolationLevel: number;
  #leader: LeaderOfPartition | undefined;

  constructor(client: SimClient, topic: string, partition: number, isolationLevel = READ_UNCOMMITTED) {
    this.#client = client;
    this.topic = topic;
    this.partition = partition;
    this.#isolationLevel = isolationLevel;
  }

  /** What a leader has from an offset on; undefined, after a while, when there was no such answer. */
  async fetch(offset: number): Promise<FetchResponsePartitionData | undefined> {
    this.#leader ??= await this.#client.leaderOf(this.topic, this.partition).catch(() => undefined);
    const leader = this.#leader;
    const answer = leader === undefined ? undefined : await this.#ask(leader, offset).catch(() => undefined);
    if (answer?.errorCode === ErrorCode.NONE) return answer;
    this.#leader = undefined;
    await this.#client.pause(BACKOFF_MS);
    return undefined;
  }

  async #ask({ topicId, port }: LeaderOfPartition, offset: number) {
    const partition = newFetchRequestFetchPartition({
      partition: this.partition,
      fetchOffset: BigInt(offset),
      partitionMaxBytes: MAX_BYTES,
    });
    const request = newFetchRequest({
      maxWaitMs: MAX_WAIT_MS,
      minBytes: 1,
      isolationLevel: this.#isolationLevel,
      topics: [newFetchRequestFetchTopic({ topicId, partitions: [partition] })],
    });
    const response = await this.#client.call(port, fetchApi, request);
    return response.responses[0]?.partitions[0];
  }
}
