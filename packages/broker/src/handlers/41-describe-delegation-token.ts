/**
 * DescribeDelegationToken (41), versions 1-3: the tokens of owners and renewers, with what stands for them (KIP-48).
 *
 * Answered from the metadata that this broker has. v2 flexible; v3 says who asked for each. Refused over plaintext connections, as in Kafka.
 * ACLs: none on one's own and those one may renew; else DESCRIBE on the token or DESCRIBE_TOKENS on the user whose it is.
 */
import { describeDelegationTokens, type TokenHmac } from '@skarab/metadata';
import {
  ApiKey,
  type DescribeDelegationTokenRequest,
  type DescribeDelegationTokenResponse,
  decodeDescribeDelegationTokenRequest,
  ErrorCode,
  encodeDescribeDelegationTokenResponse,
  newDescribeDelegationTokenResponse,
} from '@skarab/protocol';
import { mayAskForTokens } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

export function describeDelegationTokenHandler(
  metadata: Pick<MetadataCache, 'image'>,
  hmac: TokenHmac | null,
): ApiHandler<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse> {
  const refuse = (errorCode: number): DescribeDelegationTokenResponse =>
    newDescribeDelegationTokenResponse({ errorCode });
  return {
    apiKey: ApiKey.DESCRIBE_DELEGATION_TOKEN,
    decode: decodeDescribeDelegationTokenRequest,
    encode: encodeDescribeDelegationTokenResponse,
    handle: (context, request) => {
      if (!mayAskForTokens(context)) return refuse(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED);
      if (hmac === null) return refuse(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED);
      const tokens = describeDelegationTokens(metadata.image.delegationTokens, request, {
        hmac,
        requestVersion: context.apiVersion,
        requester: context.principal,
        mayDescribe: ({ tokenId, owner }) =>
          context.mayDo('DESCRIBE', 'DELEGATION_TOKEN', tokenId) || context.mayDo('DESCRIBE_TOKENS', 'USER', owner),
      });
      return newDescribeDelegationTokenResponse({ tokens });
    },
    failure: (_request, errorCode) => refuse(errorCode),
  };
}
