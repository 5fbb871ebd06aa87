/**
 * CreateTopics (19), versions 2-7: decided by the controller.
 *
 * v4 KIP-464 -1 partitions and replicas; v5 KIP-525 configurations in the answer, flexible; v7 KIP-516 topic ids. ACLs: CREATE on the cluster or each topic.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  decodeCreateTopicsRequest,
  encodeCreateTopicsResponse,
  newCreatableTopicResult,
  newCreateTopicsResponse,
} from '@skarab/protocol';
import { accessOf, controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function createTopicsHandler(controller: ControllerApi): ApiHandler<CreateTopicsRequest, CreateTopicsResponse> {
  return {
    apiKey: ApiKey.CREATE_TOPICS,
    decode: decodeCreateTopicsRequest,
    encode: encodeCreateTopicsResponse,
    handle: (context, request) => controller.createTopics(controllerContext(context), request, accessOf(context)),
    failure: (request, errorCode, _context, errorMessage) =>
      newCreateTopicsResponse({
        topics: request.topics.map(({ name }) => newCreatableTopicResult({ name, errorCode, errorMessage })),
      }),
  };
}
