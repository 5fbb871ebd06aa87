/**
 * DescribeClientQuotas (48), versions 0-1: the quotas of users, client ids and addresses that match a filter (KIP-546, KIP-612).
 *
 * Answered from the metadata that this broker has. v1 flexible. ACLs: DESCRIBE_CONFIGS on the cluster.
 */
import { describeClientQuotas } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type DescribeClientQuotasRequest,
  type DescribeClientQuotasResponse,
  decodeDescribeClientQuotasRequest,
  ErrorCode,
  encodeDescribeClientQuotasResponse,
  newDescribeClientQuotasResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

export function describeClientQuotasHandler(
  metadata: Pick<MetadataCache, 'image'>,
): ApiHandler<DescribeClientQuotasRequest, DescribeClientQuotasResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_CLIENT_QUOTAS,
    decode: decodeDescribeClientQuotasRequest,
    encode: encodeDescribeClientQuotasResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('DESCRIBE_CONFIGS')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return describeClientQuotas(metadata.image.clientQuotas, request);
    },
    failure: (_request, errorCode) =>
      newDescribeClientQuotasResponse({ errorCode, errorMessage: defaultErrorMessage(errorCode), entries: null }),
  };
}
