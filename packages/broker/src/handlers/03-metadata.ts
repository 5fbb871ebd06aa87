/**
 * Metadata (3), versions 0-13: brokers of the listener, topics and their partitions, creating missing topics where that is allowed.
 *
 * v0 leaves out replicas that are down, null or (v0) no topics means all; v1 controller and rack; v2 cluster id; v4 allowAutoTopicCreation;
 * v5 offline replicas; v6 LISTENER_NOT_FOUND; v7 leader epoch; v8 KIP-430 authorized operations; v9 flexible; v10 topic ids in answers;
 * v11 without cluster operations; v12 KIP-516 topics by id; v13 top-level error code.
 * ACLs: DESCRIBE on topics; CREATE on cluster or topic for auto-creation.
 */
import { ZERO_UUID } from '@skarab/base';
import { reasonInvalidTopicName, type TopicImage } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  decodeMetadataRequest,
  ErrorCode,
  encodeMetadataResponse,
  type MetadataRequest,
  type MetadataResponse,
  type MetadataResponseTopic,
  newMetadataResponse,
  newMetadataResponseTopic,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { authorizedOperations, OPERATIONS_NOT_REQUESTED } from '../metadata/authorized-operations.ts';
import type { AutoTopicCreation } from '../metadata/auto-topic-creation.ts';
import { isInternalTopic } from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import { describePartition } from '../metadata/partition-metadata.ts';

/** What the handler works with. */
export interface MetadataHandlerParts {
  readonly clusterId: string;
  readonly metadata: MetadataCache;
  readonly autoTopicCreation: AutoTopicCreation;
}

const TOPIC_IDS_VERSION = 12;
const LISTENER_NOT_FOUND_VERSION = 6;

export function metadataHandler(parts: MetadataHandlerParts): ApiHandler<MetadataRequest, MetadataResponse> {
  const { metadata } = parts;
  return {
    apiKey: ApiKey.METADATA,
    decode: decodeMetadataRequest,
    encode: encodeMetadataResponse,
    handle: (context, request) => {
      validate(request, context.apiVersion);
      const topics = describeTopics(parts, context, request);
      const { apiVersion } = context;
      if (apiVersion >= 8 && request.includeTopicAuthorizedOperations) {
        for (const topic of topics) {
          if (topic.errorCode === ErrorCode.NONE && topic.name !== null) {
            topic.topicAuthorizedOperations = authorizedOperations(context, 'TOPIC', topic.name);
          }
        }
      }
      return newMetadataResponse({
        brokers: metadata
          .endpoints(context.listenerName)
          .map(({ nodeId, host, port, rack }) => ({ nodeId, host, port, rack })),
        clusterId: parts.clusterId,
        controllerId: metadata.anyAliveBrokerId(),
        topics,
        clusterAuthorizedOperations: clusterOperations(context, request),
      });
    },
    failure: (request, errorCode) =>
      newMetadataResponse({
        errorCode,
        topics: (request.topics ?? []).map((topic) =>
          newMetadataResponseTopic({ errorCode, name: topic.name ?? '', topicId: topic.topicId }),
        ),
      }),
  };
}

function validate(request: MetadataRequest, version: number): void {
  for (const topic of request.topics ?? []) {
    if (version >= TOPIC_IDS_VERSION) {
      if (topic.name === null && topic.topicId === ZERO_UUID) throw new ApiError(ErrorCode.UNKNOWN_SERVER_ERROR);
      continue;
    }
    if (topic.name === null)
      throw new ApiError(ErrorCode.INVALID_REQUEST, `Topic name can not be null for version ${version}`);
    if (topic.topicId !== ZERO_UUID) {
      throw new ApiError(ErrorCode.INVALID_REQUEST, `Topic IDs are not supported in requests for version ${version}`);
    }
  }
}

function clusterOperations(context: RequestContext, request: MetadataRequest): number {
  const asked = context.apiVersion >= 8 && context.apiVersion <= 10 && request.includeClusterAuthorizedOperations;
  if (!asked) return OPERATIONS_NOT_REQUESTED;
  return context.mayDoToCluster('DESCRIBE') ? authorizedOperations(context, 'CLUSTER', 'kafka-cluster') : 0;
}

function describeTopics(
  parts: MetadataHandlerParts,
  context: RequestContext,
  request: MetadataRequest,
): MetadataResponseTopic[] {
  const { metadata } = parts;
  const wantsAll = request.topics === null || (context.apiVersion === 0 && request.topics.length === 0);
  if (wantsAll) {
    const topics = [...metadata.image.topics.byName.values()].filter((topic) =>
      context.mayDo('DESCRIBE', 'TOPIC', topic.name),
    );
    return topics.map((topic) => describeTopic(metadata, context, topic));
  }
  const asked = request.topics ?? [];
  const ids = new Set(asked.map((topic) => topic.topicId).filter((id) => id !== ZERO_UUID));
  if (ids.size > 0) return knownLast([...ids].map((id) => describeById(metadata, context, id)));
  const names = new Set(asked.map((topic) => topic.name ?? ''));
  return knownLast(
    [...names].map((name) => describeByName(parts, context, name, request.allowAutoTopicCreation)).reverse(),
  ).reverse();
}

/** Answers without an error behind the others, as Kafka puts topics that were asked for by id; otherwise in order. */
function knownLast(topics: MetadataResponseTopic[]): MetadataResponseTopic[] {
  const isKnown = ({ errorCode }: MetadataResponseTopic): boolean => errorCode === ErrorCode.NONE;
  return [...topics.filter((topic) => !isKnown(topic)), ...topics.filter(isKnown)];
}

function describeById(metadata: MetadataCache, context: RequestContext, topicId: string): MetadataResponseTopic {
  const topic = metadata.topicById(topicId);
  if (topic === undefined)
    return newMetadataResponseTopic({ errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId });
  if (context.mayDo('DESCRIBE', 'TOPIC', topic.name)) return describeTopic(metadata, context, topic);
  return newMetadataResponseTopic({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name: null, topicId });
}

function describeByName(
  { metadata, autoTopicCreation }: MetadataHandlerParts,
  context: RequestContext,
  name: string,
  mayCreate: boolean,
): MetadataResponseTopic {
  if (!context.mayDo('DESCRIBE', 'TOPIC', name)) {
    return newMetadataResponseTopic({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name });
  }
  const topic = metadata.topic(name);
  if (topic !== undefined) return describeTopic(metadata, context, topic);
  const isInternal = isInternalTopic(name);
  if (reasonInvalidTopicName(name) !== null) {
    return newMetadataResponseTopic({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, name, isInternal });
  }
  if (mayCreate && autoTopicCreation.isEnabled) {
    if (!context.mayDoToCluster('CREATE') && !context.mayDo('CREATE', 'TOPIC', name)) {
      return newMetadataResponseTopic({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name, isInternal });
    }
    autoTopicCreation.request(name);
  }
  return newMetadataResponseTopic({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name, isInternal });
}

function describeTopic(metadata: MetadataCache, context: RequestContext, topic: TopicImage): MetadataResponseTopic {
  const rules = {
    filterUnavailableEndpoints: context.apiVersion === 0,
    errorUnavailableListeners: context.apiVersion >= LISTENER_NOT_FOUND_VERSION,
  };
  return newMetadataResponseTopic({
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: topic.partitions.map((partition, partitionIndex) => ({
      partitionIndex,
      ...describePartition(metadata.image, partition, context.listenerName, rules),
    })),
  });
}
