/**
 * FindCoordinator (10), versions 0-6: the broker that leads the partition a group, transactional id or share partition hashes to; makes the topic when
 * it is missing.
 *
 * v1 key types; v3 flexible; v4 KIP-699 several keys; v5 KIP-890 for transactions; v6 share keys (KIP-932). ACLs: DESCRIBE on the group or transactional
 * id; CLUSTER_ACTION for share keys.
 */
import { parseSharePartitionKey, type SharePartitionKey } from '@skarab/coordinator';
import {
  ApiError,
  ApiKey,
  decodeFindCoordinatorRequest,
  ErrorCode,
  encodeFindCoordinatorResponse,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
  newFindCoordinatorResponse,
  newFindCoordinatorResponseCoordinator,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import type { AutoTopicCreation } from '../metadata/auto-topic-creation.ts';
import {
  CONSUMER_OFFSETS_TOPIC,
  SHARE_GROUP_STATE_TOPIC,
  TRANSACTION_STATE_TOPIC,
} from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

const GROUP_KEY = 0;
const TRANSACTION_KEY = 1;
const SHARE_KEY = 2;
const SEVERAL_KEYS_VERSION = 4;
const SHARE_KEYS_VERSION = 6;
const NO_NODE = { nodeId: -1, host: '', port: -1 };

/** What the handler works with. */
export interface FindCoordinatorParts {
  readonly metadata: MetadataCache;
  readonly autoTopicCreation: AutoTopicCreation;
  readonly partitionForGroup: (groupId: string) => number;
  readonly partitionForTransaction: (transactionalId: string) => number;
  readonly partitionForShare: (key: SharePartitionKey) => number;
}

interface Found {
  readonly errorCode: number;
  readonly node: { readonly nodeId: number; readonly host: string; readonly port: number };
}

export function findCoordinatorHandler(
  parts: FindCoordinatorParts,
): ApiHandler<FindCoordinatorRequest, FindCoordinatorResponse> {
  return {
    apiKey: ApiKey.FIND_COORDINATOR,
    decode: decodeFindCoordinatorRequest,
    encode: encodeFindCoordinatorResponse,
    handle: (context, request) => {
      if (context.apiVersion >= SEVERAL_KEYS_VERSION) {
        return newFindCoordinatorResponse({
          coordinators: request.coordinatorKeys.map((key) => {
            const { errorCode, node } = find(parts, context, request.keyType, key);
            return newFindCoordinatorResponseCoordinator({
              key,
              errorCode,
              nodeId: node.nodeId,
              host: node.host,
              port: node.port,
            });
          }),
        });
      }
      const { errorCode, node } = find(parts, context, request.keyType, request.key);
      return newFindCoordinatorResponse({
        errorCode,
        errorMessage: errorCode === ErrorCode.NONE ? 'NONE' : defaultErrorMessage(errorCode),
        nodeId: node.nodeId,
        host: node.host,
        port: node.port,
      });
    },
    failure: (request, errorCode, context) => {
      const refusal = { errorCode, errorMessage: defaultErrorMessage(errorCode), nodeId: -1, port: -1 };
      if (context.apiVersion < SEVERAL_KEYS_VERSION) return newFindCoordinatorResponse(refusal);
      const coordinators = request.coordinatorKeys.map((key) =>
        newFindCoordinatorResponseCoordinator({ key, ...refusal }),
      );
      return newFindCoordinatorResponse({ coordinators });
    },
  };
}

/** The topic and the partition that keep a key; or why they are not told. */
function placeOf(
  parts: FindCoordinatorParts,
  context: RequestContext,
  type: number,
  key: string,
): { readonly topic: string; readonly partition: number } | ErrorCode {
  switch (type) {
    case GROUP_KEY:
      if (!context.mayDo('DESCRIBE', 'GROUP', key)) return ErrorCode.GROUP_AUTHORIZATION_FAILED;
      return { topic: CONSUMER_OFFSETS_TOPIC, partition: parts.partitionForGroup(key) };
    case TRANSACTION_KEY:
      if (!context.mayDo('DESCRIBE', 'TRANSACTIONAL_ID', key)) return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
      return { topic: TRANSACTION_STATE_TOPIC, partition: parts.partitionForTransaction(key) };
    case SHARE_KEY: {
      if (context.apiVersion < SHARE_KEYS_VERSION) return ErrorCode.INVALID_REQUEST;
      if (!context.mayDoToCluster('CLUSTER_ACTION')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      const share = parseSharePartitionKey(key);
      if (share === null) return ErrorCode.INVALID_REQUEST;
      return { topic: SHARE_GROUP_STATE_TOPIC, partition: parts.partitionForShare(share) };
    }
    default:
      throw new ApiError(ErrorCode.INVALID_REQUEST);
  }
}

function find(parts: FindCoordinatorParts, context: RequestContext, type: number, key: string): Found {
  const place = placeOf(parts, context, type, key);
  if (typeof place === 'number') return { errorCode: place, node: NO_NODE };
  const { metadata, autoTopicCreation } = parts;
  const topic = metadata.topic(place.topic);
  if (topic === undefined) {
    autoTopicCreation.request(place.topic);
    return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, node: NO_NODE };
  }
  const leader = topic.partitions[place.partition]?.leader ?? -1;
  const node = metadata.endpoint(leader, context.listenerName);
  return node === undefined
    ? { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, node: NO_NODE }
    : { errorCode: ErrorCode.NONE, node };
}
