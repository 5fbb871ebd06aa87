/**
 * DeleteGroups (42), versions 0-2: removes empty groups with their offsets.
 *
 * v2 flexible. What share groups have persisted goes before they do. ACLs: DELETE on each group.
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
import type { SharePersister } from '../share/share-persister.ts';

export function deleteGroupsHandler(
  groups: GroupRequestsPort,
  persister: SharePersister,
): ApiHandler<DeleteGroupsRequest, DeleteGroupsResponse> {
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
      const allowed = names.filter(isAllowed);
      const states = await Promise.all(allowed.map((groupId) => deleteStates(groups, persister, groupId)));
      const kept = allowed.flatMap((groupId, index) => {
        const errorCode = states[index]!;
        return errorCode === ErrorCode.NONE ? [] : [newDeletableGroupResult({ groupId, errorCode })];
      });
      const groupsNames = allowed.filter((_, index) => states[index] === ErrorCode.NONE);
      const response = await groups.send('deleteGroups', context, { ...request, groupsNames });
      return newDeleteGroupsResponse({ results: [...refused, ...kept, ...response.results] });
    },
    failure: (request, errorCode, context) => groups.refuse('deleteGroups', request, errorCode, context.apiVersion),
  };
}

/** Ends the states of a share group; nothing is to be done for groups of other types. */
async function deleteStates(groups: GroupRequestsPort, persister: SharePersister, groupId: string): Promise<ErrorCode> {
  const { errorCode, states } = await groups.beginShareGroupDeletion(groupId);
  return errorCode === ErrorCode.NONE ? persister.deleteAll(groupId, states) : errorCode;
}
