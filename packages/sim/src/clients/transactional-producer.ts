/**
 * A transactional producer. In transaction version 2 brokers add the partitions that it writes to, and every transaction has an epoch of its own. Before that it
 * adds them itself, and the offsets of groups; and since a request that was not answered may arrive late and be taken for one of the next transaction (what
 * version 2 is for, KIP-890), it asks for an epoch of its own after each transaction in which something was asked twice.
 *
 * One request at a time, sent again until there is an answer that counts.
 */

import type { ClientApi } from '@skarab/network';
import {
  ApiKey,
  decodeAddOffsetsToTxnResponse,
  decodeAddPartitionsToTxnResponse,
  decodeEndTxnResponse,
  decodeInitProducerIdResponse,
  decodeProduceResponse,
  decodeTxnOffsetCommitResponse,
  ErrorCode,
  encodeAddOffsetsToTxnRequest,
  encodeAddPartitionsToTxnRequest,
  encodeEndTxnRequest,
  encodeInitProducerIdRequest,
  encodeProduceRequest,
  encodeTxnOffsetCommitRequest,
  errorName,
  newAddOffsetsToTxnRequest,
  newAddPartitionsToTxnRequest,
  newAddPartitionsToTxnTopic,
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
const addPartitionsApi = {
  apiKey: ApiKey.ADD_PARTITIONS_TO_TXN,
  // From version 4 on it is for brokers.
  maxVersion: 3,
  encode: encodeAddPartitionsToTxnRequest,
  decode: decodeAddPartitionsToTxnResponse,
};
const addOffsetsApi = {
  apiKey: ApiKey.ADD_OFFSETS_TO_TXN,
  encode: encodeAddOffsetsToTxnRequest,
  decode: decodeAddOffsetsToTxnResponse,
};
const endApi = { apiKey: ApiKey.END_TXN, encode: encodeEndTxnRequest, decode: decodeEndTxnResponse };
/** The APIs that differ, in their last versions before transaction version 2. */
const oldApis = {
  produce: { ...produceApi, maxVersion: 11 },
  commit: { ...commitApi, maxVersion: 4 },
  end: { ...endApi, maxVersion: 4 },
};
const newApis = { produce: produceApi, commit: commitApi, end: endApi };
const ACKS_TIMEOUT_MS = 1500;
const BACKOFF_MS = 50;

/** The last two: who goes on with what was aborted in between, by whoever comes next or because it took too long. */
const FENCED: ReadonlySet<number> = new Set([
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.PRODUCER_FENCED,
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.TRANSACTION_ABORTABLE,
]);

interface ProducerIdAndEpoch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Another producer has the transactional id now, or the coordinator has ended the transaction because it took too long. */
export class ProducerFencedError extends Error {}

export interface TransactionalProducerOptions {
  readonly timeoutMs: number;
  /** Of the cluster. */
  readonly transactionVersion: number;
}

export class TransactionalProducer {
  readonly transactionalId: string;
  readonly #client: SimClient;
  readonly #coordinator: CoordinatorClient;
  readonly #timeoutMs: number;
  readonly #isVersion2: boolean;
  readonly #apis: typeof oldApis | typeof newApis;
  #producerId = -1n;
  #producerEpoch = -1;
  /** The next sequence of each partition in this epoch. */
  readonly #sequences = new Map<string, number>();

  /** What it has added to the transaction. */
  readonly #added = new Set<string>();
  #hasAskedTwice = false;

  constructor(
    client: SimClient,
    transactionalId: string,
    { timeoutMs, transactionVersion }: TransactionalProducerOptions,
  ) {
    this.#client = client;
    this.#coordinator = new CoordinatorClient(client, KeyType.TRANSACTION, transactionalId);
    this.transactionalId = transactionalId;
    this.#timeoutMs = timeoutMs;
    this.#isVersion2 = transactionVersion >= 2;
    this.#apis = this.#isVersion2 ? newApis : oldApis;
  }

  /** Fences whoever had the id before, and ends what that one left open. */
  initialize(): Promise<void> {
    return this.#initialize(newInitProducerIdRequest());
  }

  async #initialize({ producerId, producerEpoch }: ProducerIdAndEpoch): Promise<void> {
    const request = newInitProducerIdRequest({
      transactionalId: this.transactionalId,
      transactionTimeoutMs: this.#timeoutMs,
      producerId,
      producerEpoch,
    });
    const answer = await this.#ask(this.#coordinator, initApi, request, (response) => response);
    this.#accept('InitProducerId', answer.errorCode);
    this.#enter(answer.producerId, answer.producerEpoch);
    this.#hasAskedTwice = false;
  }

  /** Errors: ProducerFencedError. */
  async send(topic: string, index: number, values: readonly string[]): Promise<void> {
    const key = `${topic}-${index}`;
    if (!this.#isVersion2) await this.#addPartition(topic, index);
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
      const errorCode = leader && (await this.#produce(topic, leader, partitionData).catch(() => undefined));
      if (errorCode !== undefined && !RETRIABLE_PRODUCE_ERRORS.has(errorCode)) {
        this.#accept(`Produce to ${key}`, errorCode);
        break;
      }
      this.#hasAskedTwice = true;
      await this.#client.pause(BACKOFF_MS);
    }
    this.#sequences.set(key, baseSequence + values.length);
  }

  /** Commits an offset of a group with the transaction. Errors: ProducerFencedError. */
  async commitOffset(groupId: string, name: string, partitionIndex: number, offset: number): Promise<void> {
    if (!this.#isVersion2) await this.#addOffsets(groupId);
    const partition = newTxnOffsetCommitRequestPartition({ partitionIndex, committedOffset: BigInt(offset) });
    const request = newTxnOffsetCommitRequest({
      ...this.#identity,
      groupId,
      topics: [newTxnOffsetCommitRequestTopic({ name, partitions: [partition] })],
    });
    const group = new CoordinatorClient(this.#client, KeyType.GROUP, groupId);
    const answer = await this.#ask(group, this.#apis.commit, request, ({ topics }) => topics[0]?.partitions[0]);
    this.#accept('TxnOffsetCommit', answer.errorCode);
  }

  /** Commits or aborts; that is decided when this resolves. Errors: ProducerFencedError, after which it may have been. */
  async end(committed: boolean): Promise<void> {
    const request = newEndTxnRequest({ ...this.#identity, committed });
    const answer = await this.#ask(this.#coordinator, this.#apis.end, request, (response) => response);
    this.#accept('EndTxn', answer.errorCode);
    this.#added.clear();
    if (this.#isVersion2) this.#enter(answer.producerId, answer.producerEpoch);
  }

  /** Must be called before a transaction begins. Errors: ProducerFencedError. */
  async begin(): Promise<void> {
    if (!this.#isVersion2 && this.#hasAskedTwice) await this.#initialize(this.#identity);
  }

  async #addPartition(name: string, index: number): Promise<void> {
    const key = `${name}-${index}`;
    if (this.#added.has(key)) return;
    const { transactionalId, producerId, producerEpoch } = this.#identity;
    const request = newAddPartitionsToTxnRequest({
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [newAddPartitionsToTxnTopic({ name, partitions: [index] })],
    });
    const { partitionErrorCode } = await this.#ask(this.#coordinator, addPartitionsApi, request, (response) => {
      const result = response.resultsByTopicV3AndBelow[0]?.resultsByPartition[0];
      return result && { ...result, errorCode: result.partitionErrorCode };
    });
    this.#accept(`AddPartitionsToTxn of ${key}`, partitionErrorCode);
    this.#added.add(key);
  }

  async #addOffsets(groupId: string): Promise<void> {
    const request = newAddOffsetsToTxnRequest({ ...this.#identity, groupId });
    const answer = await this.#ask(this.#coordinator, addOffsetsApi, request, (response) => response);
    this.#accept('AddOffsetsToTxn', answer.errorCode);
  }

  async #ask<Request, Response, Answer extends { readonly errorCode: number }>(
    coordinator: CoordinatorClient,
    api: ClientApi<Request, Response>,
    request: Request,
    read: (response: Response) => Answer | undefined,
  ): Promise<Answer> {
    const { retries } = coordinator;
    const answer = await coordinator.untilAnswered(api, request, read);
    this.#hasAskedTwice ||= coordinator.retries > retries;
    return answer;
  }

  get #identity(): ProducerIdAndEpoch & { readonly transactionalId: string } {
    const { transactionalId } = this;
    return { transactionalId, producerId: this.#producerId, producerEpoch: this.#producerEpoch };
  }

  async #produce(
    name: string,
    { topicId, port }: LeaderOfPartition,
    partitionData: ReturnType<typeof newPartitionProduceData>[],
  ) {
    const topic = this.#isVersion2 ? { topicId } : { name };
    const request = newProduceRequest({
      transactionalId: this.transactionalId,
      acks: -1,
      timeoutMs: ACKS_TIMEOUT_MS,
      topicData: [newTopicProduceData({ ...topic, partitionData })],
    });
    const response = await this.#client.call(port, this.#apis.produce, request);
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
    this.#added.clear();
  }
}
