/**
 * Fetch (1), versions 4-18: record batches from offsets on, waiting for minBytes up to maxWaitMs.
 *
 * v4 isolation level; v5 log start offset; v7 KIP-227 sessions; v9 KIP-320 leader epochs; v10 zstd; v11 KIP-392 rack; v12 flexible, KIP-595
 * diverging epochs; v13 KIP-516 topic ids; v15 KIP-903 replica state; v16 KIP-951 leader hints; v17 directory id; v18 KIP-1166 high watermark.
 * What was seen before waiting is never sent: every answer comes from a fresh read. Consumers are held to consumer_byte_rate: who would get beyond it
 * gets nothing, and waits (KIP-13, KIP-219). ACLs: READ on each topic; CLUSTER_ACTION for followers.
 */

import { type Clock, finishInTurns, finishNow, type Turns } from '@skarab/base';
import type { UpperBound } from '@skarab/log';
import {
  ApiError,
  ApiKey,
  decodeFetchRequest,
  EMPTY_BYTES,
  ErrorCode,
  encodeFetchResponse,
  type FetchRequest,
  type FetchResponse,
  newFetchResponse,
  newFetchResponsePartitionData,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { FetchAnswer, isRefused, outcomeOf } from '../fetch/fetch-answer.ts';
import { FETCH_TOPIC_IDS_VERSION, type FetchContext, resolveFetchContext } from '../fetch/fetch-context.ts';
import type { FetchPartition } from '../fetch/fetch-session.ts';
import type { FetchSessionCache } from '../fetch/fetch-session-cache.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { ClientQuotas } from '../quota/client-quotas.ts';
import type { FetchWatcher } from '../replica/fetch-watchers.ts';
import type { Partition } from '../replica/partition.ts';
import {
  failedRead,
  type PartitionReadResult,
  type ReadingFollower,
  readElsewhere,
  releaseRecords,
  sizeOf,
  withoutRecords,
} from '../replica/partition-read.ts';
import type { ParkedOperation, Purgatory } from '../replica/purgatory.ts';
import { preferredReadReplica, type ReplicaSelector } from '../replica/replica-selector.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { ReplicationQuota } from '../replica/replication-quota.ts';

/** What the handler works with. */
export interface FetchParts {
  readonly metadata: MetadataCache;
  readonly replicas: ReplicaSet;
  readonly purgatory: Purgatory;
  readonly sessions: FetchSessionCache;
  readonly clock: Clock;
  readonly nodeId: number;
  /** Of `replica.selector.class`; undefined: consumers read from leaders. */
  readonly selectReplica: ReplicaSelector | undefined;
  /** KIP-73: how fast throttled replicas may be served. */
  readonly quota: ReplicationQuota;
  readonly quotas: ClientQuotas;
  /** `fetch.max.bytes` of the broker. */
  readonly maxBytes: () => number;
}

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const SESSIONS_VERSION = 7;
const UNKNOWN_OFFSETS = { highWatermark: -1n, lastStableOffset: -1n, logStartOffset: -1n };
/** From here on consumers may read from followers. */
const RACK_VERSION = 11;
/** Partitions that are read in one turn of the event loop. */
const PARTITIONS_A_TURN = 500;
/** Partitions that may have records in one answer; more is as much as the one who takes them in should do in a turn. */
const MAX_PARTITIONS_WITH_RECORDS = 500;

/** Walk: fetch 2 — session, authorization, one read per partition under a shared budget; answers or waits. */
export function fetchHandler(parts: FetchParts): ApiHandler<FetchRequest, FetchResponse> {
  return {
    apiKey: ApiKey.FETCH,
    decode: decodeFetchRequest,
    encode: encodeFetchResponse,
    isOfBroker: (request) => replicaIdOf(request) >= 0,
    handle: (context, request) => {
      const { isolationLevel } = request;
      if (isolationLevel !== READ_UNCOMMITTED && isolationLevel !== READ_COMMITTED)
        throw new ApiError(ErrorCode.UNKNOWN_SERVER_ERROR);
      const nameOf = (id: string): string | null => parts.metadata.topicById(id)?.name ?? null;
      const resolved = resolveFetchContext(
        request,
        context.apiVersion,
        parts.sessions,
        nameOf,
        parts.clock.monotonicMs(),
      );
      if ('errorCode' in resolved) return newFetchResponse({ errorCode: resolved.errorCode });
      return new FetchCall(parts, context, request, resolved.context).run();
    },
    failure: (request, errorCode, context) =>
      newFetchResponse({
        ...(context.apiVersion >= SESSIONS_VERSION && { errorCode }),
        responses: request.topics.map(({ topic, topicId, partitions }) => ({
          topic,
          topicId,
          partitions: partitions.map(({ partition }) =>
            newFetchResponsePartitionData({
              partitionIndex: partition,
              errorCode,
              ...UNKNOWN_OFFSETS,
              abortedTransactions: [],
              records: EMPTY_BYTES,
            }),
          ),
        })),
      }),
  };
}

/** One fetch from its first read to its answer. */
class FetchCall implements FetchWatcher {
  readonly #parts: FetchParts;
  readonly #context: RequestContext;
  readonly #request: FetchRequest;
  readonly #fetch: FetchContext;
  readonly #replicaId: number;
  readonly #isFollower: boolean;
  readonly #fromLeaderOnly: boolean;
  readonly #isHeldToQuota: boolean;
  readonly #upperBound: UpperBound;
  readonly #maxBytes: number;
  readonly #minBytes: number;
  #readableBytes = 0;
  #watched: Partition[] = [];
  #parked: ParkedOperation | undefined;
  /** What was read before the call is parked may be outdated. */
  #isDisturbed = false;
  #answered: PromiseWithResolvers<FetchResponse> | undefined;

  constructor(parts: FetchParts, context: RequestContext, request: FetchRequest, fetch: FetchContext) {
    this.#parts = parts;
    this.#context = context;
    this.#request = request;
    this.#fetch = fetch;
    this.#replicaId = replicaIdOf(request);
    this.#isFollower = this.#replicaId >= 0;
    this.#fromLeaderOnly = this.#isFollower || context.apiVersion < RACK_VERSION;
    this.#upperBound = this.#isFollower
      ? 'logEnd'
      : request.isolationLevel === READ_COMMITTED
        ? 'lastStable'
        : 'highWatermark';
    this.#isHeldToQuota = !this.#isFollower && parts.quotas.isEnabled;
    const quotaBytes = this.#isHeldToQuota ? parts.quotas.mostFetchedAtOnce(context) : Number.POSITIVE_INFINITY;
    this.#maxBytes = Math.min(request.maxBytes, parts.maxBytes(), quotaBytes);
    this.#minBytes = Math.min(request.minBytes, this.#maxBytes);
  }

  run(): FetchResponse | Promise<FetchResponse> {
    if (this.#fetch.partitions.length > PARTITIONS_A_TURN) return this.#runInTurns();
    const results = finishNow(this.#readAll(true));
    if (this.#isEnough(results)) return this.#answer(results);
    this.#watch();
    return this.#park(results);
  }

  /** As `run`, of so many partitions that they are watched before they are read: others have their turns meanwhile. */
  async #runInTurns(): Promise<FetchResponse> {
    this.#watch();
    try {
      const results = await finishInTurns(this.#readAll(true), this.#parts.clock);
      if (!this.#isEnough(results)) return this.#park(results);
      this.#unwatch();
      return this.#answer(results);
    } catch (error) {
      this.#unwatch();
      throw error;
    }
  }

  #isEnough(results: readonly PartitionReadResult[]): boolean {
    let bytes = 0;
    let mustAnswer = this.#request.maxWaitMs <= 0 || results.every(isRefused);
    for (const result of results) {
      bytes += sizeOf(result);
      const isError = result.errorCode !== ErrorCode.NONE && !isRefused(result);
      if (isError || result.diverging !== undefined || result.preferredReadReplica >= 0) mustAnswer = true;
    }
    this.#readableBytes += bytes;
    return mustAnswer || bytes >= this.#minBytes;
  }

  #watch(): void {
    for (const { topic, partition } of this.#fetch.partitions) {
      const local = topic === null ? undefined : this.#parts.replicas.get(topic, partition);
      if (local === undefined || this.#isHeldBack(local)) continue;
      this.#watched.push(local);
      local.watch(this, this.#isFollower);
    }
  }

  #unwatch(): void {
    for (const partition of this.#watched) partition.unwatch(this);
    this.#watched = [];
  }

  /** Lets go of what was read, which will be read again when there is more. */
  #park(results: readonly PartitionReadResult[]): Promise<FetchResponse> {
    for (const result of results) releaseRecords(result);
    this.#answered = Promise.withResolvers();
    this.#parked = this.#parts.purgatory.park(this.#request.maxWaitMs, () => this.#complete());
    if (this.#isDisturbed) this.onDisturbed();
    return this.#answered.promise;
  }

  onReadable(bytes: number): void {
    this.#readableBytes += bytes;
    if (this.#readableBytes >= this.#minBytes) this.onDisturbed();
  }

  onDisturbed(): void {
    this.#isDisturbed = true;
    if (this.#parked?.complete() === true) this.#complete();
  }

  #complete(): void {
    this.#unwatch();
    const { resolve, reject } = this.#answered!;
    const reading = this.#readAll(false);
    if (this.#fetch.partitions.length <= PARTITIONS_A_TURN) resolve(this.#answer(finishNow(reading)));
    else finishInTurns(reading, this.#parts.clock).then((results) => resolve(this.#answer(results)), reject);
  }

  /** Reads the partitions in order under a shared budget; a turn's worth at a time. */
  *#readAll(isFirstRead: boolean): Turns<PartitionReadResult[]> {
    let budget = this.#maxBytes;
    let withRecords = 0;
    const results: PartitionReadResult[] = [];
    for (const asked of this.#fetch.partitions) {
      const result = this.#read(asked, { budget, minOneMessage: withRecords === 0, isFirstRead });
      const size = sizeOf(result);
      if (size > 0) withRecords++;
      budget = withRecords === MAX_PARTITIONS_WITH_RECORDS ? 0 : Math.max(0, budget - size);
      results.push(result);
      if (results.length % PARTITIONS_A_TURN === 0) yield;
    }
    return results;
  }

  #read(
    asked: FetchPartition,
    {
      budget,
      minOneMessage,
      isFirstRead,
    }: { readonly budget: number; readonly minOneMessage: boolean; readonly isFirstRead: boolean },
  ): PartitionReadResult {
    const { metadata, replicas } = this.#parts;
    if (asked.topic === null) return failedRead(ErrorCode.UNKNOWN_TOPIC_ID);
    const mayRead = this.#isFollower
      ? this.#context.mayDoToCluster('CLUSTER_ACTION')
      : this.#context.mayDo('READ', 'TOPIC', asked.topic);
    if (!mayRead) return failedRead(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    if (metadata.topic(asked.topic)?.partitions[asked.partition] === undefined)
      return failedRead(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    const partition = replicas.get(asked.topic, asked.partition);
    if (partition === undefined) return failedRead(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    if (this.#context.apiVersion >= FETCH_TOPIC_IDS_VERSION && asked.topicId !== partition.topicId) {
      return failedRead(ErrorCode.INCONSISTENT_TOPIC_ID);
    }
    if (asked.maxBytes < 0 || budget < 0) return failedRead(ErrorCode.UNKNOWN_SERVER_ERROR);
    const elsewhere = this.#preferredReadReplica(partition, asked);
    if (elsewhere !== undefined) return readElsewhere(partition.log, elsewhere);
    const result = partition.read({
      fetchOffset: asked.fetchOffset,
      maxBytes: Math.min(asked.maxBytes, budget),
      minOneMessage,
      upperBound: this.#upperBound,
      currentLeaderEpoch: asked.currentLeaderEpoch,
      lastFetchedEpoch: asked.lastFetchedEpoch,
      fromLeaderOnly: this.#fromLeaderOnly,
      follower: this.#isFollower ? this.#follower(asked, isFirstRead) : undefined,
    });
    return this.#isHeldBack(partition) ? withoutRecords(result) : result;
  }

  /** KIP-73: a throttled follower that is out of sync gets nothing while the rate is exceeded. */
  #isHeldBack(partition: Partition): boolean {
    if (!this.#isFollower || partition.leadership?.isr.includes(this.#replicaId) === true) return false;
    const { quota, clock } = this.#parts;
    return quota.holdsBack(partition.topic, partition.index, clock.monotonicMs());
  }

  /** KIP-392: the follower that this consumer should read from instead. */
  #preferredReadReplica(partition: Partition, asked: FetchPartition): number | undefined {
    const { selectReplica, metadata, clock, nodeId } = this.#parts;
    if (selectReplica === undefined || this.#fromLeaderOnly) return undefined;
    if (partition.checkLeaderEpoch(asked.currentLeaderEpoch) !== ErrorCode.NONE) return undefined;
    const selection = {
      select: selectReplica,
      rackOf: (id: number) => metadata.endpoint(id, this.#context.listenerName)?.rack,
      nowMs: () => clock.monotonicMs(),
    };
    return preferredReadReplica(partition, selection, nodeId, this.#request.rackId, asked.fetchOffset);
  }

  #follower({ logStartOffset }: FetchPartition, isFirstRead: boolean): ReadingFollower {
    const brokerEpoch = Number(this.#request.replicaState.replicaEpoch);
    return { replicaId: this.#replicaId, brokerEpoch, logStartOffset, isFirstRead };
  }

  #answer(results: readonly PartitionReadResult[]): FetchResponse {
    const { partitions } = this.#fetch;
    const throttleTimeMs = this.#isHeldToQuota ? this.#throttleMs(results) : 0;
    if (throttleTimeMs > 0) {
      for (const result of results) releaseRecords(result);
      return newFetchResponse({ sessionId: this.#fetch.sessionId, throttleTimeMs });
    }
    const { sessionId, included } = this.#fetch.conclude(results.map(outcomeOf));
    const answer = this.#newAnswer(sessionId);
    const order = partitions.map((_, i) => i);
    const refused = (i: number): boolean => isRefused(results[i]!);
    for (const i of [...order.filter((i) => !refused(i)), ...order.filter(refused)]) {
      if (included[i] !== true) {
        releaseRecords(results[i]!);
        continue;
      }
      const asked = partitions[i]!;
      this.#count(asked, results[i]!);
      answer.add(asked, results[i]!);
    }
    return answer.conclude();
  }

  #newAnswer(sessionId: number): FetchAnswer {
    const { apiVersion, listenerName } = this.#context;
    const { metadata } = this.#parts;
    return new FetchAnswer({ apiVersion, listenerName, upperBound: this.#upperBound, metadata, sessionId });
  }

  /** For how long the consumer has to wait instead of getting this. In a session that goes on, only partitions with records count. */
  #throttleMs(results: readonly PartitionReadResult[]): number {
    const { sessionId, partitions } = this.#fetch;
    const answer = this.#newAnswer(0);
    for (const [i, result] of results.entries())
      if (sessionId === 0 || sizeOf(result) > 0) answer.add(partitions[i]!, result);
    return this.#parts.quotas.onFetching(this.#context, answer.encodedSize);
  }

  /** What followers fetch is not what clients are sent, but may be throttled. */
  #count({ topic, partition }: FetchPartition, result: PartitionReadResult): void {
    const size = sizeOf(result);
    if (size === 0 || topic === null) return;
    const { quota, clock, replicas } = this.#parts;
    const local = replicas.get(topic, partition);
    if (!this.#isFollower && local !== undefined) local.traffic.bytesOut += size;
    else if (this.#isFollower && quota.isThrottled(topic, partition)) quota.record(size, clock.monotonicMs());
  }
}

/** The broker that follows; -1 for consumers. */
function replicaIdOf({ replicaId, replicaState }: FetchRequest): number {
  return Math.max(replicaId, replicaState.replicaId);
}
