/**
 * IncrementalAlterConfigs (44), versions 0-1: set, delete, append, subtract (KIP-339); checked here for this broker, decided by the controller.
 *
 * Left out: BROKER_LOGGER resources. ACLs: ALTER_CONFIGS on the topic, group or cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  decodeIncrementalAlterConfigsRequest,
  encodeIncrementalAlterConfigsResponse,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
  newIncrementalAlterConfigsResponse,
  newIncrementalAlterConfigsResponseAlterConfigsResourceResponse,
} from '@skarab/protocol';
import { type AlterationCheckParts, checkAlterations } from '../config/alteration-check.ts';
import { accessOf, controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function incrementalAlterConfigsHandler(
  parts: AlterationCheckParts,
  controller: ControllerApi,
): ApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> {
  return {
    apiKey: ApiKey.INCREMENTAL_ALTER_CONFIGS,
    decode: decodeIncrementalAlterConfigsRequest,
    encode: encodeIncrementalAlterConfigsResponse,
    handle: async (context, request) => {
      const refusals = checkAlterations(parts, request.resources);
      const forwarded = request.resources.filter((_resource, i) => !refusals.has(i));
      const decided =
        forwarded.length === 0
          ? []
          : (
              await controller.incrementalAlterConfigs(
                controllerContext(context),
                { ...request, resources: forwarded },
                accessOf(context),
              )
            ).responses;
      const answers = new Map(decided.map((answer) => [`${answer.resourceType}:${answer.resourceName}`, answer]));
      return newIncrementalAlterConfigsResponse({
        responses: request.resources.map((resource, i) => {
          const { resourceType, resourceName } = resource;
          const refusal = refusals.get(i);
          const answer = answers.get(`${resourceType}:${resourceName}`);
          return refusal === undefined && answer !== undefined
            ? answer
            : newIncrementalAlterConfigsResponseAlterConfigsResourceResponse({
                resourceType,
                resourceName,
                ...refusal,
              });
        }),
      });
    },
    failure: (request, errorCode) =>
      newIncrementalAlterConfigsResponse({
        responses: request.resources.map(({ resourceType, resourceName }) =>
          newIncrementalAlterConfigsResponseAlterConfigsResourceResponse({ resourceType, resourceName, errorCode }),
        ),
      }),
  };
}
