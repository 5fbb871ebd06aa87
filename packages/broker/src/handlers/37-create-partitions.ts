/**
 * CreatePartitions (37), versions 0-3: decided by the controller. v2 flexible; v3 KIP-599. ACLs: ALTER on each topic.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  decodeCreatePartitionsRequest,
  encodeCreatePartitionsResponse,
  newCreatePartitionsResponse,
  newCreatePartitionsTopicResult,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function createPartitionsHandler(
  controller: ControllerApi,
): ApiHandler<CreatePartitionsRequest, CreatePartitionsResponse> {
  return {
    apiKey: ApiKey.CREATE_PARTITIONS,
    decode: decodeCreatePartitionsRequest,
    encode: encodeCreatePartitionsResponse,
    handle: (context, request) =>
      controller.createPartitions(controllerContext(context), request, (topic) =>
        context.mayDo('ALTER', 'TOPIC', topic),
      ),
    failure: (request, errorCode, _context, errorMessage) =>
      newCreatePartitionsResponse({
        results: request.topics.map(({ name }) => newCreatePartitionsTopicResult({ name, errorCode, errorMessage })),
      }),
  };
}
