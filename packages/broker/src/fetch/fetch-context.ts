/**
 * What one fetch request asks for once its session is taken into account, and which session its response names.
 *
 * Three kinds, as in KIP-227: sessionless (epoch -1), full (epoch 0: opens a session when there is room) and incremental.
 * Source: kafka.server.FetchManager.newContext.
 */
import { ErrorCode, type FetchRequest } from '@skarab/protocol';
import type { FetchOutcome, FetchPartition, FetchSession, SessionPartition } from './fetch-session.ts';
import type { FetchSessionCache } from './fetch-session-cache.ts';

const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
/** First version in which topics are ids. */
export const FETCH_TOPIC_IDS_VERSION = 13;

/** What to read, and how to answer. */
export interface FetchContext {
  /** In the order in which they are served. */
  readonly partitions: readonly FetchPartition[];
  /** The session that goes on; 0 when there is none before `conclude`. */
  readonly sessionId: number;
  /**
   * Decides what the response holds, once all outcomes are known (same order as `partitions`): which of them, under which session.
   * Called once, or never when nothing is sent.
   */
  conclude(outcomes: readonly FetchOutcome[]): { readonly sessionId: number; readonly included: readonly boolean[] };
}

/** A context, or the top-level error of the response. */
export type FetchContextResult = { readonly context: FetchContext } | { readonly errorCode: number };

/** Finds the name of a topic id; null while it is unknown. */
export type TopicNames = (topicId: string) => string | null;

/** Resolves the session of `request`. */
export function resolveFetchContext(
  request: FetchRequest,
  version: number,
  cache: FetchSessionCache,
  nameOf: TopicNames,
  nowMs: number,
): FetchContextResult {
  const usesTopicIds = version >= FETCH_TOPIC_IDS_VERSION;
  const isFollower = request.replicaId >= 0 || request.replicaState.replicaId >= 0;
  const asked = requestedPartitions(request, usesTopicIds, nameOf);
  const { sessionId, sessionEpoch } = request;
  if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
    if (sessionId !== 0) cache.remove(sessionId);
    return {
      context: sessionEpoch === FINAL_EPOCH ? sessionless(asked) : full(asked, cache, usesTopicIds, isFollower, nowMs),
    };
  }
  const session = cache.get(sessionId);
  if (session === undefined) return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND };
  if (session.epoch !== sessionEpoch) return { errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH };
  if (session.usesTopicIds !== usesTopicIds) return { errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR };
  for (const partition of asked) session.put(partition);
  for (const topic of request.forgottenTopicsData) {
    for (const partition of topic.partitions) session.forget({ topicId: topic.topicId, topic: topic.topic, partition });
  }
  if (session.size === 0) {
    cache.remove(session.id);
    return { context: sessionless([]) };
  }
  session.advanceEpoch();
  cache.touch(session, nowMs);
  return { context: incremental(session, nameOf) };
}

function requestedPartitions(request: FetchRequest, usesTopicIds: boolean, nameOf: TopicNames): FetchPartition[] {
  const asked: FetchPartition[] = [];
  for (const topic of request.topics) {
    const name = usesTopicIds ? nameOf(topic.topicId) : topic.topic;
    for (const partition of topic.partitions) {
      asked.push({
        topicId: topic.topicId,
        topic: name,
        partition: partition.partition,
        fetchOffset: Number(partition.fetchOffset),
        maxBytes: partition.partitionMaxBytes,
        currentLeaderEpoch: partition.currentLeaderEpoch,
        lastFetchedEpoch: partition.lastFetchedEpoch,
        logStartOffset: Number(partition.logStartOffset),
      });
    }
  }
  return asked;
}

function sessionless(partitions: readonly FetchPartition[]): FetchContext {
  return { partitions, sessionId: 0, conclude: (outcomes) => ({ sessionId: 0, included: outcomes.map(() => true) }) };
}

function full(
  asked: readonly FetchPartition[],
  cache: FetchSessionCache,
  usesTopicIds: boolean,
  isFollower: boolean,
  nowMs: number,
): FetchContext {
  return {
    partitions: asked,
    sessionId: 0,
    conclude: (outcomes) => {
      const included = outcomes.map(() => true);
      const session = asked.length === 0 ? undefined : cache.maybeCreate(asked.length, usesTopicIds, isFollower, nowMs);
      if (session === undefined) return { sessionId: 0, included };
      const kept = asked.map((partition) => session.put(partition));
      kept.forEach((partition, i) => {
        session.commit(partition, outcomes[i]!);
      });
      return { sessionId: session.id, included };
    },
  };
}

function incremental(session: FetchSession, nameOf: TopicNames): FetchContext {
  const partitions: SessionPartition[] = [...session.partitions()];
  if (session.usesTopicIds) for (const partition of partitions) partition.topic = nameOf(partition.topicId);
  return {
    partitions,
    sessionId: session.id,
    conclude: (outcomes) => ({
      sessionId: session.id,
      included: partitions.map((partition, i) => {
        const outcome = outcomes[i]!;
        const isNews = session.isNews(partition, outcome);
        if (isNews) session.commit(partition, outcome);
        return isNews;
      }),
    }),
  };
}
