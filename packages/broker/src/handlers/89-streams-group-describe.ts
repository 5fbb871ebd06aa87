/**
 * StreamsGroupDescribe (89), version 0: epochs, topology, state and members of streams groups (KIP-1071).
 *
 * UNSUPPORTED_VERSION while streams.version is 0 or the protocol is not among group.coordinator.rebalance.protocols.
 * ACLs: DESCRIBE on each group, DESCRIBE on each topic of its topology.
 */
import {
  ApiKey,
  type StreamsGroupDescribeResponseDescribedGroup as DescribedGroup,
  decodeStreamsGroupDescribeRequest,
  ErrorCode,
  encodeStreamsGroupDescribeResponse,
  newStreamsGroupDescribeResponseDescribedGroup as newDescribedGroup,
  newStreamsGroupDescribeResponse,
  type StreamsGroupDescribeRequest,
  type StreamsGroupDescribeResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { authorizedOperations } from '../metadata/authorized-operations.ts';

export function streamsGroupDescribeHandler(
  groups: GroupRequestsPort,
  isEnabled: () => boolean,
): ApiHandler<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse> {
  return {
    apiKey: ApiKey.STREAMS_GROUP_DESCRIBE,
    decode: decodeStreamsGroupDescribeRequest,
    encode: encodeStreamsGroupDescribeResponse,
    handle: async (context, request) => {
      if (!isEnabled())
        return groups.refuse('streamsGroupDescribe', request, ErrorCode.UNSUPPORTED_VERSION, context.apiVersion);
      const isAllowed = (groupId: string): boolean => context.mayDo('DESCRIBE', 'GROUP', groupId);
      const refused = request.groupIds
        .filter((groupId) => !isAllowed(groupId))
        .map((groupId) => newDescribedGroup({ groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }));
      const { groups: described } = await groups.send('streamsGroupDescribe', context, {
        ...request,
        groupIds: request.groupIds.filter(isAllowed),
      });
      for (const group of described)
        if (request.includeAuthorizedOperations && group.errorCode === ErrorCode.NONE)
          group.authorizedOperations = authorizedOperations(context, 'GROUP', group.groupId);
      return newStreamsGroupDescribeResponse({
        groups: [...refused, ...described.map((group) => hideUnknownTopics(context, group))],
      });
    },
    failure: (request, errorCode, context) =>
      groups.refuse('streamsGroupDescribe', request, errorCode, context.apiVersion),
  };
}

/** A group that has topics which the peer may not know of is not described. */
function hideUnknownTopics(context: RequestContext, group: DescribedGroup): DescribedGroup {
  const topics = (group.topology?.subtopologies ?? []).flatMap((subtopology) => [
    ...subtopology.sourceTopics,
    ...subtopology.repartitionSinkTopics,
    ...subtopology.repartitionSourceTopics.map(({ name }) => name),
    ...subtopology.stateChangelogTopics.map(({ name }) => name),
  ]);
  if ([...new Set(topics)].every((topic) => context.mayDo('DESCRIBE', 'TOPIC', topic))) return group;
  return newDescribedGroup({
    groupId: group.groupId,
    errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    errorMessage: 'The described group uses topics that the client is not authorized to describe.',
  });
}
