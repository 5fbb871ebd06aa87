/**
 * InitializeShareGroupState (83), version 0: the first state of share partitions, or their state after an alteration of offsets.
 *
 * ACLs: CLUSTER_ACTION.
 */
import { refuseShareStateRequest } from '@skarab/coordinator';
import {
  ApiKey,
  decodeInitializeShareGroupStateRequest,
  ErrorCode,
  encodeInitializeShareGroupStateResponse,
  type InitializeShareGroupStateRequest,
  type InitializeShareGroupStateResponse,
} from '@skarab/protocol';
import type { ShareCoordinatorHost } from '../coordinator/share-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function initializeShareGroupStateHandler(
  shares: ShareCoordinatorHost,
): ApiHandler<InitializeShareGroupStateRequest, InitializeShareGroupStateResponse> {
  return {
    apiKey: ApiKey.INITIALIZE_SHARE_GROUP_STATE,
    decode: decodeInitializeShareGroupStateRequest,
    encode: encodeInitializeShareGroupStateResponse,
    handle: (context, request) =>
      context.mayDoToCluster('CLUSTER_ACTION')
        ? shares.send('initialize', request)
        : refuseShareStateRequest('initialize', request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
    failure: (request, errorCode) => refuseShareStateRequest('initialize', request, errorCode as ErrorCode),
  };
}
