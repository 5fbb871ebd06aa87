/**
 * OffsetCommit (8), versions 2-10: stores the positions of a group.
 *
 * v6 leader epoch; v7 KIP-345 static members; v8 flexible; v9 KIP-848 member epochs; v10 KIP-848 topic ids. Which topics may be committed is
 * planned here, the rest is the coordinator's. ACLs: READ on the group, READ on each topic.
 */
import { planOffsetCommit, type TopicsView } from '@skarab/coordinator';
import {
  ApiKey,
  decodeOffsetCommitRequest,
  ErrorCode,
  encodeOffsetCommitResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function offsetCommitHandler(
  groups: GroupRequestsPort,
  topics: TopicsView,
): ApiHandler<OffsetCommitRequest, OffsetCommitResponse> {
  return {
    apiKey: ApiKey.OFFSET_COMMIT,
    decode: decodeOffsetCommitRequest,
    encode: encodeOffsetCommitResponse,
    handle: async (context, request) => {
      if (!context.mayDo('READ', 'GROUP', request.groupId)) {
        return groups.refuse('offsetCommit', request, ErrorCode.GROUP_AUTHORIZATION_FAILED, context.apiVersion);
      }
      const plan = planOffsetCommit(request, context.apiVersion, topics, (topic) =>
        context.mayDo('READ', 'TOPIC', topic),
      );
      return plan.finish(plan.forward === null ? null : await groups.send('offsetCommit', context, plan.forward));
    },
    failure: (request, errorCode, context) => groups.refuse('offsetCommit', request, errorCode, context.apiVersion),
  };
}
