/**
 * OffsetFetch (9), versions 1-10: the stored positions of groups.
 *
 * v2 all topics; v5 leader epoch; v6 flexible; v7 KIP-447 requireStable; v8 KIP-709 several groups; v9 KIP-848 member epochs; v10 topic ids.
 * ACLs: DESCRIBE on each group, DESCRIBE on each topic.
 */
import { offsetFetchGroups, offsetFetchResponse, planOffsetFetch, type TopicsView } from '@skarab/coordinator';
import {
  ApiKey,
  decodeOffsetFetchRequest,
  ErrorCode,
  encodeOffsetFetchResponse,
  type OffsetFetchRequest,
  type OffsetFetchRequestGroup,
  type OffsetFetchResponse,
  type OffsetFetchResponseGroup,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';

export function offsetFetchHandler(
  groups: GroupRequestsPort,
  topics: TopicsView,
): ApiHandler<OffsetFetchRequest, OffsetFetchResponse> {
  const fetchGroup = async (
    context: RequestContext,
    group: OffsetFetchRequestGroup,
    requireStable: boolean,
  ): Promise<OffsetFetchResponseGroup> => {
    if (!context.mayDo('DESCRIBE', 'GROUP', group.groupId)) {
      return groups.refuse(
        'offsetFetch',
        { group, requireStable },
        ErrorCode.GROUP_AUTHORIZATION_FAILED,
        context.apiVersion,
      );
    }
    const plan = planOffsetFetch(group, context.apiVersion, topics, (topic) =>
      context.mayDo('DESCRIBE', 'TOPIC', topic),
    );
    return plan.finish(await groups.send('offsetFetch', context, { group: plan.forward, requireStable }));
  };
  return {
    apiKey: ApiKey.OFFSET_FETCH,
    decode: decodeOffsetFetchRequest,
    encode: encodeOffsetFetchResponse,
    handle: async (context, request) => {
      const asked = offsetFetchGroups(request, context.apiVersion);
      const answers = await Promise.all(asked.map((group) => fetchGroup(context, group, request.requireStable)));
      return offsetFetchResponse(answers, context.apiVersion);
    },
    failure: (request, errorCode, context) =>
      offsetFetchResponse(
        offsetFetchGroups(request, context.apiVersion).map((group) =>
          groups.refuse('offsetFetch', { group, requireStable: request.requireStable }, errorCode, context.apiVersion),
        ),
        context.apiVersion,
      ),
  };
}
