/**
 * ExpireDelegationToken (40), versions 1-2: a token ends after a while, or at once when that is negative (KIP-48).
 *
 * Decided by the controller. v2 flexible. Refused over plaintext connections, as in Kafka, unless a node passes it on. ACLs: none, but it
 * must be the owner or a renewer who asks.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  decodeExpireDelegationTokenRequest,
  ErrorCode,
  type ExpireDelegationTokenRequest,
  type ExpireDelegationTokenResponse,
  encodeExpireDelegationTokenResponse,
  newExpireDelegationTokenResponse,
} from '@skarab/protocol';
import { controllerContext, mayAskForTokens } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function expireDelegationTokenHandler(
  controller: Pick<ControllerApi, 'expireDelegationToken'>,
): ApiHandler<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse> {
  return {
    apiKey: ApiKey.EXPIRE_DELEGATION_TOKEN,
    decode: decodeExpireDelegationTokenRequest,
    encode: encodeExpireDelegationTokenResponse,
    handle: (context, request) => {
      if (mayAskForTokens(context)) return controller.expireDelegationToken(controllerContext(context), request);
      const errorCode = ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED;
      return newExpireDelegationTokenResponse({ errorCode, expiryTimestampMs: -1n });
    },
    failure: (_request, errorCode) => newExpireDelegationTokenResponse({ errorCode }),
  };
}
