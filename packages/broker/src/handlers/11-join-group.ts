/**
 * JoinGroup (11), versions 0-9: enters a classic group or starts its next round.
 *
 * v1 rebalance timeout; v4 KIP-394 member id required; v5 KIP-345 static members; v6 flexible; v7 protocol type; v8 KIP-800 reason; v9 KIP-814
 * skipAssignment. Versions and states are the coordinator's business. ACLs: READ on the group.
 */
import {
  ApiKey,
  decodeJoinGroupRequest,
  ErrorCode,
  encodeJoinGroupResponse,
  type JoinGroupRequest,
  type JoinGroupResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function joinGroupHandler(groups: GroupRequestsPort): ApiHandler<JoinGroupRequest, JoinGroupResponse> {
  return {
    apiKey: ApiKey.JOIN_GROUP,
    decode: decodeJoinGroupRequest,
    encode: encodeJoinGroupResponse,
    handle: (context, request) =>
      context.mayDo('READ', 'GROUP', request.groupId)
        ? groups.send('joinGroup', context, request)
        : groups.refuse('joinGroup', request, ErrorCode.GROUP_AUTHORIZATION_FAILED, context.apiVersion),
    failure: (request, errorCode, context) => groups.refuse('joinGroup', request, errorCode, context.apiVersion),
  };
}
