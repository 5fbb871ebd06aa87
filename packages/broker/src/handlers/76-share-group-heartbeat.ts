/**
 * ShareGroupHeartbeat (76), version 1: a member of a share group joins, stays or leaves, and learns its assignment (KIP-932).
 *
 * UNSUPPORTED_VERSION while share.version is 0. ACLs: READ on the group, DESCRIBE on each topic that is named.
 */
import {
  ApiKey,
  decodeShareGroupHeartbeatRequest,
  ErrorCode,
  encodeShareGroupHeartbeatResponse,
  type ShareGroupHeartbeatRequest,
  type ShareGroupHeartbeatResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { ShareConsumers } from '../share/share-consumers.ts';

export function shareGroupHeartbeatHandler(
  groups: GroupRequestsPort,
  consumers: ShareConsumers,
): ApiHandler<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse> {
  return {
    apiKey: ApiKey.SHARE_GROUP_HEARTBEAT,
    decode: decodeShareGroupHeartbeatRequest,
    encode: encodeShareGroupHeartbeatResponse,
    handle: (context, request) => {
      const refuse = (errorCode: ErrorCode): ShareGroupHeartbeatResponse =>
        groups.refuse('shareGroupHeartbeat', request, errorCode, context.apiVersion);
      const { groupId, memberId } = request;
      const refusal = consumers.refusalOf(groupId, memberId, (group) => context.mayDo('READ', 'GROUP', group));
      if (refusal !== ErrorCode.NONE) return refuse(refusal);
      const topics = request.subscribedTopicNames ?? [];
      if (!topics.every((topic) => context.mayDo('DESCRIBE', 'TOPIC', topic)))
        return refuse(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
      return groups.send('shareGroupHeartbeat', context, request);
    },
    failure: (request, errorCode, context) =>
      groups.refuse('shareGroupHeartbeat', request, errorCode, context.apiVersion),
  };
}
