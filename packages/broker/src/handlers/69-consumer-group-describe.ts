/**
 * ConsumerGroupDescribe (69), versions 0-1: epochs, state and members of consumer groups (KIP-848).
 *
 * v1 KIP-1099 types of members. UNSUPPORTED_VERSION while group.version is 0 or the protocol is not among group.coordinator.rebalance.protocols.
 * ACLs: DESCRIBE on each group, DESCRIBE on each topic that its members have.
 */
import {
  ApiKey,
  type ConsumerGroupDescribeRequest,
  type ConsumerGroupDescribeResponse,
  type ConsumerGroupDescribeResponseDescribedGroup as DescribedGroup,
  decodeConsumerGroupDescribeRequest,
  ErrorCode,
  encodeConsumerGroupDescribeResponse,
  newConsumerGroupDescribeResponse,
  newConsumerGroupDescribeResponseDescribedGroup as newDescribedGroup,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { authorizedOperations } from '../metadata/authorized-operations.ts';

export function consumerGroupDescribeHandler(
  groups: GroupRequestsPort,
  isEnabled: () => boolean,
): ApiHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> {
  return {
    apiKey: ApiKey.CONSUMER_GROUP_DESCRIBE,
    decode: decodeConsumerGroupDescribeRequest,
    encode: encodeConsumerGroupDescribeResponse,
    handle: async (context, request) => {
      if (!isEnabled())
        return groups.refuse('consumerGroupDescribe', request, ErrorCode.UNSUPPORTED_VERSION, context.apiVersion);
      const isAllowed = (groupId: string): boolean => context.mayDo('DESCRIBE', 'GROUP', groupId);
      const refused = request.groupIds
        .filter((groupId) => !isAllowed(groupId))
        .map((groupId) => newDescribedGroup({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }));
      const { groups: described } = await groups.send('consumerGroupDescribe', context, {
        ...request,
        groupIds: request.groupIds.filter(isAllowed),
      });
      for (const group of described)
        if (request.includeAuthorizedOperations && group.errorCode === ErrorCode.NONE)
          group.authorizedOperations = authorizedOperations(context, 'GROUP', group.groupId);
      return newConsumerGroupDescribeResponse({
        groups: [...refused, ...described.map((group) => hideUnknownTopics(context, group))],
      });
    },
    failure: (request, errorCode, context) =>
      groups.refuse('consumerGroupDescribe', request, errorCode, context.apiVersion),
  };
}

/** A group that has topics which the peer may not know of is not described. */
function hideUnknownTopics(context: RequestContext, group: DescribedGroup): DescribedGroup {
  const topics = group.members
    .flatMap(({ assignment, targetAssignment }) => [...assignment.topicPartitions, ...targetAssignment.topicPartitions])
    .map(({ topicName }) => topicName);
  if ([...new Set(topics)].every((topic) => context.mayDo('DESCRIBE', 'TOPIC', topic))) return group;
  return newDescribedGroup({
    groupId: group.groupId,
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    errorMessage: 'The group has described topic(s) that the client is not authorized to describe.',
  });
}
