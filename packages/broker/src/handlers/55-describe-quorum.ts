/**
 * DescribeQuorum (55), versions 0-2: voters and observers of the metadata log.
 *
 * v1 KIP-836 timestamps; v2 KIP-853 directory ids and endpoints. ACLs: DESCRIBE on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type DescribeQuorumRequest,
  type DescribeQuorumResponse,
  decodeDescribeQuorumRequest,
  ErrorCode,
  encodeDescribeQuorumResponse,
  newDescribeQuorumResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function describeQuorumHandler(
  controller: ControllerApi,
): ApiHandler<DescribeQuorumRequest, DescribeQuorumResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_QUORUM,
    decode: decodeDescribeQuorumRequest,
    encode: encodeDescribeQuorumResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('DESCRIBE')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.describeQuorum(controllerContext(context), request);
    },
    failure: (_request, errorCode) => newDescribeQuorumResponse({ errorCode }),
  };
}
