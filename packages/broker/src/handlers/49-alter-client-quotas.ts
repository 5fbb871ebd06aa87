/**
 * AlterClientQuotas (49), versions 0-1: sets and removes quotas of users, client ids and addresses, decided by the controller (KIP-546, KIP-612).
 *
 * All five quotas are held: producer_byte_rate and consumer_byte_rate (KIP-13), request_percentage (KIP-124), controller_mutation_rate (KIP-599),
 * connection_creation_rate (KIP-612). v1 flexible. ACLs: ALTER_CONFIGS on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  type AlterClientQuotasRequest,
  type AlterClientQuotasResponse,
  ApiError,
  ApiKey,
  decodeAlterClientQuotasRequest,
  ErrorCode,
  encodeAlterClientQuotasResponse,
  newAlterClientQuotasResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';

export function alterClientQuotasHandler(
  controller: ControllerApi,
): ApiHandler<AlterClientQuotasRequest, AlterClientQuotasResponse> {
  return {
    apiKey: ApiKey.ALTER_CLIENT_QUOTAS,
    decode: decodeAlterClientQuotasRequest,
    encode: encodeAlterClientQuotasResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER_CONFIGS')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.alterClientQuotas(controllerContext(context), request);
    },
    failure: (request, errorCode, _context, errorMessage) =>
      newAlterClientQuotasResponse({
        entries: request.entries.map(({ entity }) => ({
          errorCode,
          errorMessage: errorMessage ?? defaultErrorMessage(errorCode),
          entity: entity.map(({ entityType, entityName }) => ({ entityType, entityName })),
        })),
      }),
  };
}
