/**
 * DeleteShareGroupState (86), version 0: forgets what a share group has persisted of partitions (KIP-932).
 *
 * ACLs: CLUSTER_ACTION.
 */
import { refuseShareStateRequest } from '@skarab/coordinator';
import {
  ApiKey,
  type DeleteShareGroupStateRequest,
  type DeleteShareGroupStateResponse,
  decodeDeleteShareGroupStateRequest,
  ErrorCode,
  encodeDeleteShareGroupStateResponse,
} from '@skarab/protocol';
import type { ShareCoordinatorHost } from '../coordinator/share-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function deleteShareGroupStateHandler(
  shares: ShareCoordinatorHost,
): ApiHandler<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse> {
  return {
    apiKey: ApiKey.DELETE_SHARE_GROUP_STATE,
    decode: decodeDeleteShareGroupStateRequest,
    encode: encodeDeleteShareGroupStateResponse,
    handle: (context, request) =>
      context.mayDoToCluster('CLUSTER_ACTION')
        ? shares.send('delete', request)
        : refuseShareStateRequest('delete', request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
    failure: (request, errorCode) => refuseShareStateRequest('delete', request, errorCode as ErrorCode),
  };
}
