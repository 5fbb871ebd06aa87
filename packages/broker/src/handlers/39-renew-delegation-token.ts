/**
 * RenewDelegationToken (39), versions 1-2: a token lives on, until the end of its life at the latest (KIP-48).
 *
 * Decided by the controller. v2 flexible. Refused over plaintext connections, as in Kafka, unless a node passes it on. ACLs: none, but it
 * must be the owner or a renewer who asks.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiKey,
  decodeRenewDelegationTokenRequest,
  ErrorCode,
  encodeRenewDelegationTokenResponse,
  newRenewDelegationTokenResponse,
  type RenewDelegationTokenRequest,
  type RenewDelegationTokenResponse,
} from '@skarab/protocol';
import { controllerContext, mayAskForTokens } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

export function renewDelegationTokenHandler(
  controller: Pick<ControllerApi, 'renewDelegationToken'>,
): ApiHandler<RenewDelegationTokenRequest, RenewDelegationTokenResponse> {
  return {
    apiKey: ApiKey.RENEW_DELEGATION_TOKEN,
    decode: decodeRenewDelegationTokenRequest,
    encode: encodeRenewDelegationTokenResponse,
    handle: (context, request) => {
      if (mayAskForTokens(context)) return controller.renewDelegationToken(controllerContext(context), request);
      const errorCode = ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED;
      return newRenewDelegationTokenResponse({ errorCode, expiryTimestampMs: -1n });
    },
    failure: (_request, errorCode) => newRenewDelegationTokenResponse({ errorCode }),
  };
}
