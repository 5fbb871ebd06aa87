/**
 * LeaveGroup (13), versions 0-5: members leave a classic group.
 *
 * v3 KIP-345 several members and static ones; v4 flexible; v5 KIP-800 reason. ACLs: READ on the group.
 */
import {
  ApiKey,
  decodeLeaveGroupRequest,
  ErrorCode,
  encodeLeaveGroupResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function leaveGroupHandler(groups: GroupRequestsPort): ApiHandler<LeaveGroupRequest, LeaveGroupResponse> {
  return {
    apiKey: ApiKey.LEAVE_GROUP,
    decode: decodeLeaveGroupRequest,
    encode: encodeLeaveGroupResponse,
    handle: (context, request) =>
      context.mayDo('READ', 'GROUP', request.groupId)
        ? groups.send('leaveGroup', context, request)
        : groups.refuse('leaveGroup', request, ErrorCode.GROUP_AUTHORIZATION_FAILED, context.apiVersion),
    failure: (request, errorCode, context) => groups.refuse('leaveGroup', request, errorCode, context.apiVersion),
  };
}
