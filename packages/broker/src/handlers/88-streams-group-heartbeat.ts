/**
 * StreamsGroupHeartbeat (88), version 0: a member of a streams group joins, stays or leaves, and learns its tasks (KIP-1071).
 *
 * UNSUPPORTED_VERSION while streams.version is 0 or the protocol is not among group.coordinator.rebalance.protocols. Internal topics that are
 * missing are created on the way. ACLs: READ on the group, DESCRIBE on each topic of the topology, CREATE on the cluster or each internal topic.
 */
import { reasonInvalidTopicName } from '@skarab/metadata';
import {
  ApiKey,
  type CreatableTopic,
  decodeStreamsGroupHeartbeatRequest,
  ErrorCode,
  encodeStreamsGroupHeartbeatResponse,
  newStreamsGroupHeartbeatResponse,
  newStreamsGroupHeartbeatResponseStatus,
  type StreamsGroupHeartbeatRequest,
  type StreamsGroupHeartbeatResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { isInternalTopic } from '../metadata/internal-topics.ts';
import type { StreamsTopicCreation } from '../metadata/streams-topic-creation.ts';

const MISSING_INTERNAL_TOPICS = 3;
/** A member is told the errors of this many topics. */
const MAX_ERRORS_TOLD = 3;

/** What the handler works with. */
export interface StreamsGroupHeartbeatParts {
  readonly groups: GroupRequestsPort;
  readonly isEnabled: () => boolean;
  readonly topicCreation: StreamsTopicCreation;
  readonly heartbeatIntervalMs: (groupId: string) => number;
}

export function streamsGroupHeartbeatHandler(
  parts: StreamsGroupHeartbeatParts,
): ApiHandler<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse> {
  const refuse = (errorCode: number, errorMessage: string | null = null): StreamsGroupHeartbeatResponse =>
    newStreamsGroupHeartbeatResponse({ errorCode, errorMessage });
  return {
    apiKey: ApiKey.STREAMS_GROUP_HEARTBEAT,
    decode: decodeStreamsGroupHeartbeatRequest,
    encode: encodeStreamsGroupHeartbeatResponse,
    handle: async (context, request) => {
      const { groupId } = request;
      if (!parts.isEnabled()) return refuse(ErrorCode.UNSUPPORTED_VERSION);
      if (!context.mayDo('READ', 'GROUP', groupId)) return refuse(ErrorCode.GROUP_AUTHORIZATION_FAILED);
      const topics = topicsOf(request);
      const internal = topics.filter(isInternalTopic);
      if (internal.length > 0)
        return refuse(
          ErrorCode.STREAMS_INVALID_TOPOLOGY,
          `Use of Kafka internal topics ${internal.join(',')} in a Kafka Streams topology is prohibited.`,
        );
      const invalid = topics.filter((topic) => reasonInvalidTopicName(topic) !== null);
      if (invalid.length > 0)
        return refuse(
          ErrorCode.STREAMS_INVALID_TOPOLOGY,
          `Topic names ${invalid.join(',')} are not valid topic names.`,
        );
      if (!topics.every((topic) => context.mayDo('DESCRIBE', 'TOPIC', topic)))
        return refuse(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
      const { response, topicsToCreate } = await parts.groups.send('streamsGroupHeartbeat', context, request);
      if (topicsToCreate.length > 0) createTopics(parts, context, groupId, response, topicsToCreate);
      return response;
    },
    failure: (_request, errorCode) => refuse(errorCode),
  };
}

/** Every topic that a topology names, each once. */
function topicsOf({ topology }: StreamsGroupHeartbeatRequest): string[] {
  const names = (topology?.subtopologies ?? []).flatMap((subtopology) => [
    ...subtopology.sourceTopics,
    ...subtopology.repartitionSinkTopics,
    ...subtopology.repartitionSourceTopics.map(({ name }) => name),
    ...subtopology.stateChangelogTopics.map(({ name }) => name),
  ]);
  return [...new Set(names)];
}

function createTopics(
  { topicCreation, heartbeatIntervalMs }: StreamsGroupHeartbeatParts,
  context: RequestContext,
  groupId: string,
  response: StreamsGroupHeartbeatResponse,
  topics: readonly CreatableTopic[],
): void {
  const names = topics.map(({ name }) => name);
  const forbidden = context.mayDoToCluster('CREATE')
    ? []
    : names.filter((name) => !context.mayDo('CREATE', 'TOPIC', name));
  const missing = response.status?.find(({ statusCode }) => statusCode === MISSING_INTERNAL_TOPICS);
  if (forbidden.length > 0) {
    const detail = `Unauthorized to CREATE on topics ${forbidden.join(', ')}.`;
    if (missing !== undefined) missing.statusDetail += `; ${detail}`;
    else
      response.status = [
        ...(response.status ?? []),
        newStreamsGroupHeartbeatResponseStatus({ statusCode: MISSING_INTERNAL_TOPICS, statusDetail: detail }),
      ];
    return;
  }
  topicCreation.request(topics, 2 * heartbeatIntervalMs(groupId));
  const errors = [...topicCreation.errorsOf(names)];
  if (missing === undefined || errors.length === 0) return;
  const told = errors.slice(0, MAX_ERRORS_TOLD).map(([topic, error]) => `${topic} (${error})`);
  const rest = errors.length > told.length ? ` and ${errors.length - told.length} more` : '';
  missing.statusDetail += `; Creation failed: ${told.join(', ')}${rest}.`;
}
