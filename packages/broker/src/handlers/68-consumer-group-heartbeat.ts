/**
 * ConsumerGroupHeartbeat (68), versions 0-1: a member of a consumer group joins, stays or leaves, and learns its assignment (KIP-848).
 *
 * v1 KIP-848 regular expressions of topics and ids made by members (KIP-1082). UNSUPPORTED_VERSION while group.version is 0 or the protocol is not
 * among group.coordinator.rebalance.protocols. ACLs: READ on the group, DESCRIBE on each topic that is named.
 */
import {
  ApiKey,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  decodeConsumerGroupHeartbeatRequest,
  ErrorCode,
  encodeConsumerGroupHeartbeatResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function consumerGroupHeartbeatHandler(
  groups: GroupRequestsPort,
  isEnabled: () => boolean,
): ApiHandler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> {
  return {
    apiKey: ApiKey.CONSUMER_GROUP_HEARTBEAT,
    decode: decodeConsumerGroupHeartbeatRequest,
    encode: encodeConsumerGroupHeartbeatResponse,
    handle: (context, request) => {
      const refuse = (errorCode: ErrorCode): ConsumerGroupHeartbeatResponse =>
        groups.refuse('consumerGroupHeartbeat', request, errorCode, context.apiVersion);
      if (!isEnabled()) return refuse(ErrorCode.UNSUPPORTED_VERSION);
      if (!context.mayDo('READ', 'GROUP', request.groupId)) return refuse(ErrorCode.GROUP_AUTHORIZATION_FAILED);
      const topics = request.subscribedTopicNames ?? [];
      if (!topics.every((topic) => context.mayDo('DESCRIBE', 'TOPIC', topic)))
        return refuse(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
      return groups.send('consumerGroupHeartbeat', context, request);
    },
    failure: (request, errorCode, context) =>
      groups.refuse('consumerGroupHeartbeat', request, errorCode, context.apiVersion),
  };
}
