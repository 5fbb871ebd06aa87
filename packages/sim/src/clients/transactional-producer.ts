/**
 * A transactional producer of transaction version 2: brokers add the partitions that it writes to, and every transaction has an epoch of its own.
 *
 * One request at a time, sent again until there is an answer that counts.
 */
import {
  ApiKey,
  decodeEndTxnResponse,
  decodeInitProducerIdResponse,
  decodeProduceResponse,
  decodeTxnOffsetCommitResponse,
  ErrorCode,
  encodeEndTxnRequest,
  encodeInitProducerIdRequest,
  encodeProduceRequest,
  encodeTxnOffsetCommitRequest,
  errorName,
  newEndTxnRequest,
  newInitProducerIdRequest,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  newTxnOffsetCommitRequest,
  newTxnOffsetCommitRequestPartition,
  newTxnOffsetCommitRequestTopic,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { CoordinatorClient, KeyType } from './coordinator-client.ts';
import { RETRIABLE_PRODUCE_ERRORS } from './producer.ts';
import type { LeaderOfPartition, SimClient } from './sim-client.ts';

const initApi = {
  apiKey: ApiKey.INIT_PRODUCER_ID,
  encode: encodeInitProducerIdRequest,
  decode: decodeInitProducerIdResponse,
};
const produceApi = { apiKey: ApiKey.PRODUCE, encode: encodeProduceRequest, decode: decodeProduceResponse };
const commitApi = {
  apiKey: ApiKey.TXN_OFFSET_COMMIT,
  encode: encodeTxnOffsetCommitRequest,
  decode: decodeTxnOffsetCommitResponse,
};
const endApi = { apiKey: ApiKey.END_TXN, encode: encodeEndTxnRequest, decode: decodeEndTxnResponse };
const ACKS_TIMEOUT_MS = 1500;
const BACKOFF_MS = 50;

/** The last one: who commits what was aborted in between, by whoever comes next or because it took too long. */
const FENCED: ReadonlySet<number> = new Set([
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.PRODUCER_FENCED,
  ErrorCode.INVALID_TXN_STATE,
]);

/** Another producer has the transactional id now, or the coordinator has ended the transaction because it took too long. */
export class ProducerFencedError extends Error {}

export class TransactionalProducer {
  readonly transactionalId: string;
  readonly #client: SimClient;
  readonly #coordinator: CoordinatorClient;
  readonly #timeoutMs: number;
  #producerId = -1n;
  #producerEpoch = -1;
  /** The next sequence of each partition in this epoch. */
  readonly #sequences = new Map<string, number>();

  constructor(client: SimClient, transactionalId: string, timeoutMs: number) {
    this.#client = client;
    this.#coordinator = new CoordinatorClient(client, KeyType.TRANSACTION, transactionalId);
    this.transactionalId = transactionalId;
    this.#timeoutMs = timeoutMs;
  }

  /** Fences whoever had the id before, and ends what that one left open. */
  async initialize(): Promise<void> {
    const request = newInitProducerIdRequest({
      transactionalId: this.transactionalId,
      transactionTimeoutMs: this.#timeoutMs,
    });
    const answer = await this.#coordinator.untilAnswered(initApi, request, (response) => response);
    this.#accept('InitProducerId', answer.errorCode);
    this.#enter(answer.producerId, answer.producerEpoch);
  }

  /** Errors: ProducerFencedError. */
  async send(topic: string, index: number, values: readonly string[]): Promise<void> {
    const key = `${topic}-${index}`;
    const baseSequence = this.#sequences.get(key) ?? 0;
    const timestamp = this.#client.simulation.clock.nowMs();
    const records = buildBatch({
      producerId: Number(this.#producerId),
      producerEpoch: this.#producerEpoch,
      baseSequence,
      isTransactional: true,
      records: values.map((value) => ({ key: null, value: Buffer.from(value), timestamp, headers: [] })),
    });
    const partitionData = [newPartitionProduceData({ index, records })];
    for (;;) {
      const leader = await this.#client.leaderOf(topic, index).catch(() => undefined);
      const errorCode = leader && (await this.#produce(leader, partitionData).catch(() => undefined));
      if (errorCode !== undefined && !RETRIABLE_PRODUCE_ERRORS.has(errorCode)) {
        this.#accept(`Produce to ${key}`, errorCode);
        break;
      }
      await this.#client.pause(BACKOFF_MS);
    }
    this.#sequences.set(key, baseSequence + values.length);
  }

  /** Commits an offset of a group with the transaction. Errors: ProducerFencedError. */
  async commitOffset(groupId: string, name: string, partitionIndex: number, offset: number): Promise<void> {
    const partition = newTxnOffsetCommitRequestPartition({ partitionIndex, committedOffset: BigInt(offset) });
    const request = newTxnOffsetCommitRequest({
      ...this.#identity,
      groupId,
      topics: [newTxnOffsetCommitRequestTopic({ name, partitions: [partition] })],
    });
    const group = new CoordinatorClient(this.#client, KeyType.GROUP, groupId);
    const answer = await group.untilAnswered(commitApi, request, ({ topics }) => topics[0]?.partitions[0]);
    this.#accept('TxnOffsetCommit', answer.errorCode);
  }

  /** Commits or aborts; that is decided when this resolves. Errors: ProducerFencedError, after which it may have been. */
  async end(committed: boolean): Promise<void> {
    const request = newEndTxnRequest({ ...this.#identity, committed });
    const answer = await this.#coordinator.untilAnswered(endApi, request, (response) => response);
    this.#accept('EndTxn', answer.errorCode);
    this.#enter(answer.producerId, answer.producerEpoch);
  }

  get #identity() {
    const { transactionalId } = this;
    return { transactionalId, producerId: this.#producerId, producerEpoch: this.#producerEpoch };
  }

  async #produce({ topicId, port }: LeaderOfPartition, partitionData: ReturnType<typeof newPartitionProduceData>[]) {
    const request = newProduceRequest({
      transactionalId: this.transactionalId,
      acks: -1,
      timeoutMs: ACKS_TIMEOUT_MS,
      topicData: [newTopicProduceData({ topicId, partitionData })],
    });
    const response = await this.#client.call(port, produceApi, request);
    return response.responses[0]!.partitionResponses[0]!.errorCode;
  }

  #accept(what: string, errorCode: number): void {
    if (errorCode === ErrorCode.NONE) return;
    const text = `${this.transactionalId}: ${what} is answered ${errorName(errorCode)}`;
    throw FENCED.has(errorCode) ? new ProducerFencedError(text) : new Error(text);
  }

  /** Sequences begin anew with every epoch. */
  #enter(producerId: bigint, producerEpoch: number): void {
    this.#producerId = producerId;
    this.#producerEpoch = producerEpoch;
    this.#sequences.clear();
  }
}
