/**
 * Heartbeat (12), versions 0-4: a member of a classic group is alive.
 *
 * v3 KIP-345 static members; v4 flexible. ACLs: READ on the group.
 */
import {
  ApiKey,
  decodeHeartbeatRequest,
  ErrorCode,
  encodeHeartbeatResponse,
  type HeartbeatRequest,
  type HeartbeatResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function heartbeatHandler(groups: GroupRequestsPort): ApiHandler<HeartbeatRequest, HeartbeatResponse> {
  return {
    apiKey: ApiKey.HEARTBEAT,
    decode: decodeHeartbeatRequest,
    encode: encodeHeartbeatResponse,
    handle: (context, request) =>
      context.mayDo('READ', 'GROUP', request.groupId)
        ? groups.send('heartbeat', context, request)
        : groups.refuse('heartbeat', request, ErrorCode.GROUP_AUTHORIZATION_FAILED, context.apiVersion),
    failure: (request, errorCode, context) => groups.refuse('heartbeat', request, errorCode, context.apiVersion),
  };
}
