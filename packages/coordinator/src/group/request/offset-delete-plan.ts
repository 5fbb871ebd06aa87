/**
 * What an OffsetDelete becomes before it reaches the coordinator: without topics and partitions that are unknown or not allowed.
 *
 * Source: KafkaApis.handleOffsetDeleteRequest, OffsetDeleteResponse.Builder.
 */
import {
  ErrorCode,
  newOffsetDeleteResponse,
  newOffsetDeleteResponsePartition,
  newOffsetDeleteResponseTopic,
  type OffsetDeleteRequest,
  type OffsetDeleteRequestPartition,
  type OffsetDeleteRequestTopic,
  type OffsetDeleteResponse,
  type OffsetDeleteResponseTopic,
} from '@skarab/protocol';
import type { TopicPermission, TopicsView } from './topics-view.ts';

/** A request on its way to the coordinator, and its answer on the way back. */
export interface OffsetDeletePlan {
  /** What to give to the coordinator, which has its say about the group even when no partition is left. */
  readonly forward: OffsetDeleteRequest;
  /** The whole answer, from the coordinator's. */
  finish(response: OffsetDeleteResponse): OffsetDeleteResponse;
}

/** Plans an OffsetDelete of a requester who may delete the group. */
export function planOffsetDelete(
  request: OffsetDeleteRequest,
  view: TopicsView,
  mayRead: TopicPermission,
): OffsetDeletePlan {
  const forwarded: OffsetDeleteRequestTopic[] = [];
  const refused = new Map<string, OffsetDeleteResponseTopic>();
  const refuse = (name: string, partitions: readonly OffsetDeleteRequestPartition[], errorCode: ErrorCode): void => {
    if (partitions.length === 0) return;
    const answers = partitions.map(({ partitionIndex }) =>
      newOffsetDeleteResponsePartition({ partitionIndex, errorCode }),
    );
    merge(refused, newOffsetDeleteResponseTopic({ name, partitions: answers }));
  };
  for (const { name, partitions } of request.topics) {
    const count = view.partitionCount(name) ?? 0;
    const exists = ({ partitionIndex }: OffsetDeleteRequestPartition) => partitionIndex >= 0 && partitionIndex < count;
    if (!mayRead(name)) refuse(name, partitions, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    else {
      refuse(
        name,
        partitions.filter((partition) => !exists(partition)),
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      );
      const known = partitions.filter(exists);
      if (known.length > 0) forwarded.push({ name, partitions: known });
    }
  }
  return {
    forward: { ...request, topics: forwarded },
    finish: (response) => {
      if (response.errorCode !== ErrorCode.NONE) return response;
      for (const topic of response.topics) merge(refused, topic);
      return newOffsetDeleteResponse({ topics: [...refused.values()] });
    },
  };
}

function merge(topics: Map<string, OffsetDeleteResponseTopic>, topic: OffsetDeleteResponseTopic): void {
  const partitions = [...(topics.get(topic.name)?.partitions ?? []), ...topic.partitions];
  topics.set(topic.name, { ...topic, partitions });
}
