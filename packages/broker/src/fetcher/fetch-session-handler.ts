/**
 * The fetcher's end of an incremental fetch session: what has to be told to the leader, given what it was told before.
 *
 * Shape: pure; `build` says what the next request holds, `onResponse` and `onFailure` what came of it. One request at a time.
 * Source: KIP-227, org.apache.kafka.clients.FetchSessionHandler.
 */
import {
  ErrorCode,
  type FetchRequestFetchTopic,
  type FetchRequestForgottenTopic,
  newFetchRequestFetchPartition,
} from '@skarab/protocol';

/** A partition as it is asked for. */
export interface AskedPartition {
  readonly topicId: string;
  readonly partition: number;
  readonly fetchOffset: number;
  readonly logStartOffset: number;
  readonly maxBytes: number;
  readonly currentLeaderEpoch: number;
  /** -1: none. */
  readonly lastFetchedEpoch: number;
}

/** The part of a request that the session decides about. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: FetchRequestFetchTopic[];
  readonly forgottenTopicsData: FetchRequestForgottenTopic[];
}

const NO_SESSION = 0;
const INITIAL_EPOCH = 0;
const MAX_EPOCH = 0x7fffffff;

export class FetchSessionHandler {
  #sessionId = NO_SESSION;
  #nextEpoch = INITIAL_EPOCH;
  /** What the leader knows to be asked for, by partition. */
  #told = new Map<string, AskedPartition>();

  /** The request for exactly these partitions, keyed as the caller likes; undefined when there is nothing to say and nothing to ask. */
  build(wanted: ReadonlyMap<string, AskedPartition>): SessionRequest | undefined {
    if (this.#nextEpoch === INITIAL_EPOCH) {
      this.#told = new Map(wanted);
      if (wanted.size === 0) return undefined;
      return {
        sessionId: this.#sessionId,
        sessionEpoch: INITIAL_EPOCH,
        topics: topicsOf(wanted.values()),
        forgottenTopicsData: [],
      };
    }
    const changed = [...wanted].filter(([key, asked]) => !isSame(this.#told.get(key), asked)).map(([, asked]) => asked);
    const forgotten = [...this.#told].filter(([key, told]) => wanted.get(key)?.topicId !== told.topicId);
    this.#told = new Map(wanted);
    if (wanted.size === 0 && forgotten.length === 0) return undefined;
    return {
      sessionId: this.#sessionId,
      sessionEpoch: this.#nextEpoch,
      topics: topicsOf(changed),
      forgottenTopicsData: forgottenOf(forgotten.map(([, told]) => told)),
    };
  }

  /** Takes in a response; returns whether its partitions may be looked at. */
  onResponse(errorCode: number, sessionId: number): boolean {
    if (errorCode !== ErrorCode.NONE) {
      if (errorCode === ErrorCode.FETCH_SESSION_ID_NOT_FOUND) this.#sessionId = NO_SESSION;
      this.#nextEpoch = INITIAL_EPOCH;
      return false;
    }
    if (sessionId === NO_SESSION) {
      // The leader has no room for a session, or has ended it.
      this.#sessionId = NO_SESSION;
      this.#nextEpoch = INITIAL_EPOCH;
    } else {
      const isNew = this.#nextEpoch === INITIAL_EPOCH;
      this.#sessionId = sessionId;
      this.#nextEpoch = isNew || this.#nextEpoch === MAX_EPOCH ? 1 : this.#nextEpoch + 1;
    }
    return true;
  }

  /** Nobody knows whether the leader got the request: the next one is full, and ends the session. */
  onFailure(): void {
    this.#nextEpoch = INITIAL_EPOCH;
  }
}

function isSame(told: AskedPartition | undefined, asked: AskedPartition): boolean {
  return (
    told !== undefined &&
    told.topicId === asked.topicId &&
    told.fetchOffset === asked.fetchOffset &&
    told.logStartOffset === asked.logStartOffset &&
    told.maxBytes === asked.maxBytes &&
    told.currentLeaderEpoch === asked.currentLeaderEpoch &&
    told.lastFetchedEpoch === asked.lastFetchedEpoch
  );
}

function topicsOf(partitions: Iterable<AskedPartition>): FetchRequestFetchTopic[] {
  const topics: FetchRequestFetchTopic[] = [];
  for (const asked of partitions) {
    let topic = topics.at(-1);
    if (topic?.topicId !== asked.topicId) {
      topic = { topic: '', topicId: asked.topicId, partitions: [] };
      topics.push(topic);
    }
    topic.partitions.push(
      newFetchRequestFetchPartition({
        partition: asked.partition,
        currentLeaderEpoch: asked.currentLeaderEpoch,
        fetchOffset: BigInt(asked.fetchOffset),
        lastFetchedEpoch: asked.lastFetchedEpoch,
        logStartOffset: BigInt(asked.logStartOffset),
        partitionMaxBytes: asked.maxBytes,
      }),
    );
  }
  return topics;
}

function forgottenOf(partitions: readonly AskedPartition[]): FetchRequestForgottenTopic[] {
  const byTopic = Map.groupBy(partitions, ({ topicId }) => topicId);
  return [...byTopic].map(([topicId, those]) => ({
    topic: '',
    topicId,
    partitions: those.map(({ partition }) => partition),
  }));
}
