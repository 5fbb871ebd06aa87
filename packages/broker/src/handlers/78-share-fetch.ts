/**
 * ShareFetch (78), versions 1-2: acquires records for a member of a share group, and takes its acknowledgements (KIP-932).
 *
 * v1 is the first; v2 KIP-1206 acquire mode with a strict limit of records, KIP-1222 renewal of locks, which fetches nothing. The member's session
 * knows its partitions. Held to consumer_byte_rate: what is over it is sent nevertheless, since it is acquired, and the member waits. ACLs: READ on the group and on each topic.
 */
import {
  ApiKey,
  decodeShareFetchRequest,
  EMPTY_BYTES,
  ErrorCode,
  encodeShareFetchResponse,
  newShareFetchableTopicResponse,
  newShareFetchResponse,
  newShareFetchResponsePartitionData,
  type ShareFetchRequest,
  type ShareFetchResponse,
  type ShareFetchResponsePartitionData,
  Writer,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import type { ClientQuotas } from '../quota/client-quotas.ts';
import { type AcknowledgementResult, acknowledgeAll } from '../share/acknowledgements.ts';
import { hintLeaders } from '../share/leader-hints.ts';
import type { ShareConsumers } from '../share/share-consumers.ts';
import { ShareFetch, type ShareFetchResult } from '../share/share-fetch.ts';
import type { SessionFetch } from '../share/share-session-cache.ts';
import { type TopicIdPartition, textOf } from '../share/topic-id-partition.ts';

const RENEW_VERSION = 2;
const RECORD_LIMIT_MODE = 1;

export function shareFetchHandler(
  consumers: ShareConsumers,
  quotas: ClientQuotas,
): ApiHandler<ShareFetchRequest, ShareFetchResponse> {
  return {
    apiKey: ApiKey.SHARE_FETCH,
    decode: decodeShareFetchRequest,
    encode: encodeShareFetchResponse,
    handle: async (context, request) => {
      const { groupId, memberId } = request;
      const refusal = consumers.refusalOf(groupId, memberId, (group) => context.mayDo('READ', 'GROUP', group));
      if (refusal !== ErrorCode.NONE || groupId === null || memberId === null) return failed(refusal);
      const isRenew = context.apiVersion >= RENEW_VERSION && request.isRenewAck;
      const { maxBytes, minBytes, maxRecords, maxWaitMs } = request;
      if (isRenew && (maxBytes !== 0 || minBytes !== 0 || maxRecords !== 0 || maxWaitMs !== 0))
        return failed(ErrorCode.INVALID_REQUEST);
      const partitions = partitionsOf(consumers, request);
      const fetch = consumers.sessions.onFetch({
        groupId,
        memberId,
        epoch: request.shareSessionEpoch,
        connectionId: context.connection.id,
        partitions,
        forgotten: request.forgottenTopicsData.flatMap((topic) =>
          topic.partitions.map((partition) => consumers.named(topic.topicId, partition)),
        ),
        hasAcknowledgements: acknowledgementsOf(consumers, request).some(({ batches }) => batches.length > 0),
      });
      if (typeof fetch === 'number') return refuseSession(consumers, fetch, maxWaitMs);
      const response = await new ShareFetchCall(consumers, context, request, groupId, memberId, fetch, isRenew).run();
      if (quotas.isEnabled) response.throttleTimeMs = quotas.onFetched(context, sizeOf(response, context.apiVersion));
      return response;
    },
    failure: (_request, errorCode) => failed(errorCode),
  };
}

function sizeOf(response: ShareFetchResponse, version: number): number {
  const writer = new Writer();
  encodeShareFetchResponse(writer, response, version);
  return writer.size;
}

function failed(errorCode: number): ShareFetchResponse {
  return newShareFetchResponse({ errorCode });
}

/** A member beyond the limit of sessions is told so after its time, so that it does not ask all the time. */
function refuseSession(
  { purgatory }: ShareConsumers,
  error: ErrorCode,
  maxWaitMs: number,
): ShareFetchResponse | Promise<ShareFetchResponse> {
  if (error !== ErrorCode.SHARE_SESSION_LIMIT_REACHED) return failed(error);
  return new Promise((resolve) => void purgatory.park(Math.max(0, maxWaitMs), () => resolve(failed(error))));
}

function partitionsOf(consumers: ShareConsumers, { topics }: ShareFetchRequest): TopicIdPartition[] {
  return topics.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partitionIndex }) => consumers.named(topicId, partitionIndex)),
  );
}

function acknowledgementsOf(consumers: ShareConsumers, { topics }: ShareFetchRequest) {
  return topics.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partitionIndex, acknowledgementBatches }) => ({
      at: consumers.named(topicId, partitionIndex),
      batches: acknowledgementBatches,
    })),
  );
}

/** One fetch with a session. */
class ShareFetchCall {
  readonly #consumers: ShareConsumers;
  readonly #context: RequestContext;
  readonly #request: ShareFetchRequest;
  readonly #groupId: string;
  readonly #memberId: string;
  readonly #fetch: SessionFetch;
  readonly #isRenew: boolean;

  constructor(
    consumers: ShareConsumers,
    context: RequestContext,
    request: ShareFetchRequest,
    groupId: string,
    memberId: string,
    fetch: SessionFetch,
    isRenew: boolean,
  ) {
    this.#consumers = consumers;
    this.#context = context;
    this.#request = request;
    this.#groupId = groupId;
    this.#memberId = memberId;
    this.#fetch = fetch;
    this.#isRenew = isRenew;
  }

  async run(): Promise<ShareFetchResponse> {
    const acknowledged = this.#acknowledge();
    const fetched = this.#isRenew || this.#fetch.kind === 'final' ? [] : await this.#acquire();
    const response = this.#answer(fetched, await acknowledged);
    if (this.#fetch.kind === 'final') this.#consumers.endSession(this.#fetch.session);
    return response;
  }

  #acknowledge(): Promise<AcknowledgementResult[]> {
    const asked = acknowledgementsOf(this.#consumers, this.#request);
    if (!asked.some(({ batches }) => batches.length > 0)) return Promise.resolve([]);
    const context = {
      groupId: this.#groupId,
      memberId: this.#memberId,
      supportsRenew: this.#context.apiVersion >= RENEW_VERSION,
      isRenew: this.#isRenew,
      mayRead: (topic: string) => this.#context.mayDo('READ', 'TOPIC', topic),
      exists: (at: TopicIdPartition) => this.#consumers.exists(at),
    };
    return acknowledgeAll(this.#consumers.partitions, context, asked);
  }

  async #acquire(): Promise<readonly ShareFetchResult[]> {
    const request = this.#request;
    const { session } = this.#fetch;
    const refused: ShareFetchResult[] = [];
    const interesting: TopicIdPartition[] = [];
    for (const at of session.partitions) {
      const errorCode = this.#refusalOf(at);
      if (errorCode === ErrorCode.NONE) interesting.push(at);
      else refused.push({ at, errorCode, records: EMPTY_BYTES, acquired: [] });
    }
    const maxBytes = Math.min(request.maxBytes, this.#consumers.maxBytes);
    const options = {
      groupId: this.#groupId,
      memberId: this.#memberId,
      partitions: rotated(interesting, request.shareSessionEpoch),
      maxWaitMs: request.maxWaitMs,
      minBytes: Math.min(request.minBytes, maxBytes),
      maxBytes,
      maxRecords: request.maxRecords,
      batchSize: request.batchSize,
      isRecordLimit: request.shareAcquireMode === RECORD_LIMIT_MODE,
    };
    const results = await new ShareFetch(options, this.#consumers.partitions, this.#consumers.purgatory).run();
    return [...results, ...refused];
  }

  #refusalOf(at: TopicIdPartition): ErrorCode {
    if (at.topic === null) return ErrorCode.UNKNOWN_TOPIC_ID;
    if (!this.#context.mayDo('READ', 'TOPIC', at.topic)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
    return this.#consumers.exists(at) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  }

  #answer(fetched: readonly ShareFetchResult[], acknowledged: readonly AcknowledgementResult[]): ShareFetchResponse {
    const { session, kind } = this.#fetch;
    const data = new Map<string, { readonly topicId: string; readonly partition: ShareFetchResponsePartitionData }>();
    for (const { at, errorCode, records, acquired } of fetched) {
      const isIncluded = kind !== 'next' || session.include(at, records.length > 0, errorCode !== ErrorCode.NONE);
      if (isIncluded)
        data.set(textOf(at), { topicId: at.topicId, partition: partitionData(at, errorCode, records, acquired) });
    }
    for (const { at, errorCode, errorMessage } of acknowledged) {
      const known = data.get(textOf(at)) ?? {
        topicId: at.topicId,
        partition: partitionData(at, ErrorCode.NONE, EMPTY_BYTES, []),
      };
      known.partition.acknowledgeErrorCode = errorCode;
      known.partition.acknowledgeErrorMessage = errorMessage;
      data.set(textOf(at), known);
    }
    const response = newShareFetchResponse({
      acquisitionLockTimeoutMs: this.#consumers.partitions.settings(this.#groupId).recordLockDurationMs,
    });
    for (const { topicId, partition } of data.values()) {
      let topic = response.responses.find((one) => one.topicId === topicId);
      if (topic === undefined) {
        topic = newShareFetchableTopicResponse({ topicId });
        response.responses.push(topic);
      }
      topic.partitions.push(partition);
    }
    const { metadata } = this.#consumers;
    hintLeaders(metadata, this.#context.listenerName, response.responses, response.nodeEndpoints);
    return response;
  }
}

function partitionData(
  { partition }: TopicIdPartition,
  errorCode: number,
  records: Uint8Array,
  acquired: ShareFetchResult['acquired'],
): ShareFetchResponsePartitionData {
  return newShareFetchResponsePartitionData({
    partitionIndex: partition,
    errorCode,
    records,
    acquiredRecords: acquired.map(({ firstOffset, lastOffset, deliveryCount }) => ({
      firstOffset: BigInt(firstOffset),
      lastOffset: BigInt(lastOffset),
      deliveryCount,
    })),
  });
}

/** Another partition comes first in each request, so that none starves. */
function rotated(partitions: readonly TopicIdPartition[], epoch: number): readonly TopicIdPartition[] {
  if (partitions.length < 2 || epoch < 1) return partitions;
  const at = epoch % partitions.length;
  return [...partitions.slice(at), ...partitions.slice(0, at)];
}
