/**
 * What an OffsetCommit becomes before it reaches the coordinator: topics by id and name, without those that are unknown or not allowed.
 *
 * The coordinator would commit offsets for anything; this is what keeps them to topics and partitions that exist. Source: KafkaApis.handleOffsetCommitRequest,
 * OffsetCommitResponse.Builder.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ErrorCode,
  newOffsetCommitResponse,
  newOffsetCommitResponsePartition,
  newOffsetCommitResponseTopic,
  type OffsetCommitRequest,
  type OffsetCommitRequestPartition,
  type OffsetCommitRequestTopic,
  type OffsetCommitResponse,
  type OffsetCommitResponseTopic,
} from '@skarab/protocol';
import type { TopicPermission, TopicsView } from './topics-view.ts';

/** Requests name topics by id from this version on. */
const TOPIC_ID_MIN_VERSION = 10;

/** A request on its way to the coordinator, and its answer on the way back. */
export interface OffsetCommitPlan {
  /** What to give to the coordinator; null when nothing is left to commit. */
  readonly forward: OffsetCommitRequest | null;
  /** The whole answer, from the coordinator's (null when it was not asked). */
  finish(response: OffsetCommitResponse | null): OffsetCommitResponse;
}

/** Plans an OffsetCommit of a requester who may read the group. */
export function planOffsetCommit(
  request: OffsetCommitRequest,
  apiVersion: number,
  view: TopicsView,
  mayRead: TopicPermission,
): OffsetCommitPlan {
  const hasTopicIds = apiVersion >= TOPIC_ID_MIN_VERSION;
  const forwarded: OffsetCommitRequestTopic[] = [];
  const refused = new ResponseTopics(hasTopicIds);
  for (const asked of request.topics) {
    const topic = hasTopicIds
      ? { ...asked, name: view.topicName(asked.topicId) ?? '' }
      : { ...asked, topicId: view.topicId(asked.name) ?? ZERO_UUID };
    const error = topicError(topic, hasTopicIds, mayRead);
    if (error !== ErrorCode.NONE) {
      refused.add(topic, topic.partitions, error);
      continue;
    }
    const count = view.partitionCount(topic.name) ?? 0;
    const exists = ({ partitionIndex }: OffsetCommitRequestPartition) => partitionIndex >= 0 && partitionIndex < count;
    const unknown = topic.partitions.filter((partition) => !exists(partition));
    if (unknown.length > 0) refused.add(topic, unknown, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    const partitions = topic.partitions.filter(exists);
    if (partitions.length > 0) forwarded.push({ ...topic, partitions });
  }
  return {
    forward: forwarded.length === 0 ? null : { ...request, topics: forwarded },
    finish: (response) => newOffsetCommitResponse({ topics: refused.merge(response?.topics ?? []) }),
  };
}

function topicError(topic: OffsetCommitRequestTopic, hasTopicIds: boolean, mayRead: TopicPermission): ErrorCode {
  if (hasTopicIds && topic.name === '') return ErrorCode.UNKNOWN_TOPIC_ID;
  if (!mayRead(topic.name)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
  return topic.topicId === ZERO_UUID ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE;
}

/** Response topics, one per id or name, in the order in which they came. */
class ResponseTopics {
  readonly #hasTopicIds: boolean;
  readonly #topics = new Map<string, OffsetCommitResponseTopic>();

  constructor(hasTopicIds: boolean) {
    this.#hasTopicIds = hasTopicIds;
  }

  add(
    { topicId, name }: OffsetCommitRequestTopic,
    partitions: readonly OffsetCommitRequestPartition[],
    errorCode: ErrorCode,
  ): void {
    const answers = partitions.map(({ partitionIndex }) =>
      newOffsetCommitResponsePartition({ partitionIndex, errorCode }),
    );
    this.#put(newOffsetCommitResponseTopic({ topicId, name, partitions: answers }));
  }

  merge(topics: readonly OffsetCommitResponseTopic[]): OffsetCommitResponseTopic[] {
    for (const topic of topics) this.#put(topic);
    return [...this.#topics.values()];
  }

  #put(topic: OffsetCommitResponseTopic): void {
    const key = this.#hasTopicIds ? topic.topicId : topic.name;
    const existing = this.#topics.get(key);
    const partitions = [...(existing?.partitions ?? []), ...topic.partitions];
    this.#topics.set(key, { ...(existing ?? topic), partitions });
  }
}
