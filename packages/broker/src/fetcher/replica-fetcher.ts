/**
 * Follows the partitions that one other broker leads: what to fetch next, and what to do with what comes.
 *
 * ```
 *  added ─► (no epoch in the log: cut at the high watermark) ─► fetching ─► data: append ─► fetching
 *                                                                 │ ├── diverging epoch: truncate ──┘
 *                                                                 │ ├── out of range: the host asks for the leader's bounds ─► fetching
 *                                                                 │ └── refused: delayed by up to replica.fetch.backoff.ms ─► fetching
 *                                                                 └─ fenced, or storage failed: given up until the next leader epoch
 * ```
 * A response counts for a partition only if its state is still the one that was asked with. Shape: reactor over the logs of its partitions, times as
 * arguments; the host sends. Source: kafka.server.AbstractFetcherThread, ReplicaFetcherThread.
 */
import { type Logger, StorageError } from '@skarab/base';
import { type AppendResult, FileSlice } from '@skarab/log';
import { ErrorCode, errorName, type FetchResponse, type FetchResponsePartitionData } from '@skarab/protocol';
import type { Partition } from '../replica/partition.ts';
import type { ReplicationQuota } from '../replica/replication-quota.ts';
import { type AskedPartition, FetchSessionHandler, type SessionRequest } from './fetch-session-handler.ts';
import { truncationPoint } from './truncation-point.ts';

/** What a fetcher is made of. */
export interface ReplicaFetcherOptions {
  /** `replica.fetch.max.bytes`. */
  readonly maxPartitionBytes: () => number;
  /** `replica.fetch.backoff.ms`; a leader that does not know yet that it leads is asked again sooner, at first. */
  readonly backoffMs: () => number;
  /** KIP-73: how fast throttled replicas may follow. */
  readonly quota: ReplicationQuota;
  /** Writes what is staged, so that it is visible. */
  readonly flushStaged: () => void;
  readonly logger: Logger;
}

/** One followed partition. */
interface FollowedPartition {
  readonly partition: Partition;
  readonly leaderEpoch: number;
  fetchOffset: number;
  /** -1: none. */
  lastFetchedEpoch: number;
  /** Not asked for before this time. */
  delayedUntilMs: number;
  /** Refusals one after the other by a leader that is behind in the metadata. */
  refusals: number;
  /** What was missing below the leader's high watermark when last heard of; undefined before. */
  lag: number | undefined;
}

/** What the host has to do next. */
export type FetcherStep =
  | { readonly kind: 'fetch'; readonly request: SessionRequest }
  /** Nothing before this time, undefined: until something is added. */
  | { readonly kind: 'wait'; readonly untilMs: number | undefined };

/** A partition whose fetch offset is not in the leader's log. */
export interface OutOfRange {
  readonly partition: Partition;
  readonly leaderEpoch: number;
}

/** The bounds of a leader's log. */
export interface LeaderBounds {
  readonly startOffset: number;
  readonly endOffset: number;
}

/** Errors that the next request, which is full, puts right. */
const SESSION_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  ErrorCode.INVALID_FETCH_SESSION_EPOCH,
  ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
]);

/**
 * Errors of a leader that has not taken in the metadata that this replica knows: a matter of milliseconds, in which writers with acks=all wait
 * for this replica. Kafka waits for the whole backoff.
 */
const LEADER_IS_BEHIND: ReadonlySet<number> = new Set([
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.UNKNOWN_LEADER_EPOCH,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
]);
/** After the first such refusal; doubled with each that follows. */
const FIRST_DELAY_MS = 10;

export class ReplicaFetcher {
  readonly #options: ReplicaFetcherOptions;
  readonly #session = new FetchSessionHandler();
  /** In the order in which they are asked for; one that got data moves to the end. */
  readonly #followed = new Map<string, FollowedPartition>();
  #asked: ReadonlyMap<string, AskedPartition> = new Map();

  constructor(options: ReplicaFetcherOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#followed.size;
  }

  /** Begins to follow in the leader epoch of the partition's metadata; nothing happens when it does that already. */
  add(partition: Partition): void {
    const key = keyOf(partition.topicId, partition.index);
    const { leaderEpoch, log } = partition;
    const known = this.#followed.get(key);
    if (known?.partition === partition && known.leaderEpoch === leaderEpoch) return;
    const followed = {
      partition,
      leaderEpoch,
      fetchOffset: log.logEndOffset,
      lastFetchedEpoch: -1,
      delayedUntilMs: 0,
      refusals: 0,
      lag: undefined,
    };
    this.#followed.delete(key);
    this.#followed.set(key, followed);
    // Records without epochs can be told from the leader's only where they are known to be replicated.
    this.#guarded(key, followed, () => {
      if (log.latestEpoch === null) this.#truncate(followed, log.highWatermark);
      followed.lastFetchedEpoch = log.latestEpoch ?? -1;
    });
  }

  remove(partition: Partition): void {
    this.#followed.delete(keyOf(partition.topicId, partition.index));
  }

  /** The largest lag of all partitions. */
  get maxLag(): number {
    let lag = 0;
    for (const followed of this.#followed.values()) lag = Math.max(lag, followed.lag ?? 0);
    return lag;
  }

  /** What to do now. */
  next(nowMs: number): FetcherStep {
    const wanted = new Map<string, AskedPartition>();
    let untilMs: number | undefined;
    const { quota, backoffMs } = this.#options;
    for (const [key, followed] of this.#followed) {
      const { partition, lag } = followed;
      const isHeldBack = lag !== 0 && quota.holdsBack(partition.topic, partition.index, nowMs);
      const delayedUntilMs = isHeldBack ? nowMs + backoffMs() : followed.delayedUntilMs;
      if (delayedUntilMs > nowMs) untilMs = Math.min(untilMs ?? delayedUntilMs, delayedUntilMs);
      // What is written but not synced yet (flush.messages) may not be counted as replicated.
      else if (partition.log.logEndOffset >= followed.fetchOffset) wanted.set(key, this.#ask(followed));
    }
    const request = this.#session.build(wanted);
    if (request === undefined) return { kind: 'wait', untilMs };
    this.#asked = wanted;
    return { kind: 'fetch', request };
  }

  /** The request of `next` failed: nothing is known, everything is delayed. */
  onFailure(nowMs: number): void {
    this.#session.onFailure();
    for (const followed of this.#followed.values()) this.#delay(followed, nowMs, this.#options.backoffMs());
  }

  /** The response to the request of `next`. Returns the partitions that the leader's bounds are needed for. */
  onResponse(response: FetchResponse, nowMs: number): OutOfRange[] {
    if (!this.#session.onResponse(response.errorCode, response.sessionId)) {
      if (!SESSION_ERRORS.has(response.errorCode)) this.onFailure(nowMs);
      return [];
    }
    const outOfRange: OutOfRange[] = [];
    const appended: {
      readonly key: string;
      readonly followed: FollowedPartition;
      readonly data: FetchResponsePartitionData;
    }[] = [];
    for (const { topicId, partitions } of response.responses) {
      for (const data of partitions) {
        const key = keyOf(topicId, data.partitionIndex);
        const followed = this.#current(key, nowMs);
        if (followed === undefined) continue;
        const { errorCode } = data;
        if (errorCode === ErrorCode.NONE) {
          followed.refusals = 0;
          this.#guarded(key, followed, () => {
            if (this.#take(key, followed, data, nowMs)) appended.push({ key, followed, data });
          });
        } else if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
          outOfRange.push({ partition: followed.partition, leaderEpoch: followed.leaderEpoch });
        } else this.#onRefusal(key, followed, errorCode, nowMs);
      }
    }
    this.#options.flushStaged();
    for (const { key, followed, data } of appended) {
      const { partition } = followed;
      if (partition.isOffline) continue;
      const highWatermark = Number(data.highWatermark);
      this.#guarded(key, followed, () => {
        partition.onLeaderOffsets(highWatermark, Number(data.logStartOffset));
        followed.lag = Math.max(0, highWatermark - followed.fetchOffset);
      });
    }
    return outOfRange;
  }

  /** The leader's bounds, or why they are not known: fetching goes on within them. */
  onLeaderBounds({ partition, leaderEpoch }: OutOfRange, bounds: LeaderBounds | number, nowMs: number): void {
    const key = keyOf(partition.topicId, partition.index);
    const followed = this.#followed.get(key);
    if (followed?.partition !== partition || followed.leaderEpoch !== leaderEpoch) return;
    if (typeof bounds === 'number') {
      this.#onRefusal(key, followed, bounds, nowMs);
      return;
    }
    const { log } = partition;
    this.#guarded(key, followed, () => {
      if (bounds.endOffset < log.logEndOffset) this.#truncate(followed, bounds.endOffset);
      else if (bounds.startOffset > log.logEndOffset) partition.truncateFullyAndStartAt(bounds.startOffset);
      followed.fetchOffset = log.logEndOffset;
      followed.lastFetchedEpoch = log.latestEpoch ?? -1;
      this.#options.logger.info(
        { topic: partition.topic, partition: partition.index, offset: followed.fetchOffset },
        'fetch offset was out of range and is reset',
      );
    });
  }

  #ask({ partition, fetchOffset, lastFetchedEpoch, leaderEpoch }: FollowedPartition): AskedPartition {
    return {
      topicId: partition.topicId,
      partition: partition.index,
      fetchOffset,
      logStartOffset: partition.log.logStartOffset,
      maxBytes: this.#options.maxPartitionBytes(),
      currentLeaderEpoch: leaderEpoch,
      lastFetchedEpoch,
    };
  }

  /** The partition if it still is as it was when it was asked for. */
  #current(key: string, nowMs: number): FollowedPartition | undefined {
    const followed = this.#followed.get(key);
    const asked = this.#asked.get(key);
    if (followed === undefined || asked === undefined || followed.delayedUntilMs > nowMs) return undefined;
    if (asked.fetchOffset === followed.fetchOffset && asked.currentLeaderEpoch === followed.leaderEpoch)
      return followed;
    // The leader will not say again what it has said; in a new session it will.
    this.#session.onFailure();
    return undefined;
  }

  /** Truncates or appends; returns whether the leader's offsets apply. */
  #take(key: string, followed: FollowedPartition, data: FetchResponsePartitionData, nowMs: number): boolean {
    const { partition } = followed;
    const { epoch, endOffset } = data.divergingEpoch;
    if (endOffset >= 0n) {
      const point = truncationPoint(partition.log, { epoch, endOffset: Number(endOffset) });
      this.#truncate(followed, point);
      followed.lastFetchedEpoch = partition.log.latestEpoch ?? -1;
      return false;
    }
    if (data.records === null || data.records.byteLength === 0) return true;
    const bytes = data.records instanceof FileSlice ? data.records.toBytes() : (data.records as Uint8Array);
    const result = partition.appendAsFollower(bytes, followed.leaderEpoch);
    if (result.errorCode !== ErrorCode.NONE) {
      this.#onBadData(key, followed, result, nowMs);
      return false;
    }
    const { quota } = this.#options;
    if (quota.isThrottled(partition.topic, partition.index)) quota.record(bytes.byteLength, nowMs);
    if (result.lastOffset < 0) return true;
    followed.fetchOffset = result.lastOffset + 1;
    if (result.lastLeaderEpoch >= 0) followed.lastFetchedEpoch = result.lastLeaderEpoch;
    this.#followed.delete(key);
    this.#followed.set(key, followed);
    return true;
  }

  #truncate(followed: FollowedPartition, offset: number): void {
    const { partition } = followed;
    const { log } = partition;
    if (offset < log.logEndOffset) {
      this.#options.logger.info(
        { topic: partition.topic, partition: partition.index, from: log.logEndOffset, to: offset },
        'truncating a replica to what its leader has',
      );
    }
    partition.truncateTo(offset);
    followed.fetchOffset = log.logEndOffset;
  }

  #onBadData(key: string, followed: FollowedPartition, result: AppendResult, nowMs: number): void {
    const isTransient = result.errorCode === ErrorCode.CORRUPT_MESSAGE || result.errorCode === ErrorCode.INVALID_RECORD;
    if (isTransient) this.#delay(followed, nowMs, this.#options.backoffMs());
    else this.#followed.delete(key);
    const { topic, index: partition } = followed.partition;
    this.#options.logger.error({ topic, partition, error: result.errorMessage }, 'cannot append what the leader sent');
  }

  #onRefusal(key: string, followed: FollowedPartition, errorCode: number, nowMs: number): void {
    const { topic, index: partition } = followed.partition;
    this.#options.logger.debug({ topic, partition, error: errorName(errorCode) }, 'the leader refuses a fetch');
    // A leader of a later epoch: the metadata will tell who it is.
    if (errorCode === ErrorCode.FENCED_LEADER_EPOCH) this.#followed.delete(key);
    else if (LEADER_IS_BEHIND.has(errorCode)) {
      const delayMs = FIRST_DELAY_MS * 2 ** followed.refusals++;
      this.#delay(followed, nowMs, Math.min(delayMs, this.#options.backoffMs()));
    } else this.#delay(followed, nowMs, this.#options.backoffMs());
  }

  #delay(followed: FollowedPartition, nowMs: number, delayMs: number): void {
    if (followed.delayedUntilMs <= nowMs) followed.delayedUntilMs = nowMs + delayMs;
  }

  /** Does something to a log; a partition whose storage fails is given up. */
  #guarded(key: string, { partition }: FollowedPartition, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#followed.delete(key);
      const { topic, index } = partition;
      this.#options.logger.error({ topic, partition: index, error: error.message }, 'cannot go on following');
    }
  }
}

function keyOf(topicId: string, partition: number): string {
  return `${topicId}\u0000${partition}`;
}
