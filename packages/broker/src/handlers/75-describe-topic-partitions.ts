/**
 * DescribeTopicPartitions (75), version 0: topics with their partitions and eligible leader replicas, a page at a time.
 *
 * Source: KIP-966, kafka.server.handlers.DescribeTopicPartitionsRequestHandler. ACLs: DESCRIBE on topics.
 */
import { reasonInvalidTopicName, type TopicImage } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  type DescribeTopicPartitionsResponseTopic,
  decodeDescribeTopicPartitionsRequest,
  ErrorCode,
  encodeDescribeTopicPartitionsResponse,
  newDescribeTopicPartitionsResponse,
  newDescribeTopicPartitionsResponseTopic,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { authorizedOperations } from '../metadata/authorized-operations.ts';
import { isInternalTopic } from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import { describePartition } from '../metadata/partition-metadata.ts';

const RULES = { filterUnavailableEndpoints: false, errorUnavailableListeners: true };

/** `maxPartitions` is `max.request.partition.size.limit`. */
export function describeTopicPartitionsHandler(
  metadata: MetadataCache,
  maxPartitions: () => number,
): ApiHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_TOPIC_PARTITIONS,
    decode: decodeDescribeTopicPartitionsRequest,
    encode: encodeDescribeTopicPartitionsResponse,
    handle: (context, request) => {
      const names = requestedNames(metadata, request);
      const limit = Math.max(Math.min(maxPartitions(), request.responsePartitionLimit), 1);
      const response = newDescribeTopicPartitionsResponse();
      const refused: DescribeTopicPartitionsResponseTopic[] = [];
      let remaining = limit;
      for (const name of names) {
        if (!context.mayDo('DESCRIBE', 'TOPIC', name)) {
          if (request.topics.length > 0) refused.push(failedTopic(context, name, ErrorCode.TOPIC_AUTHORIZATION_FAILED));
          continue;
        }
        if (remaining === 0) {
          response.nextCursor = { topicName: name, partitionIndex: 0 };
          break;
        }
        const topic = metadata.topic(name);
        if (topic === undefined) {
          const isValid = reasonInvalidTopicName(name) === null;
          response.topics.push(
            failedTopic(
              context,
              name,
              isValid ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION,
            ),
          );
          continue;
        }
        const start = name === request.cursor?.topicName ? request.cursor.partitionIndex : 0;
        const end = Math.min(topic.partitions.length, start + remaining);
        response.topics.push(describeTopic(metadata, context, topic, start, end));
        if (end < topic.partitions.length) {
          response.nextCursor = { topicName: name, partitionIndex: end };
          break;
        }
        remaining -= end - Math.min(start, end);
      }
      response.topics.push(...refused);
      return response;
    },
    failure: (request, errorCode) =>
      newDescribeTopicPartitionsResponse({
        topics: request.topics.map(({ name }) => newDescribeTopicPartitionsResponseTopic({ name, errorCode })),
      }),
  };
}

function requestedNames(metadata: MetadataCache, request: DescribeTopicPartitionsRequest): string[] {
  const { cursor } = request;
  const all = request.topics.length === 0;
  const asked = all ? metadata.image.topics.byName.keys() : request.topics.map((topic) => topic.name);
  const names = [...new Set(asked)].filter((name) => cursor === null || name >= cursor.topicName).sort(compareText);
  if (cursor !== null && !all && !names.includes(cursor.topicName)) {
    throw new ApiError(
      ErrorCode.INVALID_REQUEST,
      `DescribeTopicPartitionsRequest topic list should contain the cursor topic: ${cursor.topicName}`,
    );
  }
  if (cursor !== null && cursor.partitionIndex < 0) {
    throw new ApiError(
      ErrorCode.INVALID_REQUEST,
      `DescribeTopicPartitionsRequest cursor partition must be valid: ${cursor.partitionIndex}`,
    );
  }
  return names;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function describeTopic(
  metadata: MetadataCache,
  context: RequestContext,
  topic: TopicImage,
  start: number,
  end: number,
): DescribeTopicPartitionsResponseTopic {
  const partitions = topic.partitions.slice(start, end).map((partition, i) => ({
    partitionIndex: start + i,
    ...describePartition(metadata.image, partition, context.listenerName, RULES),
    errorCode: ErrorCode.NONE,
    eligibleLeaderReplicas: [...partition.elr],
    lastKnownElr: [...partition.lastKnownElr],
  }));
  return newDescribeTopicPartitionsResponseTopic({
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions,
    topicAuthorizedOperations: authorizedOperations(context, 'TOPIC', topic.name),
  });
}

function failedTopic(context: RequestContext, name: string, errorCode: number): DescribeTopicPartitionsResponseTopic {
  return newDescribeTopicPartitionsResponseTopic({
    errorCode,
    name,
    isInternal: errorCode !== ErrorCode.TOPIC_AUTHORIZATION_FAILED && isInternalTopic(name),
    ...(errorCode !== ErrorCode.TOPIC_AUTHORIZATION_FAILED && {
      topicAuthorizedOperations: authorizedOperations(context, 'TOPIC', name),
    }),
  });
}
