/**
 * What a TxnOffsetCommit becomes before it reaches the coordinator: without topics and partitions that are unknown or not allowed.
 *
 * Source: KafkaApis.handleTxnOffsetCommitRequest, TxnOffsetCommitResponse.Builder.
 */
import {
  ErrorCode,
  newTxnOffsetCommitResponse,
  newTxnOffsetCommitResponsePartition,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitRequestPartition,
  type TxnOffsetCommitRequestTopic,
  type TxnOffsetCommitResponse,
  type TxnOffsetCommitResponseTopic,
} from '@skarab/protocol';
import type { TopicPermission, TopicsView } from './topics-view.ts';

/** Producers before this version do not know COORDINATOR_LOAD_IN_PROGRESS. */
const LOADING_ERROR_MIN_VERSION = 2;

/** A request on its way to the coordinator, and its answer on the way back. */
export interface TxnOffsetCommitPlan {
  /** What to give to the coordinator; null when nothing is left to commit. */
  readonly forward: TxnOffsetCommitRequest | null;
  /** The whole answer, from the coordinator's (null when it was not asked). */
  finish(response: TxnOffsetCommitResponse | null): TxnOffsetCommitResponse;
}

/** Plans a TxnOffsetCommit of a requester who may write within the transaction and read the group. */
export function planTxnOffsetCommit(
  request: TxnOffsetCommitRequest,
  apiVersion: number,
  view: TopicsView,
  mayRead: TopicPermission,
): TxnOffsetCommitPlan {
  const forwarded: TxnOffsetCommitRequestTopic[] = [];
  const answered = new Map<string, TxnOffsetCommitResponseTopic>();
  const refuse = (name: string, refused: readonly TxnOffsetCommitRequestPartition[], errorCode: ErrorCode): void => {
    const partitions = refused.map(({ partitionIndex }) =>
      newTxnOffsetCommitResponsePartition({ partitionIndex, errorCode }),
    );
    add(answered, { name, partitions });
  };
  for (const { name, partitions } of request.topics) {
    const count = view.partitionCount(name) ?? 0;
    const exists = ({ partitionIndex }: TxnOffsetCommitRequestPartition): boolean =>
      partitionIndex >= 0 && partitionIndex < count;
    const known = partitions.filter(exists);
    if (!mayRead(name)) refuse(name, partitions, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    else if (known.length < partitions.length) {
      const unknown = partitions.filter((partition) => !exists(partition));
      refuse(name, unknown, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      if (known.length > 0) forwarded.push({ name, partitions: known });
    } else if (known.length > 0) forwarded.push({ name, partitions: known });
  }
  return {
    forward: forwarded.length === 0 ? null : { ...request, topics: forwarded },
    finish: (response) => {
      const committed = response?.topics ?? [];
      if (answered.size > 0) for (const topic of committed) add(answered, topic);
      const topics = answered.size > 0 ? [...answered.values()] : committed;
      return newTxnOffsetCommitResponse({
        topics: apiVersion < LOADING_ERROR_MIN_VERSION ? topics.map(forOld) : topics,
      });
    },
  };
}

/** Beside refusals a topic is answered once. */
function add(answered: Map<string, TxnOffsetCommitResponseTopic>, topic: TxnOffsetCommitResponseTopic): void {
  const partitions = [...(answered.get(topic.name)?.partitions ?? []), ...topic.partitions];
  answered.set(topic.name, { ...topic, partitions });
}

function forOld(topic: TxnOffsetCommitResponseTopic): TxnOffsetCommitResponseTopic {
  const partitions = topic.partitions.map((partition) =>
    partition.errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
      ? { ...partition, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }
      : partition,
  );
  return { ...topic, partitions };
}
