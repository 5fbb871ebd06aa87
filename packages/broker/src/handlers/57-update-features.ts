/**
 * UpdateFeatures (57), versions 0-2: finalized feature levels, decided by the controller (KIP-584, KIP-778, KIP-1022). ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  decodeUpdateFeaturesRequest,
  ErrorCode,
  encodeUpdateFeaturesResponse,
  newUpdateFeaturesResponse,
  type UpdateFeaturesRequest,
  type UpdateFeaturesResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function updateFeaturesHandler(
  controller: ControllerApi,
): ApiHandler<UpdateFeaturesRequest, UpdateFeaturesResponse> {
  return {
    apiKey: ApiKey.UPDATE_FEATURES,
    decode: decodeUpdateFeaturesRequest,
    encode: encodeUpdateFeaturesResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.updateFeatures(controllerContext(context), request);
    },
    failure: (_request, errorCode) => newUpdateFeaturesResponse({ errorCode }),
  };
}
