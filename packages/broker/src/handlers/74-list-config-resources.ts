/**
 * ListConfigResources (74), versions 0-1: the names of what has configurations (KIP-714, KIP-1142).
 *
 * v0 client metrics subscriptions only; v1 topics, brokers, broker loggers and groups too, all of them when no type is asked for.
 * ACLs: DESCRIBE_CONFIGS on the cluster.
 */
import { ConfigResourceType } from '@skarab/config';
import {
  ApiKey,
  decodeListConfigResourcesRequest,
  ErrorCode,
  encodeListConfigResourcesResponse,
  type ListConfigResourcesRequest,
  type ListConfigResourcesResponse,
  newListConfigResourcesResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType;

/** By version, in the order of the answer. */
const LISTED: readonly (readonly number[])[] = [
  [CLIENT_METRICS],
  [GROUP, CLIENT_METRICS, BROKER_LOGGER, BROKER, TOPIC],
];

export function listConfigResourcesHandler(
  metadata: MetadataCache,
): ApiHandler<ListConfigResourcesRequest, ListConfigResourcesResponse> {
  return {
    apiKey: ApiKey.LIST_CONFIG_RESOURCES,
    decode: decodeListConfigResourcesRequest,
    encode: encodeListConfigResourcesResponse,
    handle: (context, { resourceTypes }) => {
      const errorCode = (code: number) => newListConfigResourcesResponse({ errorCode: code });
      if (!context.mayDoToCluster('DESCRIBE_CONFIGS')) return errorCode(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      const listed = LISTED[context.apiVersion] ?? [];
      if (resourceTypes.some((type) => !listed.includes(type))) return errorCode(ErrorCode.UNSUPPORTED_VERSION);
      return newListConfigResourcesResponse({
        configResources: listed
          .filter((type) => resourceTypes.length === 0 || resourceTypes.includes(type))
          .flatMap((resourceType) =>
            namesOf(metadata, resourceType, context.listenerName).map((resourceName) => ({
              resourceName,
              resourceType,
            })),
          ),
      });
    },
    failure: (_request, errorCode) => newListConfigResourcesResponse({ errorCode }),
  };
}

function namesOf(metadata: MetadataCache, type: number, listenerName: string): string[] {
  if (type === TOPIC) return [...metadata.image.topics.byName.keys()];
  if (type === BROKER || type === BROKER_LOGGER)
    return metadata.endpoints(listenerName).map(({ nodeId }) => String(nodeId));
  return [...metadata.image.configs]
    .filter(({ resource }) => resource.type === type)
    .map(({ resource }) => resource.name);
}
