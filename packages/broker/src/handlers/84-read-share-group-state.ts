/**
 * ReadShareGroupState (84), version 0: what a share group has persisted of partitions, for their new leader (KIP-932).
 *
 * A read in a new leader epoch writes the epoch. ACLs: CLUSTER_ACTION.
 */
import { refuseShareStateRequest } from '@skarab/coordinator';
import {
  ApiKey,
  decodeReadShareGroupStateRequest,
  ErrorCode,
  encodeReadShareGroupStateResponse,
  type ReadShareGroupStateRequest,
  type ReadShareGroupStateResponse,
} from '@skarab/protocol';
import type { ShareCoordinatorHost } from '../coordinator/share-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function readShareGroupStateHandler(
  shares: ShareCoordinatorHost,
): ApiHandler<ReadShareGroupStateRequest, ReadShareGroupStateResponse> {
  return {
    apiKey: ApiKey.READ_SHARE_GROUP_STATE,
    decode: decodeReadShareGroupStateRequest,
    encode: encodeReadShareGroupStateResponse,
    handle: (context, request) =>
      context.mayDoToCluster('CLUSTER_ACTION')
        ? shares.send('read', request)
        : refuseShareStateRequest('read', request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
    failure: (request, errorCode) => refuseShareStateRequest('read', request, errorCode as ErrorCode),
  };
}
