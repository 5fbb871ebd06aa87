/**
 * WriteShareGroupState (85), versions 0-1: changes of what a share group has persisted of partitions (KIP-932).
 *
 * v1 count of completed deliveries (KIP-1226). ACLs: CLUSTER_ACTION.
 */
import { refuseShareStateRequest } from '@skarab/coordinator';
import {
  ApiKey,
  decodeWriteShareGroupStateRequest,
  ErrorCode,
  encodeWriteShareGroupStateResponse,
  type WriteShareGroupStateRequest,
  type WriteShareGroupStateResponse,
} from '@skarab/protocol';
import type { ShareCoordinatorHost } from '../coordinator/share-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function writeShareGroupStateHandler(
  shares: ShareCoordinatorHost,
): ApiHandler<WriteShareGroupStateRequest, WriteShareGroupStateResponse> {
  return {
    apiKey: ApiKey.WRITE_SHARE_GROUP_STATE,
    decode: decodeWriteShareGroupStateRequest,
    encode: encodeWriteShareGroupStateResponse,
    handle: (context, request) =>
      context.mayDoToCluster('CLUSTER_ACTION')
        ? shares.send('write', request)
        : refuseShareStateRequest('write', request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
    failure: (request, errorCode) => refuseShareStateRequest('write', request, errorCode as ErrorCode),
  };
}
