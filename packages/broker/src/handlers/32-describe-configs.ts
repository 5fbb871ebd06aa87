/**
 * DescribeConfigs (32), versions 1-4: configurations with their sources and synonyms.
 *
 * v3 types and documentation (there are no documentation texts: null); v4 flexible. Resources: topics, this broker, the cluster-wide broker defaults,
 * client metrics, groups, and the loggers of this broker (KIP-412). ACLs: DESCRIBE_CONFIGS on the topic, group or cluster.
 */
import { ConfigError, type LogLevels } from '@skarab/base';
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
import { type DescribedLogger, describeLoggers } from '../config/logger-levels.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

/** What the handler works with, on a broker or on a controller (KIP-919). */
export interface DescribeConfigsParts {
  readonly nodeId: number;
  readonly metadata: Pick<MetadataCache, 'image'>;
  readonly broker: DynamicBrokerConfig;
  readonly logLevels: LogLevels;
}

/** Kinds of resources that may be asked for. */
const DESCRIBED: ReadonlySet<number> = new Set(
  Object.values(ConfigResourceType).filter((type) => type !== ConfigResourceType.UNKNOWN),
);

export function describeConfigsHandler(
  parts: DescribeConfigsParts,
): ApiHandler<DescribeConfigsRequest, DescribeConfigsResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_CONFIGS,
    decode: decodeDescribeConfigsRequest,
    encode: encodeDescribeConfigsResponse,
    handle: (context, request) => {
      for (const { resourceType } of request.resources) {
        if (!DESCRIBED.has(resourceType)) throw new ApiError(ErrorCode.INVALID_REQUEST);
      }
      return newDescribeConfigsResponse({
        results: request.resources.map((resource) => describeResource(parts, context, request, resource)),
      });
    },
    failure: (request, errorCode) =>
      newDescribeConfigsResponse({
        results: request.resources.map(({ resourceType, resourceName }) =>
          newDescribeConfigsResult({
            resourceType,
            resourceName,
            errorCode,
            errorMessage: defaultErrorMessage(errorCode),
          }),
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
      const isUnknown = error.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      return { ...result, errorCode: error.errorCode, ...(!isUnknown && { errorMessage: error.message }) };
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
): (DescribedConfig | DescribedLogger)[] {
  const { metadata, broker, nodeId } = parts;
  const overrides = metadata.image.configs.get(type as MetadataResourceType, name);
  switch (type) {
    case ConfigResourceType.TOPIC: {
      const invalid = reasonInvalidTopicName(name);
      if (invalid !== null) throw new ApiError(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid);
      if (metadata.image.topics.byName.get(name) === undefined)
        throw new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
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
      checkLoggerName(name, nodeId);
      return describeLoggers(parts.logLevels, options.names ?? null);
  }
}

/** Errors: ApiError for a BROKER_LOGGER resource that is not this broker's. */
function checkLoggerName(name: string, nodeId: number): void {
  if (name === '') throw new ApiError(ErrorCode.INVALID_REQUEST, 'Broker id must not be empty');
  if (Number(name) !== nodeId) {
    throw new ApiError(ErrorCode.INVALID_REQUEST, `Unexpected broker id, expected ${nodeId} but received ${name}`);
  }
}
