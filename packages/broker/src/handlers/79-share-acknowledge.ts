/**
 * ShareAcknowledge (79), versions 1-2: what a member of a share group says about records that it has acquired (KIP-932).
 *
 * v1 is the first; v2 KIP-1222 renewal of locks. ACLs: READ on the group and on each topic.
 */
import {
  ApiKey,
  decodeShareAcknowledgeRequest,
  ErrorCode,
  encodeShareAcknowledgeResponse,
  newShareAcknowledgeResponse,
  newShareAcknowledgeResponsePartitionData,
  newShareAcknowledgeTopicResponse,
  type ShareAcknowledgeRequest,
  type ShareAcknowledgeResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { acknowledgeAll } from '../share/acknowledgements.ts';
import { hintLeaders } from '../share/leader-hints.ts';
import type { ShareConsumers } from '../share/share-consumers.ts';
import { FINAL_EPOCH } from '../share/share-session.ts';

const RENEW_VERSION = 2;

export function shareAcknowledgeHandler(
  consumers: ShareConsumers,
): ApiHandler<ShareAcknowledgeRequest, ShareAcknowledgeResponse> {
  return {
    apiKey: ApiKey.SHARE_ACKNOWLEDGE,
    decode: decodeShareAcknowledgeRequest,
    encode: encodeShareAcknowledgeResponse,
    handle: async (context, request) => {
      const { groupId, memberId, shareSessionEpoch } = request;
      const refusal = consumers.refusalOf(groupId, memberId, (group) => context.mayDo('READ', 'GROUP', group));
      if (refusal !== ErrorCode.NONE || groupId === null || memberId === null) return failed(refusal);
      const session = consumers.sessions.onAcknowledge(groupId, memberId, shareSessionEpoch);
      if (typeof session === 'number') return failed(session);
      const results = await acknowledgeAll(
        consumers.partitions,
        {
          groupId,
          memberId,
          supportsRenew: context.apiVersion >= RENEW_VERSION,
          isRenew: request.isRenewAck,
          mayRead: (topic) => context.mayDo('READ', 'TOPIC', topic),
          exists: (at) => consumers.exists(at),
        },
        request.topics.flatMap(({ topicId, partitions }) =>
          partitions.map(({ partitionIndex, acknowledgementBatches }) => ({
            at: consumers.named(topicId, partitionIndex),
            batches: acknowledgementBatches,
          })),
        ),
      );
      if (shareSessionEpoch === FINAL_EPOCH) consumers.endSession(session);
      const response = newShareAcknowledgeResponse({
        acquisitionLockTimeoutMs: consumers.partitions.settings(groupId).recordLockDurationMs,
      });
      for (const { at, errorCode, errorMessage } of results) {
        let topic = response.responses.find(({ topicId }) => topicId === at.topicId);
        if (topic === undefined) {
          topic = newShareAcknowledgeTopicResponse({ topicId: at.topicId });
          response.responses.push(topic);
        }
        topic.partitions.push(
          newShareAcknowledgeResponsePartitionData({ partitionIndex: at.partition, errorCode, errorMessage }),
        );
      }
      hintLeaders(consumers.metadata, context.listenerName, response.responses, response.nodeEndpoints);
      return response;
    },
    failure: (_request, errorCode) => failed(errorCode),
  };
}

function failed(errorCode: number): ShareAcknowledgeResponse {
  return newShareAcknowledgeResponse({ errorCode });
}
