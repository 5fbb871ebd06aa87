/**
 * AlterConfigs (33), versions 0-2: replaces all configurations of resources; checked here for this broker, decided by the controller.
 *
 * ACLs: ALTER_CONFIGS on the topic, group or cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  type AlterConfigsRequest,
  type AlterConfigsResponse,
  ApiKey,
  decodeAlterConfigsRequest,
  encodeAlterConfigsResponse,
  newAlterConfigsResponse,
  newAlterConfigsResponseAlterConfigsResourceResponse,
} from '@skarab/protocol';
import { type AlterationCheckParts, checkAlterations, setAlterations } from '../config/alteration-check.ts';
import { accessOf, controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function alterConfigsHandler(
  parts: AlterationCheckParts,
  controller: ControllerApi,
): ApiHandler<AlterConfigsRequest, AlterConfigsResponse> {
  return {
    apiKey: ApiKey.ALTER_CONFIGS,
    decode: decodeAlterConfigsRequest,
    encode: encodeAlterConfigsResponse,
    handle: async (context, request) => {
      const refusals = checkAlterations({ ...parts, stored: () => new Map() }, request.resources.map(setAlterations));
      const forwarded = request.resources.filter((_resource, i) => !refusals.has(i));
      const decided =
        forwarded.length === 0
          ? []
          : (
              await controller.alterConfigs(
                controllerContext(context),
                { ...request, resources: forwarded },
                accessOf(context),
              )
            ).responses;
      const answers = new Map(decided.map((answer) => [`${answer.resourceType}:${answer.resourceName}`, answer]));
      return newAlterConfigsResponse({
        responses: request.resources.map((resource, i) => {
          const { resourceType, resourceName } = resource;
          const refusal = refusals.get(i);
          const answer = answers.get(`${resourceType}:${resourceName}`);
          return refusal === undefined && answer !== undefined
            ? answer
            : newAlterConfigsResponseAlterConfigsResourceResponse({ resourceType, resourceName, ...refusal });
        }),
      });
    },
    failure: (request, errorCode) =>
      newAlterConfigsResponse({
        responses: request.resources.map(({ resourceType, resourceName }) =>
          newAlterConfigsResponseAlterConfigsResourceResponse({ resourceType, resourceName, errorCode }),
        ),
      }),
  };
}
