/**
 * ShareGroupDescribe (77), version 1: epochs, state and members of share groups (KIP-932).
 *
 * UNSUPPORTED_VERSION while share.version is 0. ACLs: DESCRIBE on each group, DESCRIBE on each topic that its members have.
 */
import {
  ApiKey,
  type ShareGroupDescribeResponseDescribedGroup as DescribedGroup,
  decodeShareGroupDescribeRequest,
  ErrorCode,
  encodeShareGroupDescribeResponse,
  newShareGroupDescribeResponseDescribedGroup as newDescribedGroup,
  newShareGroupDescribeResponse,
  type ShareGroupDescribeRequest,
  type ShareGroupDescribeResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { authorizedOperations } from '../metadata/authorized-operations.ts';
import type { ShareConsumers } from '../share/share-consumers.ts';

export function shareGroupDescribeHandler(
  groups: GroupRequestsPort,
  consumers: ShareConsumers,
): ApiHandler<ShareGroupDescribeRequest, ShareGroupDescribeResponse> {
  return {
    apiKey: ApiKey.SHARE_GROUP_DESCRIBE,
    decode: decodeShareGroupDescribeRequest,
    encode: encodeShareGroupDescribeResponse,
    handle: async (context, request) => {
      if (!consumers.isEnabled)
        return groups.refuse('shareGroupDescribe', request, ErrorCode.UNSUPPORTED_VERSION, context.apiVersion);
      const isAllowed = (groupId: string): boolean => context.mayDo('DESCRIBE', 'GROUP', groupId);
      const refused = request.groupIds
        .filter((groupId) => !isAllowed(groupId))
        .map((groupId) => newDescribedGroup({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }));
      const groupIds = request.groupIds.filter(isAllowed);
      const { groups: described } = await groups.send('shareGroupDescribe', context, { ...request, groupIds });
      for (const group of described)
        if (request.includeAuthorizedOperations && group.errorCode === ErrorCode.NONE)
          group.authorizedOperations = authorizedOperations(context, 'GROUP', group.groupId);
      const shown = described.map((group) => hideUnknownTopics(context, group));
      return newShareGroupDescribeResponse({ groups: [...refused, ...shown] });
    },
    failure: (request, errorCode, context) =>
      groups.refuse('shareGroupDescribe', request, errorCode, context.apiVersion),
  };
}

/** A group that has topics which the peer may not know of is not described. */
function hideUnknownTopics(context: RequestContext, group: DescribedGroup): DescribedGroup {
  const topics = group.members.flatMap(({ assignment }) => assignment.topicPartitions);
  if (topics.every(({ topicName }) => context.mayDo('DESCRIBE', 'TOPIC', topicName))) return group;
  return newDescribedGroup({
    groupId: group.groupId,
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    errorMessage: 'The group has described topic(s) that the client is not authorized to describe.',
  });
}
