/**
 * Produce (0), versions 3-13 (advertised from 0 for librdkafka): appends record batches.
 *
 * v3 batches of magic 2 only; v5 log start offset; v7 zstd; v8 KIP-467 record errors; v9 flexible; v10 KIP-951 current leader; v11 TRANSACTION_ABORTABLE;
 * v12 KIP-890 brings the partition into the transaction, before it must be there; v13 KIP-516 topic ids.
 * acks 0 answers nothing and ends the connection on any error; 1 answers after the write; -1 when the in-sync replicas have it.
 * Held to producer_byte_rate: what is over it is taken, and the client waits (KIP-13, KIP-219). ACLs: WRITE on each topic, and on the transactional id for batches of a transaction.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  decodeProduceRequest,
  ErrorCode,
  encodeProduceResponse,
  newPartitionProduceResponse,
  newProduceResponse,
  type PartitionProduceResponse,
  type ProduceRequest,
  type ProduceResponse,
  type TopicProduceData,
  type TopicProduceResponse,
} from '@skarab/protocol';
import { validateProduceBatches } from '@skarab/records';
import {
  keyOf,
  type ProduceVerdict,
  soleProducerOf,
  type TransactionalBatch,
  transactionalBatchOf,
  verifyProduce,
} from '../coordinator/produce-verification.ts';
import type { TransactionVerification } from '../coordinator/transaction-verification.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { ConnectionTurns } from '../dispatch/connection-turns.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { isInternalTopic } from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { ClientQuotas } from '../quota/client-quotas.ts';
import type { Purgatory } from '../replica/purgatory.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import { hasTransactionalBatch } from '../replica/transactional-batch.ts';

/** What the handler works with. */
export interface ProduceParts {
  readonly metadata: MetadataCache;
  readonly replicas: ReplicaSet;
  readonly purgatory: Purgatory;
  readonly verification: TransactionVerification;
  readonly quotas: ClientQuotas;
}

const TOPIC_IDS_VERSION = 13;
const LEADER_HINT_VERSION = 10;
/** Refusals that Kafka answers without the log start offset. */
const WITHOUT_LOG_START: ReadonlySet<number> = new Set([
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
]);
/** The one client that may write internal topics. */
const ADMIN_CLIENT_ID = '__admin_client';

/** Walk: produce 4 — acks, topics, authorization; then one append per partition and a wait for all of them. */
export function produceHandler(parts: ProduceParts): ApiHandler<ProduceRequest, ProduceResponse> {
  const turns = new ConnectionTurns();
  return {
    apiKey: ApiKey.PRODUCE,
    decode: decodeProduceRequest,
    encode: encodeProduceResponse,
    overlaps: true,
    recyclesFrame: true,
    handle: (context, request) => new ProduceCall(parts, turns, context, request).run(),
    failure: (request, errorCode) => (request.acks === 0 ? null : failedResponse(request, errorCode)),
  };
}

/** A partition that has appended its batch and does not yet acknowledge it. */
interface Wait {
  readonly answer: PartitionProduceResponse;
  isOpen: boolean;
  /** Takes the wait back. */
  leave: (() => void) | undefined;
}

/** One produce request from its appends to its answer. */
class ProduceCall {
  readonly #parts: ProduceParts;
  readonly #turns: ConnectionTurns;
  readonly #context: RequestContext;
  readonly #request: ProduceRequest;
  readonly #response = newProduceResponse();
  /** Of the partitions that are written to within a transaction. */
  #verdicts: ReadonlyMap<string, ProduceVerdict> | undefined;
  #open = 1;
  #hasError = false;
  #finish: ((response: ProduceResponse | null) => void) | undefined;
  readonly #waiting: Wait[] = [];

  constructor(parts: ProduceParts, turns: ConnectionTurns, context: RequestContext, request: ProduceRequest) {
    this.#parts = parts;
    this.#turns = turns;
    this.#context = context;
    this.#request = request;
  }

  run(): ProduceResponse | null | Promise<ProduceResponse | null> {
    return hasTransactionalBatch(this.#request.topicData) ? this.#verifyAndAppend() : this.#append();
  }

  /** Has the transaction verified first: what comes back goes with the batches into the logs. */
  async #verifyAndAppend(): Promise<ProduceResponse | null> {
    using _turn = await this.#turns.take(this.#context.connection);
    const { transactionalId } = this.#request;
    if (transactionalId === null || !this.#context.mayDo('WRITE', 'TRANSACTIONAL_ID', transactionalId))
      return failedResponse(this.#request, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    const batches = this.#transactionalBatches();
    const producer = soleProducerOf(batches);
    if (producer === null && batches.length > 0)
      return failedResponse(this.#request, ErrorCode.INVALID_PRODUCER_ID_MAPPING);
    if (producer !== null) {
      const { verification } = this.#parts;
      const who = { transactionalId, producerId: producer.producerId, producerEpoch: producer.producerEpoch };
      this.#verdicts = await verifyProduce(verification, who, batches, this.#context.apiVersion);
    }
    // Not awaited: the turn ends when the batches are staged, not when they are replicated.
    return this.#append();
  }

  /** The batches of a transaction that will be appended if nothing is against it. */
  #transactionalBatches(): TransactionalBatch[] {
    const { apiVersion } = this.#context;
    const usesIds = apiVersion >= TOPIC_IDS_VERSION;
    return this.#request.topicData.flatMap((topic) => {
      const known = usesIds ? this.#parts.metadata.topicById(topic.topicId) : this.#parts.metadata.topic(topic.name);
      if (known === undefined || this.#refusal(known.name, usesIds) !== ErrorCode.NONE) return [];
      return topic.partitionData.flatMap(({ index, records }) => {
        const bytes = records as Uint8Array | null;
        if (known.partitions[index] === undefined || validateProduceBatches(bytes, apiVersion) !== null) return [];
        return transactionalBatchOf(known.name, index, bytes!) ?? [];
      });
    });
  }

  #append(): ProduceResponse | null | Promise<ProduceResponse | null> {
    const { topicData, acks, timeoutMs } = this.#request;
    for (const topic of topicData) this.#appendTopic(topic);
    this.#close();
    if (this.#open === 0) return this.#answer();
    return new Promise((resolve) => {
      const parked = acks === -1 ? this.#parts.purgatory.park(timeoutMs, () => this.#onTimeout()) : undefined;
      this.#finish = (response) => {
        parked?.complete();
        resolve(response);
      };
    });
  }

  #appendTopic(topic: TopicProduceData): void {
    const usesIds = this.#context.apiVersion >= TOPIC_IDS_VERSION;
    const name = usesIds ? (this.#parts.metadata.topicById(topic.topicId)?.name ?? '') : topic.name;
    const refusal = this.#refusal(name, usesIds);
    const { partitionResponses } = this.#responseOf(name, usesIds ? topic.topicId : ZERO_UUID);
    for (const { index, records } of topic.partitionData) {
      const answer = newPartitionProduceResponse({ index, baseOffset: -1n });
      partitionResponses.push(answer);
      if (refusal !== ErrorCode.NONE) this.#fail(answer, refusal);
      else this.#appendPartition(name, answer, records as Uint8Array | null);
    }
  }

  /** A topic that is asked for twice is answered once. */
  #responseOf(name: string, topicId: string): TopicProduceResponse {
    const { responses } = this.#response;
    const known = responses.find((response) => response.name === name && response.topicId === topicId);
    if (known !== undefined) return known;
    const fresh = { name, topicId, partitionResponses: [] };
    responses.push(fresh);
    return fresh;
  }

  #refusal(name: string, usesIds: boolean): number {
    if (usesIds && name === '') return ErrorCode.UNKNOWN_TOPIC_ID;
    if (!this.#context.mayDo('WRITE', 'TOPIC', name)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
    return ErrorCode.NONE;
  }

  #appendPartition(topic: string, answer: PartitionProduceResponse, records: Uint8Array | null): void {
    const { metadata, replicas } = this.#parts;
    const { acks } = this.#request;
    if (metadata.topic(topic)?.partitions[answer.index] === undefined) {
      this.#fail(answer, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      return;
    }
    const malformed = validateProduceBatches(records, this.#context.apiVersion);
    if (malformed !== null) {
      // Only what cannot be read at all is told in words, as in Kafka.
      this.#fail(answer, malformed.error, malformed.error === ErrorCode.CORRUPT_MESSAGE ? malformed.message : null);
      return;
    }
    const verdict = this.#verdicts?.get(keyOf(topic, answer.index));
    if (verdict !== undefined && 'message' in verdict) {
      this.#fail(answer, verdict.errorCode, verdict.message);
      return;
    }
    if (acks !== 0 && acks !== 1 && acks !== -1) {
      this.#fail(answer, ErrorCode.INVALID_REQUIRED_ACKS);
      return;
    }
    if (isInternalTopic(topic) && this.#context.clientId !== ADMIN_CLIENT_ID) {
      this.#fail(answer, ErrorCode.INVALID_TOPIC_EXCEPTION);
      return;
    }
    const partition = replicas.get(topic, answer.index);
    if (partition === undefined) {
      this.#fail(answer, ErrorCode.NOT_LEADER_OR_FOLLOWER);
      return;
    }
    const guard = verdict?.guard ?? null;
    const result = partition.append(records!, acks, 'client', guard === null ? {} : { verificationGuard: guard });
    answer.logStartOffset = BigInt(WITHOUT_LOG_START.has(result.errorCode) ? -1 : result.logStartOffset);
    if ('errorMessage' in result) {
      // As in Kafka, clients are told in words only about single records.
      this.#fail(answer, result.errorCode, result.recordErrors.length > 0 ? result.errorMessage : null);
      answer.recordErrors = result.recordErrors.map(({ batchIndex, message }) => ({
        batchIndex,
        batchIndexErrorMessage: message,
      }));
      return;
    }
    const wait: Wait = { answer, isOpen: true, leave: undefined };
    this.#waiting.push(wait);
    this.#open++;
    wait.leave = partition.whenAcknowledged(acks, result.nextOffset, (errorCode) => {
      if (!wait.isOpen) return;
      wait.isOpen = false;
      if (errorCode === ErrorCode.NONE) {
        answer.baseOffset = BigInt(result.baseOffset);
        answer.logAppendTimeMs = BigInt(result.logAppendTimeMs);
      } else this.#fail(answer, errorCode);
      this.#close();
    });
  }

  #fail(answer: PartitionProduceResponse, errorCode: number, message: string | null = null): void {
    this.#hasError = true;
    answer.errorCode = errorCode;
    answer.errorMessage = message;
  }

  #close(): void {
    this.#open--;
    if (this.#open === 0) this.#finish?.(this.#answer());
  }

  #onTimeout(): void {
    for (const wait of this.#waiting) {
      if (!wait.isOpen) continue;
      wait.isOpen = false;
      wait.leave?.();
      this.#fail(wait.answer, ErrorCode.REQUEST_TIMED_OUT);
      this.#open--;
    }
    this.#finish?.(this.#answer());
  }

  #answer(): ProduceResponse | null {
    const { quotas } = this.#parts;
    const throttleMs = quotas.isEnabled ? quotas.onProduced(this.#context) : 0;
    if (this.#request.acks === 0) {
      if (this.#hasError) this.#context.connection.close('produce with acks=0 failed');
      else if (throttleMs > 0) this.#context.connection.mute(throttleMs);
      return null;
    }
    this.#response.throttleTimeMs = throttleMs;
    if (this.#hasError && this.#context.apiVersion >= LEADER_HINT_VERSION) this.#hintLeaders();
    return this.#response;
  }

  /** KIP-951: who does not lead says who does. */
  #hintLeaders(): void {
    const { metadata } = this.#parts;
    const endpoints = new Map<number, { nodeId: number; host: string; port: number; rack: string | null }>();
    for (const topic of this.#response.responses) {
      for (const answer of topic.partitionResponses) {
        if (answer.errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER) continue;
        const known = metadata.topic(topic.name)?.partitions[answer.index];
        if (known === undefined) continue;
        answer.currentLeader = { leaderId: known.leader, leaderEpoch: known.leaderEpoch };
        const node = metadata.endpoint(known.leader, this.#context.listenerName);
        if (node !== undefined)
          endpoints.set(node.nodeId, { nodeId: node.nodeId, host: node.host, port: node.port, rack: node.rack });
      }
    }
    this.#response.nodeEndpoints = [...endpoints.values()];
  }
}

function failedResponse(request: ProduceRequest, errorCode: number): ProduceResponse {
  return newProduceResponse({
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) =>
        newPartitionProduceResponse({ index, errorCode, baseOffset: -1n }),
      ),
    })),
  });
}
