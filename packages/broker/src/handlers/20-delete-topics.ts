/**
 * DeleteTopics (20), versions 1-6: decided by the controller.
 *
 * v4 flexible; v5 error messages; v6 KIP-516 topics by id. ACLs: DELETE on each topic.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  decodeDeleteTopicsRequest,
  encodeDeleteTopicsResponse,
  newDeletableTopicResult,
  newDeleteTopicsResponse,
} from '@skarab/protocol';
import { accessOf, controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function deleteTopicsHandler(controller: ControllerApi): ApiHandler<DeleteTopicsRequest, DeleteTopicsResponse> {
  return {
    apiKey: ApiKey.DELETE_TOPICS,
    decode: decodeDeleteTopicsRequest,
    encode: encodeDeleteTopicsResponse,
    handle: (context, request) => controller.deleteTopics(controllerContext(context), request, accessOf(context)),
    failure: (request, errorCode) =>
      newDeleteTopicsResponse({
        responses: [
          ...request.topics.map(({ name, topicId }) => newDeletableTopicResult({ name, topicId, errorCode })),
          ...request.topicNames.map((name) => newDeletableTopicResult({ name, errorCode })),
        ],
      }),
  };
}
