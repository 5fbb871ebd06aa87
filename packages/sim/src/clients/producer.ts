/**
 * An idempotent producer of one partition, with acks=all, that knows what was acknowledged, and where.
 *
 * One batch in flight; a batch is sent again, to whoever leads then, until it is acknowledged. So every acknowledged value is in the log exactly once.
 */
import {
  ApiKey,
  decodeInitProducerIdResponse,
  decodeProduceResponse,
  ErrorCode,
  encodeInitProducerIdRequest,
  encodeProduceRequest,
  errorName,
  newInitProducerIdRequest,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import type { Simulation } from '../cluster/simulation.ts';
import { RunningClient } from './running-client.ts';
import type { LeaderOfPartition } from './sim-client.ts';

/** One acknowledged value. */
export interface AcknowledgedValue {
  readonly offset: number;
  readonly value: string;
}

const produceApi = { apiKey: ApiKey.PRODUCE, encode: encodeProduceRequest, decode: decodeProduceResponse };
const initApi = {
  apiKey: ApiKey.INIT_PRODUCER_ID,
  encode: encodeInitProducerIdRequest,
  decode: decodeInitProducerIdResponse,
};
const ACKS_TIMEOUT_MS = 1500;
const BACKOFF_MS = 50;
const MAX_PAUSE_MS = 40;
const MAX_BATCH = 5;

/** What passes when one asks again, or somebody else. */
export const RETRIABLE_PRODUCE_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.UNKNOWN_LEADER_EPOCH,
  ErrorCode.CONCURRENT_TRANSACTIONS,
]);

export class Producer extends RunningClient {
  readonly acknowledged: AcknowledgedValue[] = [];
  readonly topic: string;
  readonly partition: number;
  readonly #maxPauseMs: number;
  #producerId = -1;
  #sequence = 0;

  /** Between batches it waits for `maxPauseMs` at most. */
  constructor(
    simulation: Simulation,
    process: number,
    topic: string,
    partition: number,
    { maxPauseMs = MAX_PAUSE_MS }: { readonly maxPauseMs?: number } = {},
  ) {
    super(simulation, process);
    this.topic = topic;
    this.partition = partition;
    this.#maxPauseMs = maxPauseMs;
  }

  protected async run(): Promise<void> {
    const { random } = this.simulation;
    this.#producerId = await this.#initialize();
    while (!this.isStopped) {
      const size = 1 + random.int(MAX_BATCH);
      const values = Array.from({ length: size }, (_, i) => `${this.topic}-${this.partition}-${this.#sequence + i}`);
      const offset = await this.#sendUntilAcknowledged(values);
      for (const [i, value] of values.entries()) this.acknowledged.push({ offset: offset + i, value });
      this.#sequence += size;
      await this.client.pause(random.int(this.#maxPauseMs));
    }
  }

  async #initialize(): Promise<number> {
    for (;;) {
      const request = newInitProducerIdRequest({ transactionalId: null });
      const answer = await this.client.call(this.client.somePort(), initApi, request).catch(() => undefined);
      if (answer?.errorCode === ErrorCode.NONE) return Number(answer.producerId);
      await this.client.pause(BACKOFF_MS);
    }
  }

  async #sendUntilAcknowledged(values: readonly string[]): Promise<number> {
    let leader: LeaderOfPartition | undefined;
    for (;;) {
      leader ??= await this.client.leaderOf(this.topic, this.partition).catch(() => undefined);
      const answer = leader === undefined ? undefined : await this.#send(leader, values).catch(() => undefined);
      if (answer?.errorCode === ErrorCode.NONE) return Number(answer.baseOffset);
      if (answer !== undefined && !RETRIABLE_PRODUCE_ERRORS.has(answer.errorCode))
        throw new Error(`${values[0]}: ${errorName(answer.errorCode)} ${answer.errorMessage}`);
      leader = undefined;
      await this.client.pause(BACKOFF_MS);
    }
  }

  async #send({ topicId, port }: LeaderOfPartition, values: readonly string[]) {
    const timestamp = this.simulation.clock.nowMs();
    const records = buildBatch({
      producerId: this.#producerId,
      producerEpoch: 0,
      baseSequence: this.#sequence,
      records: values.map((value) => ({ key: null, value: Buffer.from(value), timestamp, headers: [] })),
    });
    const partitionData = [newPartitionProduceData({ index: this.partition, records })];
    const topicData = [newTopicProduceData({ topicId, partitionData })];
    const request = newProduceRequest({ acks: -1, timeoutMs: ACKS_TIMEOUT_MS, topicData });
    const response = await this.client.call(port, produceApi, request);
    return response.responses[0]!.partitionResponses[0]!;
  }
}
