/**
 * DescribeUserScramCredentials (50), version 0: which SCRAM credentials users have, never the keys (KIP-554).
 *
 * Answered from the metadata that this broker has; kafka-configs asks for them beside the quotas of users. ACLs: DESCRIBE on the cluster.
 */
import { describeScramCredentials } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type DescribeUserScramCredentialsRequest,
  type DescribeUserScramCredentialsResponse,
  decodeDescribeUserScramCredentialsRequest,
  ErrorCode,
  encodeDescribeUserScramCredentialsResponse,
  newDescribeUserScramCredentialsResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

export function describeUserScramCredentialsHandler(
  metadata: Pick<MetadataCache, 'image'>,
): ApiHandler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS,
    decode: decodeDescribeUserScramCredentialsRequest,
    encode: encodeDescribeUserScramCredentialsResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('DESCRIBE')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return describeScramCredentials(metadata.image.scram, request);
    },
    failure: (_request, errorCode) =>
      newDescribeUserScramCredentialsResponse({ errorCode, errorMessage: defaultErrorMessage(errorCode) }),
  };
}
