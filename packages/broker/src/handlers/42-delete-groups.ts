/**
 * DeleteGroups (42), versions 0-2: removes empty groups with their offsets.
 *
 * v2 flexible. ACLs: DELETE on each group.
 */
import {
  ApiKey,
  type DeleteGroupsRequest,
  type DeleteGroupsResponse,
  decodeDeleteGroupsRequest,
  ErrorCode,
  encodeDeleteGroupsResponse,
  newDeletableGroupResult,
  newDeleteGroupsResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function deleteGroupsHandler(groups: GroupRequestsPort): ApiHandler<DeleteGroupsRequest, DeleteGroupsResponse> {
  return {
    apiKey: ApiKey.DELETE_GROUPS,
    decode: decodeDeleteGroupsRequest,
    encode: encodeDeleteGroupsResponse,
    handle: async (context, request) => {
      const names = [...new Set(request.groupsNames)];
      const isAllowed = (groupId: string): boolean => context.mayDo('DELETE', 'GROUP', groupId);
      const refused = names
        .filter((groupId) => !isAllowed(groupId))
        .map((groupId) => newDeletableGroupResult({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }));
      const response = await groups.send('deleteGroups', context, { ...request, groupsNames: names.filter(isAllowed) });
      return newDeleteGroupsResponse({ results: [...refused, ...response.results] });
    },
    failure: (request, errorCode, context) => groups.refuse('deleteGroups', request, errorCode, context.apiVersion),
  };
}
