/**
 * DeleteShareGroupOffsets (92), version 0: an empty share group forgets where it is in topics (KIP-932).
 *
 * UNSUPPORTED_VERSION while share.version is 0. ACLs: DELETE on the group, READ on each topic.
 */
import {
  ApiKey,
  type DeleteShareGroupOffsetsRequest,
  type DeleteShareGroupOffsetsResponse,
  decodeDeleteShareGroupOffsetsRequest,
  ErrorCode,
  encodeDeleteShareGroupOffsetsResponse,
  newDeleteShareGroupOffsetsResponseTopic as newDeletedTopic,
  newDeleteShareGroupOffsetsResponse,
} from '@skarab/protocol';
import type { GroupRequestsPort } from '../coordinator/group-requests-port.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import type { ShareConsumers } from '../share/share-consumers.ts';
import type { SharePersister } from '../share/share-persister.ts';

/** What the handler works with. */
export interface DeleteShareOffsetsParts {
  readonly groups: GroupRequestsPort;
  readonly consumers: ShareConsumers;
  readonly persister: SharePersister;
}

export function deleteShareGroupOffsetsHandler({
  groups,
  consumers,
  persister,
}: DeleteShareOffsetsParts): ApiHandler<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse> {
  const refusal = (errorCode: number, errorMessage = defaultErrorMessage(errorCode)): DeleteShareGroupOffsetsResponse =>
    newDeleteShareGroupOffsetsResponse({ errorCode, errorMessage });
  return {
    apiKey: ApiKey.DELETE_SHARE_GROUP_OFFSETS,
    decode: decodeDeleteShareGroupOffsetsRequest,
    encode: encodeDeleteShareGroupOffsetsResponse,
    handle: async (context, request) => {
      const { groupId } = request;
      if (!consumers.isEnabled) return refusal(ErrorCode.UNSUPPORTED_VERSION);
      if (!context.mayDo('DELETE', 'GROUP', groupId)) return refusal(ErrorCode.GROUP_AUTHORIZATION_FAILED);
      const isAllowed = ({ topicName }: { readonly topicName: string }): boolean =>
        context.mayDo('READ', 'TOPIC', topicName);
      const forbidden = request.topics
        .filter((topic) => !isAllowed(topic))
        .map(({ topicName }) => newDeletedTopic({ topicName, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }));
      const topics = request.topics.filter(isAllowed);
      const begun = await groups.beginShareOffsetsDeletion({ ...request, topics });
      if (begun.errorCode !== ErrorCode.NONE) return refusal(begun.errorCode, begun.errorMessage ?? undefined);
      const deleted = await Promise.all(
        begun.states.map(async (states) => {
          const { topicId } = states;
          const topicName = consumers.metadata.topicById(topicId)?.name ?? '';
          return newDeletedTopic({ topicId, topicName, errorCode: await persister.deleteAll(groupId, [states]) });
        }),
      );
      const failed = deleted.filter(({ errorCode }) => errorCode !== ErrorCode.NONE);
      const done = deleted.filter(({ errorCode }) => errorCode === ErrorCode.NONE);
      if (done.length > 0) {
        const topicIds = done.map(({ topicId }) => topicId);
        const errorCode = await groups.endShareOffsetsDeletion({ groupId, topicIds });
        if (errorCode !== ErrorCode.NONE) return refusal(errorCode);
      }
      const responses = [...forbidden, ...begun.failed, ...failed, ...done].map((topic) => ({
        ...topic,
        errorMessage: topic.errorMessage ?? defaultErrorMessage(topic.errorCode),
      }));
      return newDeleteShareGroupOffsetsResponse({ responses });
    },
    failure: (_request, errorCode) => refusal(errorCode),
  };
}
