/**
 * ControllerRegistration (70), version 0: a controller tells its listeners and features (KIP-919). ACLs: CLUSTER_ACTION on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  type ControllerRegistrationRequest,
  type ControllerRegistrationResponse,
  decodeControllerRegistrationRequest,
  encodeControllerRegistrationResponse,
  newControllerRegistrationResponse,
} from '@skarab/protocol';
import { clusterAction } from '../controller/cluster-action.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function controllerRegistrationHandler(
  controller: ControllerApi,
): ApiHandler<ControllerRegistrationRequest, ControllerRegistrationResponse> {
  return {
    apiKey: ApiKey.CONTROLLER_REGISTRATION,
    decode: decodeControllerRegistrationRequest,
    encode: encodeControllerRegistrationResponse,
    handle: clusterAction((context, request) => controller.registerController(context, request)),
    failure: (_request, errorCode) => newControllerRegistrationResponse({ errorCode }),
  };
}
