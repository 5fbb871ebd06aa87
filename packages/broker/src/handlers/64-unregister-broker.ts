/**
 * UnregisterBroker (64), version 0: removes a broker that will not come back, decided by the controller (KIP-500). ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  decodeUnregisterBrokerRequest,
  ErrorCode,
  encodeUnregisterBrokerResponse,
  newUnregisterBrokerResponse,
  type UnregisterBrokerRequest,
  type UnregisterBrokerResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function unregisterBrokerHandler(
  controller: ControllerApi,
): ApiHandler<UnregisterBrokerRequest, UnregisterBrokerResponse> {
  return {
    apiKey: ApiKey.UNREGISTER_BROKER,
    decode: decodeUnregisterBrokerRequest,
    encode: encodeUnregisterBrokerResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.unregisterBroker(controllerContext(context), request);
    },
    failure: (_request, errorCode, _context, errorMessage) => newUnregisterBrokerResponse({ errorCode, errorMessage }),
  };
}
