/**
 * IncrementalAlterConfigs (44), versions 0-1: set, delete, append, subtract (KIP-339); checked here for this broker, decided by the controller.
 *
 * BROKER_LOGGER resources are altered here, at once (KIP-412). ACLs: ALTER_CONFIGS on the topic, group or cluster.
 */
import type { LogLevels } from '@skarab/base';
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
import { alterLoggerLevels } from '../config/logger-levels.ts';
import { accessOf, controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function incrementalAlterConfigsHandler(
  parts: AlterationCheckParts & { readonly logLevels: LogLevels },
  controller: ControllerApi,
): ApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> {
  return {
    apiKey: ApiKey.INCREMENTAL_ALTER_CONFIGS,
    decode: decodeIncrementalAlterConfigsRequest,
    encode: encodeIncrementalAlterConfigsResponse,
    handle: async (context, request) => {
      const loggers = {
        nodeId: parts.nodeId,
        levels: parts.logLevels,
        mayAlter: context.mayDoToCluster('ALTER_CONFIGS'),
        validateOnly: request.validateOnly,
      };
      const refusals = checkAlterations(
        { ...parts, alterLoggers: (resource) => alterLoggerLevels(loggers, resource) },
        request.resources,
      );
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
