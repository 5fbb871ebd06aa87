/**
 * FindCoordinator (10), versions 0-6: the broker that leads the partition a group or transactional id hashes to; makes the topic when it is missing.
 *
 * v1 key types; v3 flexible; v4 KIP-699 several keys; v5 KIP-890 for transactions; v6 share keys, which are refused with INVALID_REQUEST until their
 * coordinator exists. ACLs: DESCRIBE on the group or transactional id.
 */
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
import { CONSUMER_OFFSETS_TOPIC, TRANSACTION_STATE_TOPIC } from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

const GROUP_KEY = 0;
const TRANSACTION_KEY = 1;
const SHARE_KEY = 2;
const SEVERAL_KEYS_VERSION = 4;
const NO_NODE = { nodeId: -1, host: '', port: -1 };

/** What the handler works with. */
export interface FindCoordinatorParts {
  readonly metadata: MetadataCache;
  readonly autoTopicCreation: AutoTopicCreation;
  readonly partitionForGroup: (groupId: string) => number;
  readonly partitionForTransaction: (transactionalId: string) => number;
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

function find(
  { metadata, autoTopicCreation, partitionForGroup, partitionForTransaction }: FindCoordinatorParts,
  context: RequestContext,
  type: number,
  key: string,
): Found {
  if (type !== GROUP_KEY && type !== TRANSACTION_KEY && type !== SHARE_KEY)
    throw new ApiError(ErrorCode.INVALID_REQUEST);
  if (type === SHARE_KEY) return { errorCode: ErrorCode.INVALID_REQUEST, node: NO_NODE };
  const isGroup = type === GROUP_KEY;
  if (isGroup && !context.mayDo('DESCRIBE', 'GROUP', key))
    return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, node: NO_NODE };
  if (!isGroup && !context.mayDo('DESCRIBE', 'TRANSACTIONAL_ID', key))
    return { errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, node: NO_NODE };
  const topicName = isGroup ? CONSUMER_OFFSETS_TOPIC : TRANSACTION_STATE_TOPIC;
  const topic = metadata.topic(topicName);
  if (topic === undefined) {
    autoTopicCreation.request(topicName);
    return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, node: NO_NODE };
  }
  const leader = topic.partitions[isGroup ? partitionForGroup(key) : partitionForTransaction(key)]?.leader ?? -1;
  const node = metadata.endpoint(leader, context.listenerName);
  return node === undefined
    ? { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, node: NO_NODE }
    : { errorCode: ErrorCode.NONE, node };
}
