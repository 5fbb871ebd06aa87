/**
 * DescribeGroups (15), versions 0-6: state and members of classic groups.
 *
 * v3 KIP-430 authorized operations; v4 static members; v5 flexible; v6 KIP-1043 GROUP_ID_NOT_FOUND with a text. ACLs: DESCRIBE on each group.
 */
import {
  ApiKey,
  type DescribeGroupsRequest,
  type DescribeGroupsResponse,
  decodeDescribeGroupsRequest,
  ErrorCode,
  encodeDescribeGroupsResponse,
  newDescribeGroupsResponse,
  newDescribeGroupsResponseDescribedGroup,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { authorizedOperations } from '../metadata/authorized-operations.ts';

export function describeGroupsHandler(
  groups: GroupRequestsPort,
): ApiHandler<DescribeGroupsRequest, DescribeGroupsResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_GROUPS,
    decode: decodeDescribeGroupsRequest,
    encode: encodeDescribeGroupsResponse,
    handle: async (context, request) => {
      const isAllowed = (groupId: string): boolean => context.mayDo('DESCRIBE', 'GROUP', groupId);
      const refused = request.groups
        .filter((groupId) => !isAllowed(groupId))
        .map((groupId) =>
          newDescribeGroupsResponseDescribedGroup({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }),
        );
      const response = await groups.send('describeGroups', context, {
        ...request,
        groups: request.groups.filter(isAllowed),
      });
      if (context.apiVersion >= 3 && request.includeAuthorizedOperations) {
        for (const group of response.groups) {
          if (group.errorCode === ErrorCode.NONE)
            group.authorizedOperations = authorizedOperations(context, 'GROUP', group.groupId);
        }
      }
      return newDescribeGroupsResponse({ groups: [...refused, ...response.groups] });
    },
    failure: (request, errorCode, context) => groups.refuse('describeGroups', request, errorCode, context.apiVersion),
  };
}
