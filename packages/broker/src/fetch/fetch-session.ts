/**
 * Incremental fetch sessions: what one fetcher reads, remembered between its requests. Source: KIP-227, kafka.server.FetchSession.
 *
 * A session keeps its partitions in the order in which they are served; one that returned data moves to the end, so that nobody starves.
 * Owns no log and answers no request. Shape: plain state, one epoch per request.
 */
import { ErrorCode } from '@skarab/protocol';

/** One partition as a fetcher asks for it. */
export interface FetchPartition {
  readonly topicId: string;
  /** Name of the topic; null while the topic id is unknown. */
  topic: string | null;
  readonly partition: number;
  fetchOffset: number;
  maxBytes: number;
  /** -1 where the fetcher does not say. */
  currentLeaderEpoch: number;
  lastFetchedEpoch: number;
  logStartOffset: number;
}

/** What the session told the fetcher last, to leave out what has not changed. */
export interface SessionPartition extends FetchPartition {
  sentHighWatermark: number;
  sentLogStartOffset: number;
}

/** The outcome of one partition, as far as sessions look at it. */
export interface FetchOutcome {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly recordsBytes: number;
  readonly diverging: boolean;
  readonly preferredReadReplica: number;
}

const MAX_EPOCH = 0x7fffffff;

/** The key of a partition in a session: by id where the fetcher speaks ids, by name otherwise. */
export function sessionKey(
  usesTopicIds: boolean,
  partition: Pick<FetchPartition, 'topicId' | 'topic' | 'partition'>,
): string {
  return `${usesTopicIds ? partition.topicId : partition.topic}\u0000${partition.partition}`;
}

export class FetchSession {
  readonly id: number;
  readonly usesTopicIds: boolean;
  readonly isFollower: boolean;
  readonly createdMs: number;
  readonly #partitions = new Map<string, SessionPartition>();
  lastUsedMs: number;
  epoch = 1;

  constructor(id: number, usesTopicIds: boolean, isFollower: boolean, nowMs: number) {
    this.id = id;
    this.usesTopicIds = usesTopicIds;
    this.isFollower = isFollower;
    this.createdMs = nowMs;
    this.lastUsedMs = nowMs;
  }

  /** Number of partitions. */
  get size(): number {
    return this.#partitions.size;
  }

  /** The partitions in the order in which they are to be served. */
  partitions(): Iterable<SessionPartition> {
    return this.#partitions.values();
  }

  /** Adds or changes a partition; a changed one keeps its place. */
  put(partition: FetchPartition): SessionPartition {
    const key = sessionKey(this.usesTopicIds, partition);
    const known = this.#partitions.get(key);
    if (known === undefined) {
      const added = { ...partition, sentHighWatermark: -1, sentLogStartOffset: -1 };
      this.#partitions.set(key, added);
      return added;
    }
    known.topic = partition.topic ?? known.topic;
    known.fetchOffset = partition.fetchOffset;
    known.maxBytes = partition.maxBytes;
    known.currentLeaderEpoch = partition.currentLeaderEpoch;
    known.lastFetchedEpoch = partition.lastFetchedEpoch;
    known.logStartOffset = partition.logStartOffset;
    return known;
  }

  /** Takes a partition out. */
  forget(partition: Pick<FetchPartition, 'topicId' | 'topic' | 'partition'>): void {
    this.#partitions.delete(sessionKey(this.usesTopicIds, partition));
  }

  /** Whether the outcome belongs into an incremental response. */
  isNews(partition: SessionPartition, outcome: FetchOutcome): boolean {
    return (
      outcome.recordsBytes > 0 ||
      outcome.errorCode !== ErrorCode.NONE ||
      outcome.diverging ||
      outcome.preferredReadReplica !== -1 ||
      partition.sentHighWatermark !== outcome.highWatermark ||
      partition.sentLogStartOffset !== outcome.logStartOffset
    );
  }

  /** Remembers an outcome that is being sent and moves a partition that had data behind the others. */
  commit(partition: SessionPartition, outcome: FetchOutcome): void {
    // A follower whose past differs takes in where to cut and nothing else: what else there is comes again.
    const isTakenIn = outcome.errorCode === ErrorCode.NONE && !outcome.diverging;
    partition.sentHighWatermark = isTakenIn ? outcome.highWatermark : -1;
    partition.sentLogStartOffset = outcome.logStartOffset;
    if (outcome.recordsBytes === 0) return;
    const key = sessionKey(this.usesTopicIds, partition);
    if (this.#partitions.delete(key)) this.#partitions.set(key, partition);
  }

  /** The epoch that follows; wraps to 1. */
  advanceEpoch(): void {
    this.epoch = this.epoch === MAX_EPOCH ? 1 : this.epoch + 1;
  }
}
