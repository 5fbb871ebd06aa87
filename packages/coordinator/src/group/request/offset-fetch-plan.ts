/**
 * What an OffsetFetch becomes before it reaches the coordinator, and what its answers become after.
 *
 * Three forms over the versions: one group with topics (v1; v2 to v7: null for all), groups with topic names (v8, v9), groups with topic ids (v10).
 * Source: KafkaApis.handleOffsetFetchRequest, OffsetFetchRequest.groups, OffsetFetchResponse.Builder.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ErrorCode,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  newOffsetFetchResponse,
  newOffsetFetchResponsePartition,
  newOffsetFetchResponsePartitions,
  newOffsetFetchResponseTopic,
  newOffsetFetchResponseTopics,
  type OffsetFetchRequest,
  type OffsetFetchRequestGroup,
  type OffsetFetchRequestTopics,
  type OffsetFetchResponse,
  type OffsetFetchResponseGroup,
  type OffsetFetchResponseTopics,
} from '@skarab/protocol';
import type { TopicPermission, TopicsView } from './topics-view.ts';

/** Requests name several groups from this version on. */
const BATCH_MIN_VERSION = 8;
/** Requests name topics by id from this version on. */
const TOPIC_ID_MIN_VERSION = 10;

/** The groups of a request of any version. */
export function offsetFetchGroups(request: OffsetFetchRequest, apiVersion: number): OffsetFetchRequestGroup[] {
  if (apiVersion >= BATCH_MIN_VERSION) return request.groups;
  const topics = request.topics?.map(({ name, partitionIndexes }) =>
    newOffsetFetchRequestTopics({ name, partitionIndexes }),
  );
  return [newOffsetFetchRequestGroup({ groupId: request.groupId, topics: topics ?? null })];
}

/** The response of a version from the responses of its groups: one before v8. */
export function offsetFetchResponse(
  groups: readonly OffsetFetchResponseGroup[],
  apiVersion: number,
): OffsetFetchResponse {
  if (apiVersion >= BATCH_MIN_VERSION) return newOffsetFetchResponse({ groups: [...groups] });
  const { errorCode, topics } = groups[0]!;
  return newOffsetFetchResponse({
    errorCode,
    topics: topics.map(({ name, partitions }) =>
      newOffsetFetchResponseTopic({ name, partitions: partitions.map((it) => newOffsetFetchResponsePartition(it)) }),
    ),
  });
}

/** One group of a request on its way to the coordinator, and its answer on the way back. */
export interface OffsetFetchPlan {
  /** What to give to the coordinator. */
  readonly forward: OffsetFetchRequestGroup;
  /** The whole answer, from the coordinator's. */
  finish(response: OffsetFetchResponseGroup): OffsetFetchResponseGroup;
}

/** Plans the fetch of one group that the requester may describe. */
export function planOffsetFetch(
  group: OffsetFetchRequestGroup,
  apiVersion: number,
  view: TopicsView,
  mayDescribe: TopicPermission,
): OffsetFetchPlan {
  const hasTopicIds = apiVersion >= TOPIC_ID_MIN_VERSION;
  return group.topics === null
    ? planAllTopics(group, hasTopicIds, view, mayDescribe)
    : planSomeTopics(group, group.topics, hasTopicIds, view, mayDescribe);
}

/** All topics: only the allowed ones are shown, and where topics have ids only those that still exist. */
function planAllTopics(
  group: OffsetFetchRequestGroup,
  hasTopicIds: boolean,
  view: TopicsView,
  mayDescribe: TopicPermission,
): OffsetFetchPlan {
  const identify = (topic: OffsetFetchResponseTopics): OffsetFetchResponseTopics =>
    hasTopicIds && topic.topicId === ZERO_UUID ? { ...topic, topicId: view.topicId(topic.name) ?? ZERO_UUID } : topic;
  return {
    forward: group,
    finish: (response) => {
      if (response.errorCode !== ErrorCode.NONE) return response;
      const topics = response.topics.filter(({ name }) => mayDescribe(name)).map(identify);
      return { ...response, topics: topics.filter(({ topicId }) => !hasTopicIds || topicId !== ZERO_UUID) };
    },
  };
}

function planSomeTopics(
  group: OffsetFetchRequestGroup,
  asked: readonly OffsetFetchRequestTopics[],
  hasTopicIds: boolean,
  view: TopicsView,
  mayDescribe: TopicPermission,
): OffsetFetchPlan {
  const topics: OffsetFetchRequestTopics[] = [];
  const refused: OffsetFetchResponseTopics[] = [];
  for (const topic of asked) {
    const name = hasTopicIds ? (view.topicName(topic.topicId) ?? '') : topic.name;
    if (hasTopicIds && name === '') refused.push(refuse(topic, ErrorCode.UNKNOWN_TOPIC_ID));
    else if (!mayDescribe(name)) refused.push(refuse({ ...topic, name }, ErrorCode.TOPIC_AUTHORIZATION_FAILED));
    else topics.push({ ...topic, name });
  }
  return {
    forward: { ...group, topics },
    finish: (response) =>
      response.errorCode === ErrorCode.NONE ? { ...response, topics: [...response.topics, ...refused] } : response,
  };
}

function refuse(
  { topicId, name, partitionIndexes }: OffsetFetchRequestTopics,
  errorCode: ErrorCode,
): OffsetFetchResponseTopics {
  const partitions = partitionIndexes.map((partitionIndex) =>
    newOffsetFetchResponsePartitions({ partitionIndex, committedOffset: -1n, errorCode }),
  );
  return newOffsetFetchResponseTopics({ topicId, name, partitions });
}
