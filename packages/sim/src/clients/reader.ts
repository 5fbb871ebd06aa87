/**
 * A consumer of one partition that remembers what it was shown: once shown, a record stays where it was, and nothing is left out.
 */
import {
  ApiKey,
  decodeFetchResponse,
  ErrorCode,
  encodeFetchRequest,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
} from '@skarab/protocol';
import { iterateBatches } from '@skarab/records';
import type { Simulation } from '../cluster/simulation.ts';
import { type LeaderOfPartition, SimClient } from './sim-client.ts';

const fetchApi = { apiKey: ApiKey.FETCH, encode: encodeFetchRequest, decode: decodeFetchResponse };
const MAX_WAIT_MS = 500;
const BACKOFF_MS = 100;
const MAX_BYTES = 10_000;

export class Reader {
  /** Values by offset. */
  readonly seen: string[] = [];
  readonly topic: string;
  readonly partition: number;
  readonly #client: SimClient;
  readonly #simulation: Simulation;
  #isStopped = false;
  #running: Promise<void> | undefined;

  constructor(simulation: Simulation, process: number, topic: string, partition: number) {
    this.#simulation = simulation;
    this.#client = new SimClient(simulation, process);
    this.topic = topic;
    this.partition = partition;
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => this.#simulation.violation(error));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    this.#client.close();
  }

  async #run(): Promise<void> {
    let leader: LeaderOfPartition | undefined;
    while (!this.#isStopped) {
      leader ??= await this.#client.leaderOf(this.topic, this.partition).catch(() => undefined);
      const answer = leader === undefined ? undefined : await this.#fetch(leader).catch(() => undefined);
      if (answer?.errorCode === ErrorCode.NONE) {
        if (answer.records instanceof Uint8Array) this.#take(answer.records);
        continue;
      }
      leader = undefined;
      await this.#client.pause(BACKOFF_MS);
    }
  }

  #take(bytes: Uint8Array): void {
    for (const batch of iterateBatches(bytes)) {
      for (const { offset, value } of batch.records()) {
        if (offset < this.seen.length) continue;
        if (offset > this.seen.length)
          throw new Error(`${this.topic}-${this.partition}: ${offset} follows ${this.seen.length - 1}`);
        this.seen.push(Buffer.from(value!).toString());
      }
    }
  }

  async #fetch({ topicId, port }: LeaderOfPartition) {
    const partition = newFetchRequestFetchPartition({
      partition: this.partition,
      fetchOffset: BigInt(this.seen.length),
      partitionMaxBytes: MAX_BYTES,
    });
    const request = newFetchRequest({
      maxWaitMs: MAX_WAIT_MS,
      minBytes: 1,
      topics: [newFetchRequestFetchTopic({ topicId, partitions: [partition] })],
    });
    const response = await this.#client.call(port, fetchApi, request);
    return response.responses[0]?.partitions[0];
  }
}
