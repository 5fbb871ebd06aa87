/**
 * ListGroups (16), versions 0-5: the groups this broker coordinates.
 *
 * v3 flexible; v4 KIP-518 states and state filter; v5 KIP-848 types and type filter. ACLs: DESCRIBE on the cluster shows all, else DESCRIBE on each group.
 */
import {
  ApiKey,
  decodeListGroupsRequest,
  encodeListGroupsResponse,
  type ListGroupsRequest,
  type ListGroupsResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function listGroupsHandler(groups: GroupRequestsPort): ApiHandler<ListGroupsRequest, ListGroupsResponse> {
  return {
    apiKey: ApiKey.LIST_GROUPS,
    decode: decodeListGroupsRequest,
    encode: encodeListGroupsResponse,
    handle: async (context, request) => {
      const response = await groups.send('listGroups', context, request);
      if (context.mayDoToCluster('DESCRIBE')) return response;
      return {
        ...response,
        groups: response.groups.filter((group) => context.mayDo('DESCRIBE', 'GROUP', group.groupId)),
      };
    },
    failure: (request, errorCode, context) => groups.refuse('listGroups', request, errorCode, context.apiVersion),
  };
}
