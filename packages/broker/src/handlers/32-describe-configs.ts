/**
 * DescribeConfigs (32), versions 1-4: configurations with their sources and synonyms.
 *
 * v3 types and documentation (there are no documentation texts: null); v4 flexible. Resources: topics, this broker, the cluster-wide broker defaults,
 * client metrics, groups. Left out: BROKER_LOGGER, whose levels cannot be listed. ACLs: DESCRIBE_CONFIGS on the topic, group or cluster.
 */
import { ConfigError } from '@skarab/base';
import {
  ConfigResourceType,
  type DescribedConfig,
  type DescribeOptions,
  type DynamicBrokerConfig,
  describeBroker,
  describeClientMetrics,
  describeClusterDefaults,
  describeGroup,
  describeTopic,
} from '@skarab/config';
import { type ConfigResourceType as MetadataResourceType, reasonInvalidTopicName } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type DescribeConfigsRequest,
  type DescribeConfigsResource,
  type DescribeConfigsResponse,
  type DescribeConfigsResult,
  decodeDescribeConfigsRequest,
  ErrorCode,
  encodeDescribeConfigsResponse,
  newDescribeConfigsResponse,
  newDescribeConfigsResult,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

/** What the handler works with. */
export interface DescribeConfigsParts {
  readonly nodeId: number;
  readonly metadata: MetadataCache;
  readonly broker: DynamicBrokerConfig;
}

export function describeConfigsHandler(
  parts: DescribeConfigsParts,
): ApiHandler<DescribeConfigsRequest, DescribeConfigsResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_CONFIGS,
    decode: decodeDescribeConfigsRequest,
    encode: encodeDescribeConfigsResponse,
    handle: (context, request) =>
      newDescribeConfigsResponse({
        results: request.resources.map((resource) => describeResource(parts, context, request, resource)),
      }),
    failure: (request, errorCode) =>
      newDescribeConfigsResponse({
        results: request.resources.map(({ resourceType, resourceName }) =>
          newDescribeConfigsResult({ resourceType, resourceName, errorCode }),
        ),
      }),
  };
}

function describeResource(
  parts: DescribeConfigsParts,
  context: RequestContext,
  request: DescribeConfigsRequest,
  { resourceType, resourceName, configurationKeys }: DescribeConfigsResource,
): DescribeConfigsResult {
  const result = newDescribeConfigsResult({ resourceType, resourceName });
  const denied = deniedError(context, resourceType, resourceName);
  if (denied !== ErrorCode.NONE) return { ...result, errorCode: denied };
  try {
    const entries = describe(parts, resourceType, resourceName, {
      names: configurationKeys,
      includeSynonyms: request.includeSynonyms,
    });
    result.configs = entries.map((entry) => ({
      ...entry,
      synonyms: entry.synonyms.map((synonym) => ({ ...synonym })),
    }));
    return result;
  } catch (error) {
    if (error instanceof ApiError) {
      const errorMessage = error.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? null : error.message;
      return { ...result, errorCode: error.errorCode, errorMessage };
    }
    if (error instanceof ConfigError)
      return { ...result, errorCode: ErrorCode.INVALID_CONFIG, errorMessage: error.message };
    throw error;
  }
}

function deniedError(context: RequestContext, type: number, name: string): number {
  if (type === ConfigResourceType.TOPIC)
    return context.mayDo('DESCRIBE_CONFIGS', 'TOPIC', name) ? ErrorCode.NONE : ErrorCode.TOPIC_AUTHORIZATION_FAILED;
  if (type === ConfigResourceType.GROUP)
    return context.mayDo('DESCRIBE_CONFIGS', 'GROUP', name) ? ErrorCode.NONE : ErrorCode.GROUP_AUTHORIZATION_FAILED;
  return context.mayDoToCluster('DESCRIBE_CONFIGS') ? ErrorCode.NONE : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
}

function describe(
  parts: DescribeConfigsParts,
  type: number,
  name: string,
  options: DescribeOptions,
): DescribedConfig[] {
  const { metadata, broker, nodeId } = parts;
  const overrides = metadata.image.configs.get(type as MetadataResourceType, name);
  switch (type) {
    case ConfigResourceType.TOPIC: {
      const invalid = reasonInvalidTopicName(name);
      if (invalid !== null) throw new ApiError(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid);
      if (metadata.topic(name) === undefined) throw new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      return describeTopic(overrides, broker, options);
    }
    case ConfigResourceType.BROKER:
      if (name === '') return describeClusterDefaults(broker, options);
      if (!/^[+-]?\d+$/.test(name))
        throw new ApiError(ErrorCode.INVALID_REQUEST, `Broker id must be an integer, but it is: ${name}`);
      if (Number(name) !== nodeId) {
        throw new ApiError(
          ErrorCode.INVALID_REQUEST,
          `Unexpected broker id, expected ${nodeId} or empty string, but received ${name}`,
        );
      }
      return describeBroker(broker, options);
    case ConfigResourceType.CLIENT_METRICS:
      if (name === '')
        throw new ApiError(ErrorCode.INVALID_REQUEST, 'Client metrics subscription name must not be empty');
      return describeClientMetrics(overrides, options);
    case ConfigResourceType.GROUP:
      if (name === '') throw new ApiError(ErrorCode.INVALID_REQUEST, 'Group name must not be empty');
      return describeGroup(overrides, broker, options);
    default:
      throw new ApiError(ErrorCode.INVALID_REQUEST, `Unsupported resource type: ${type}`);
  }
}
