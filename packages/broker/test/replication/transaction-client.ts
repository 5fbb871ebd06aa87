/**
 * A transactional producer for tests, in the protocol of transaction version 2 or of the one before: one request at a time, sent again until there is an answer
 * that counts, to whoever leads or coordinates then. So it knows how each of its transactions ended.
 */
import type { Clock } from '@skarab/base';
import type { ClientApi, ClientConnection, Dialer } from '@skarab/network';
import {
  ApiKey,
  decodeAddOffsetsToTxnResponse,
  decodeAddPartitionsToTxnResponse,
  decodeEndTxnResponse,
  decodeFindCoordinatorResponse,
  decodeInitProducerIdResponse,
  decodeOffsetFetchResponse,
  decodeProduceResponse,
  decodeTxnOffsetCommitResponse,
  ErrorCode,
  encodeAddOffsetsToTxnRequest,
  encodeAddPartitionsToTxnRequest,
  encodeEndTxnRequest,
  encodeFindCoordinatorRequest,
  encodeInitProducerIdRequest,
  encodeOffsetFetchRequest,
  encodeProduceRequest,
  encodeTxnOffsetCommitRequest,
  errorName,
  newAddOffsetsToTxnRequest,
  newAddPartitionsToTxnRequest,
  newEndTxnRequest,
  newFindCoordinatorRequest,
  newInitProducerIdRequest,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  newTxnOffsetCommitRequest,
  newTxnOffsetCommitRequestPartition,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import type { BrokerCluster } from '../../src/testing/index.ts';
import { connect } from './test-producer.ts';

/** The versions of a client that lets brokers add partitions, and of one that adds them itself and has brokers verify. */
const VERSIONS = {
  addedByBrokers: { produce: 13, endTxn: 5, txnOffsetCommit: 5 },
  addedByClient: { produce: 11, endTxn: 4, txnOffsetCommit: 4 },
};
export type Protocol = keyof typeof VERSIONS;

const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.UNSTABLE_OFFSET_COMMIT,
]);
const TIMEOUT_MS = 2000;
const RETRY_MS = 20;
const GROUP = 0;
const TRANSACTION = 1;

export interface TransactionClientOptions {
  readonly cluster: BrokerCluster;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly transactionalId: string;
  readonly protocol: Protocol;
  /** Every answer that made the client try again, for tests that want to see some. */
  readonly onRetry?: (what: string, error: string) => void;
}

export class TransactionClient {
  readonly #options: TransactionClientOptions;
  readonly #connections = new Map<number, ClientConnection>();
  readonly #sequences = new Map<string, number>();
  #producerId = -1n;
  #producerEpoch = -1;
  #isEmpty = true;

  constructor(options: TransactionClientOptions) {
    this.#options = options;
  }

  /** Errors: Error when an answer is none of those that one waits out. */
  async init(): Promise<void> {
    const request = newInitProducerIdRequest({
      transactionalId: this.#options.transactionalId,
      transactionTimeoutMs: 60_000,
    });
    const answer = await this.#untilAnswered('init', () =>
      this.#askCoordinator(TRANSACTION, this.#options.transactionalId, initProducerId, request),
    );
    this.#takeProducer(answer.producerId, answer.producerEpoch);
  }

  /** Writes a value within the transaction. */
  async send(topic: string, partition: number, value: string): Promise<void> {
    const { cluster, clock, protocol, transactionalId } = this.#options;
    if (protocol === 'addedByClient') await this.#add(topic, partition);
    this.#isEmpty = false;
    const key = `${topic}-${partition}`;
    const sequence = this.#sequences.get(key) ?? 0;
    const records = buildBatch({
      records: [{ key: null, value: Buffer.from(value), timestamp: clock.nowMs(), headers: [] }],
      producerId: Number(this.#producerId),
      producerEpoch: this.#producerEpoch,
      baseSequence: sequence,
      isTransactional: true,
    });
    const topicId = cluster.controller.image.topics.byName.get(topic)!.id;
    const request = newProduceRequest({
      transactionalId,
      acks: -1,
      timeoutMs: TIMEOUT_MS / 2,
      topicData: [
        newTopicProduceData({
          name: topic,
          topicId,
          partitionData: [newPartitionProduceData({ index: partition, records })],
        }),
      ],
    });
    const api = { ...produceApi, maxVersion: VERSIONS[protocol].produce };
    await this.#untilAnswered('produce', async () => {
      const leader = cluster.registration(topic, partition)!.leader;
      return (await this.#ask(leader, api, request)).responses[0]!.partitionResponses[0]!;
    });
    this.#sequences.set(key, sequence + 1);
  }

  /** Stores a position of a group when the transaction is committed. */
  async commitOffset(groupId: string, topic: string, partition: number, offset: number): Promise<void> {
    const { protocol, transactionalId } = this.#options;
    if (protocol === 'addedByClient') await this.#addOffsets(groupId);
    this.#isEmpty = false;
    const request = newTxnOffsetCommitRequest({
      transactionalId,
      groupId,
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      topics: [
        {
          name: topic,
          partitions: [
            newTxnOffsetCommitRequestPartition({ partitionIndex: partition, committedOffset: BigInt(offset) }),
          ],
        },
      ],
    });
    const api = { ...txnOffsetCommit, maxVersion: VERSIONS[protocol].txnOffsetCommit };
    await this.#untilAnswered('commit offset', async () => {
      return (await this.#askCoordinator(GROUP, groupId, api, request)).topics[0]!.partitions[0]!;
    });
  }

  /** The position that is committed once nothing is under way for it; -1: none. */
  async committedOffset(groupId: string, topic: string, partition: number): Promise<number> {
    const request = newOffsetFetchRequest({
      groups: [newOffsetFetchRequestGroup({ groupId, topics: [offsetsOf(topic, partition)] })],
      requireStable: true,
    });
    const answer = await this.#untilAnswered('fetch offset', async () => {
      const group = (await this.#askCoordinator(GROUP, groupId, offsetFetch, request)).groups[0]!;
      return group.errorCode === ErrorCode.NONE ? group.topics[0]!.partitions[0]! : { ...group, committedOffset: -1n };
    });
    return Number(answer.committedOffset);
  }

  /** Commits or aborts; the decision stands when this resolves. */
  async end(committed: boolean): Promise<void> {
    const { protocol, transactionalId } = this.#options;
    if (this.#isEmpty) return;
    const request = this.#endRequest(committed);
    const api = { ...endTxn, maxVersion: VERSIONS[protocol].endTxn };
    const answer = await this.#untilAnswered('end', () =>
      this.#askCoordinator(TRANSACTION, transactionalId, api, request),
    );
    if (protocol === 'addedByBrokers') this.#takeProducer(answer.producerId, answer.producerEpoch);
    this.#isEmpty = true;
  }

  /** The coordinator that one broker names. Errors: Error when it names none. */
  async coordinatorNamedBy(brokerId: number, keyType: number, key: string): Promise<number> {
    const request = newFindCoordinatorRequest({ keyType, coordinatorKeys: [key] });
    const { errorCode, nodeId } = (await this.#ask(brokerId, findCoordinator, request)).coordinators[0]!;
    if (errorCode !== ErrorCode.NONE) throw new Error(errorName(errorCode));
    return nodeId;
  }

  /** What a broker says to the wish to commit, once. */
  async endAt(brokerId: number): Promise<number> {
    return (await this.#ask(brokerId, endTxn, this.#endRequest(true))).errorCode;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  #endRequest(committed: boolean) {
    const { transactionalId } = this.#options;
    return newEndTxnRequest({
      transactionalId,
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      committed,
    });
  }

  async #add(topic: string, partition: number): Promise<void> {
    const { transactionalId } = this.#options;
    const request = newAddPartitionsToTxnRequest({
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: this.#producerId,
      v3AndBelowProducerEpoch: this.#producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions: [partition] }],
    });
    await this.#untilAnswered('add', async () => {
      const answer = await this.#askCoordinator(TRANSACTION, transactionalId, addPartitions, request);
      return { errorCode: answer.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode };
    });
  }

  async #addOffsets(groupId: string): Promise<void> {
    const { transactionalId } = this.#options;
    const request = newAddOffsetsToTxnRequest({
      transactionalId,
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      groupId,
    });
    await this.#untilAnswered('add offsets', () =>
      this.#askCoordinator(TRANSACTION, transactionalId, addOffsets, request),
    );
  }

  /** A new epoch begins its sequences anew. */
  #takeProducer(producerId: bigint, producerEpoch: number): void {
    if (producerId !== this.#producerId || producerEpoch !== this.#producerEpoch) this.#sequences.clear();
    this.#producerId = producerId;
    this.#producerEpoch = producerEpoch;
  }

  async #untilAnswered<A extends { readonly errorCode: number }>(what: string, ask: () => Promise<A>): Promise<A> {
    const { clock, transactionalId, onRetry } = this.#options;
    for (;;) {
      const answer = await ask().catch((error: unknown) => {
        onRetry?.(what, String(error));
        return undefined;
      });
      if (answer?.errorCode === ErrorCode.NONE) return answer;
      if (answer !== undefined) {
        if (!RETRIABLE.has(answer.errorCode))
          throw new Error(`${transactionalId}: ${what} is answered ${errorName(answer.errorCode)}`);
        onRetry?.(what, errorName(answer.errorCode));
      }
      await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
    }
  }

  /** Asks the coordinator that a broker names. Errors: as of `#ask`; Error when there is none now. */
  async #askCoordinator<Q, A>(keyType: number, key: string, api: ClientApi<Q, A>, request: Q): Promise<A> {
    const { cluster } = this.#options;
    const running = cluster.brokers.filter(({ isRunning }) => isRunning);
    const asked = running[this.#sequences.size % running.length]?.id ?? -1;
    const nodeId = await this.coordinatorNamedBy(asked, keyType, key);
    return this.#ask(nodeId, api, request);
  }

  async #ask<Q, A>(brokerId: number, api: ClientApi<Q, A>, request: Q): Promise<A> {
    const { cluster, dialer, clock } = this.#options;
    if (brokerId < 0) throw new Error('there is nobody to ask');
    let connection = this.#connections.get(brokerId);
    if (connection === undefined || connection.isClosed) {
      connection = await connect({ host: '127.0.0.1', port: cluster.broker(brokerId).port }, dialer, clock);
      this.#connections.set(brokerId, connection);
    }
    return connection.send(api, request, TIMEOUT_MS);
  }
}

const offsetsOf = (name: string, partition: number) =>
  newOffsetFetchRequestTopics({ name, partitionIndexes: [partition] });

const produceApi = { apiKey: ApiKey.PRODUCE, encode: encodeProduceRequest, decode: decodeProduceResponse };
const initProducerId = {
  apiKey: ApiKey.INIT_PRODUCER_ID,
  encode: encodeInitProducerIdRequest,
  decode: decodeInitProducerIdResponse,
};
const endTxn = { apiKey: ApiKey.END_TXN, encode: encodeEndTxnRequest, decode: decodeEndTxnResponse };
const txnOffsetCommit = {
  apiKey: ApiKey.TXN_OFFSET_COMMIT,
  encode: encodeTxnOffsetCommitRequest,
  decode: decodeTxnOffsetCommitResponse,
};
const findCoordinator = {
  apiKey: ApiKey.FIND_COORDINATOR,
  encode: encodeFindCoordinatorRequest,
  decode: decodeFindCoordinatorResponse,
};
const addPartitions = {
  apiKey: ApiKey.ADD_PARTITIONS_TO_TXN,
  maxVersion: 3,
  encode: encodeAddPartitionsToTxnRequest,
  decode: decodeAddPartitionsToTxnResponse,
};
const addOffsets = {
  apiKey: ApiKey.ADD_OFFSETS_TO_TXN,
  encode: encodeAddOffsetsToTxnRequest,
  decode: decodeAddOffsetsToTxnResponse,
};
// Later versions name topics by their ids.
const offsetFetch = {
  apiKey: ApiKey.OFFSET_FETCH,
  maxVersion: 9,
  encode: encodeOffsetFetchRequest,
  decode: decodeOffsetFetchResponse,
};
