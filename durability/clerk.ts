/**
 * A clerk of a bank: moves money between accounts (partitions), each transfer one transaction of two records and a committed offset, as an
 * old producer (transaction version 0) or a new one (version 2). Knows of each transfer what it must have come to.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '@skarab/base';
import {
  ApiKey,
  type EndTxnResponse,
  ErrorCode,
  errorName,
  type InitProducerIdResponse,
  newAddOffsetsToTxnRequest,
  newAddPartitionsToTxnRequest,
  newEndTxnRequest,
  newFindCoordinatorRequest,
  newInitProducerIdRequest,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  newTxnOffsetCommitRequest,
  newTxnOffsetCommitRequestPartition,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { ConnectionClosed, RawClient } from '../tools/raw-client/raw-client.ts';
import type { LoadControl } from './load.ts';

export const ACCOUNTS_TOPIC = 'accounts';
export const ACCOUNT_COUNT = 4;

/** What a transfer came to: an end that was asked for and not answered may be either. */
export type Outcome = 'open' | 'committed' | 'aborted' | 'committed or not';

/** A broker that starts, or completes the transaction before. */
const PASSING = new Set<number>([
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.LEADER_NOT_AVAILABLE,
]);
const PATIENCE_MS = 20_000;

export class Clerk {
  readonly name: string;
  /** Of each transfer, by its number. */
  readonly outcomes: Outcome[] = [];
  readonly #isNew: boolean;
  readonly #random: Random;
  #producerId = -1n;
  #producerEpoch = -1;
  /** The next sequence number of each account in this epoch. */
  #sequences = new Map<number, number>();

  constructor(name: string, isNew: boolean, seed: number) {
    this.name = name;
    this.#isNew = isNew;
    this.#random = seededRandom(seed);
  }

  /** The group in which the number of the last committed transfer is the committed offset. */
  get group(): string {
    return `bank-${this.name}`;
  }

  /** Starts, which aborts what was left open. */
  async begin(client: RawClient): Promise<void> {
    await this.#call(client, ApiKey.FIND_COORDINATOR, 3, newFindCoordinatorRequest({ key: this.name, keyType: 1 }));
    await this.#call(client, ApiKey.FIND_COORDINATOR, 3, newFindCoordinatorRequest({ key: this.group }));
    const request = newInitProducerIdRequest({ transactionalId: this.name, transactionTimeoutMs: 600_000 });
    const { producerId, producerEpoch } = await this.#call<InitProducerIdResponse>(
      client,
      ApiKey.INIT_PRODUCER_ID,
      4,
      request,
    );
    this.#enter(producerId, producerEpoch);
  }

  /** Transfers until stopped or the broker is gone. Errors: rejects when the broker refuses what it must take. */
  async run(port: number, control: LoadControl): Promise<void> {
    const client = await RawClient.connect(port);
    try {
      await this.begin(client);
      while (!control.stopped) {
        await this.transfer(client);
        await this.end(client, this.#random.int(4) > 0);
      }
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) throw error;
    } finally {
      client.close();
    }
  }

  /** Writes the two records and the offset of the next transfer; the transaction stays open. */
  async transfer(client: RawClient): Promise<void> {
    const number = this.outcomes.push('open') - 1;
    const from = this.#random.int(ACCOUNT_COUNT);
    const to = (from + 1 + this.#random.int(ACCOUNT_COUNT - 1)) % ACCOUNT_COUNT;
    const amount = 1 + this.#random.int(100);
    const producer = { transactionalId: this.name, producerId: this.#producerId, producerEpoch: this.#producerEpoch };
    if (!this.#isNew) {
      const request = newAddPartitionsToTxnRequest({
        v3AndBelowTransactionalId: this.name,
        v3AndBelowProducerId: this.#producerId,
        v3AndBelowProducerEpoch: this.#producerEpoch,
        v3AndBelowTopics: [{ name: ACCOUNTS_TOPIC, partitions: [from, to] }],
      });
      await this.#call(client, ApiKey.ADD_PARTITIONS_TO_TXN, 3, request);
    }
    await this.#book(client, from, `${this.name} ${number} ${-amount}`);
    await this.#book(client, to, `${this.name} ${number} ${amount}`);
    if (!this.#isNew)
      await this.#call(
        client,
        ApiKey.ADD_OFFSETS_TO_TXN,
        3,
        newAddOffsetsToTxnRequest({ ...producer, groupId: this.group }),
      );
    const commit = newTxnOffsetCommitRequestPartition({
      partitionIndex: 0,
      committedOffset: BigInt(number),
      committedMetadata: '',
    });
    const topics = [{ name: ACCOUNTS_TOPIC, partitions: [commit] }];
    const request = newTxnOffsetCommitRequest({
      ...producer,
      groupId: this.group,
      generationId: -1,
      memberId: '',
      topics,
    });
    await this.#call(client, ApiKey.TXN_OFFSET_COMMIT, this.#isNew ? 5 : 3, request);
  }

  /** Ends the open transaction. */
  async end(client: RawClient, committed: boolean): Promise<void> {
    const number = this.outcomes.length - 1;
    if (committed) this.outcomes[number] = 'committed or not';
    const request = newEndTxnRequest({
      transactionalId: this.name,
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      committed,
    });
    const answer = await this.#call<EndTxnResponse>(client, ApiKey.END_TXN, this.#isNew ? 5 : 4, request);
    this.outcomes[number] = committed ? 'committed' : 'aborted';
    if (this.#isNew) this.#enter(answer.producerId, answer.producerEpoch);
  }

  async #book(client: RawClient, account: number, text: string): Promise<void> {
    const baseSequence = this.#sequences.get(account) ?? 0;
    const records = buildBatch({
      producerId: Number(this.#producerId),
      producerEpoch: this.#producerEpoch,
      baseSequence,
      isTransactional: true,
      records: [{ timestamp: Date.now(), key: null, value: Buffer.from(text) }],
    });
    const partitionData = [newPartitionProduceData({ index: account, records })];
    const request = newProduceRequest({
      acks: -1,
      timeoutMs: 10_000,
      transactionalId: this.name,
      topicData: [newTopicProduceData({ name: ACCOUNTS_TOPIC, partitionData })],
    });
    await this.#call(client, ApiKey.PRODUCE, this.#isNew ? 12 : 11, request);
    this.#sequences.set(account, baseSequence + 1);
  }

  #enter(producerId: bigint, producerEpoch: number): void {
    this.#producerId = producerId;
    this.#producerEpoch = producerEpoch;
    this.#sequences = new Map();
  }

  /** Repeats a request while its errors pass. */
  async #call<R extends object>(client: RawClient, apiKey: number, version: number, request: object): Promise<R> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(5)) {
      const response = await client.call<R>(apiKey, version, request);
      const errors = errorsIn(response);
      if (errors.length === 0) return response;
      if (errors.some((error) => !PASSING.has(error)) || Date.now() > deadline)
        throw new Error(`${this.name}: API ${apiKey} answers ${errors.map(errorName).join(', ')}`);
    }
  }
}

/** Every error code in a response, wherever it stands. */
function errorsIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    /errorCode$/i.test(name) ? (inner === ErrorCode.NONE ? [] : [inner as number]) : errorsIn(inner),
  );
}
