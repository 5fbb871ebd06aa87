/**
 * ReadShareGroupStateSummary (87), versions 0-1: how far a share group has come in partitions (KIP-932).
 *
 * v1 count of completed deliveries (KIP-1226). ACLs: CLUSTER_ACTION.
 */
import { refuseShareStateRequest } from '@skarab/coordinator';
import {
  ApiKey,
  decodeReadShareGroupStateSummaryRequest,
  ErrorCode,
  encodeReadShareGroupStateSummaryResponse,
  type ReadShareGroupStateSummaryRequest,
  type ReadShareGroupStateSummaryResponse,
} from '@skarab/protocol';
import type { ShareCoordinatorHost } from '../coordinator/share-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function readShareGroupStateSummaryHandler(
  shares: ShareCoordinatorHost,
): ApiHandler<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse> {
  return {
    apiKey: ApiKey.READ_SHARE_GROUP_STATE_SUMMARY,
    decode: decodeReadShareGroupStateSummaryRequest,
    encode: encodeReadShareGroupStateSummaryResponse,
    handle: (context, request) =>
      context.mayDoToCluster('CLUSTER_ACTION')
        ? shares.send('readSummary', request)
        : refuseShareStateRequest('readSummary', request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED),
    failure: (request, errorCode) => refuseShareStateRequest('readSummary', request, errorCode as ErrorCode),
  };
}
