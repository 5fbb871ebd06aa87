/**
 * SyncGroup (14), versions 0-5: the leader hands in the assignment, everybody gets their part.
 *
 * v3 KIP-345 static members; v4 flexible; v5 KIP-559 protocol type and name are mandatory (the coordinator checks). ACLs: READ on the group.
 */
import {
  ApiKey,
  decodeSyncGroupRequest,
  ErrorCode,
  encodeSyncGroupResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function syncGroupHandler(groups: GroupRequestsPort): ApiHandler<SyncGroupRequest, SyncGroupResponse> {
  return {
    apiKey: ApiKey.SYNC_GROUP,
    decode: decodeSyncGroupRequest,
    encode: encodeSyncGroupResponse,
    handle: (context, request) =>
      context.mayDo('READ', 'GROUP', request.groupId)
        ? groups.send('syncGroup', context, request)
        : groups.refuse('syncGroup', request, ErrorCode.GROUP_AUTHORIZATION_FAILED, context.apiVersion),
    failure: (request, errorCode, context) => groups.refuse('syncGroup', request, errorCode, context.apiVersion),
  };
}
