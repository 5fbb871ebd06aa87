/**
 * OffsetDelete (47), version 0: forgets positions of a group for topics it does not read (KIP-496).
 *
 * ACLs: DELETE on the group, READ on each topic.
 */
import { planOffsetDelete, type TopicsView } from '@skarab/coordinator';
import {
  ApiKey,
  decodeOffsetDeleteRequest,
  ErrorCode,
  encodeOffsetDeleteResponse,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function offsetDeleteHandler(
  groups: GroupRequestsPort,
  topics: TopicsView,
): ApiHandler<OffsetDeleteRequest, OffsetDeleteResponse> {
  return {
    apiKey: ApiKey.OFFSET_DELETE,
    decode: decodeOffsetDeleteRequest,
    encode: encodeOffsetDeleteResponse,
    handle: async (context, request) => {
      if (!context.mayDo('DELETE', 'GROUP', request.groupId)) {
        return groups.refuse('offsetDelete', request, ErrorCode.GROUP_AUTHORIZATION_FAILED, context.apiVersion);
      }
      const plan = planOffsetDelete(request, topics, (topic) => context.mayDo('READ', 'TOPIC', topic));
      return plan.finish(await groups.send('offsetDelete', context, plan.forward));
    },
    failure: (request, errorCode, context) => groups.refuse('offsetDelete', request, errorCode, context.apiVersion),
  };
}
