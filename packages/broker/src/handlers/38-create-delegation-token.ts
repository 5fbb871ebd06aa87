/**
 * CreateDelegationToken (38), versions 1-3: a token with which others may act for its owner, decided by the controller (KIP-48, KIP-373).
 *
 * Nobody is authenticated by a token yet. v2 flexible; v3 a token of somebody else. Refused over plaintext connections, as in Kafka, unless
 * a node passes it on. ACLs: CREATE_TOKENS on the user whose token it is, unless that is who asks.
 */
import { type ControllerApi, tokenOwner, tokenParties } from '@skarab/metadata';
import {
  ApiKey,
  type CreateDelegationTokenRequest,
  type CreateDelegationTokenResponse,
  decodeCreateDelegationTokenRequest,
  ErrorCode,
  encodeCreateDelegationTokenResponse,
  newCreateDelegationTokenResponse,
} from '@skarab/protocol';
import { ANONYMOUS, formatPrincipal, type Principal } from '@skarab/security';
import { controllerContext, mayAskForTokens } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';

export function createDelegationTokenHandler(
  controller: Pick<ControllerApi, 'createDelegationToken'>,
): ApiHandler<CreateDelegationTokenRequest, CreateDelegationTokenResponse> {
  return {
    apiKey: ApiKey.CREATE_DELEGATION_TOKEN,
    decode: decodeCreateDelegationTokenRequest,
    encode: encodeCreateDelegationTokenResponse,
    handle: (context, request) => {
      const { principal, apiVersion } = context;
      const owner = tokenOwner(request, principal);
      const errorCode = reasonForbidden(context, owner);
      if (errorCode !== ErrorCode.NONE) return refusal(errorCode, owner, principal, apiVersion);
      return controller.createDelegationToken(controllerContext(context), request);
    },
    failure: (_request, errorCode, { apiVersion }) => refusal(errorCode, ANONYMOUS, ANONYMOUS, apiVersion),
  };
}

function reasonForbidden(context: RequestContext, owner: Principal): number {
  if (!mayAskForTokens(context)) return ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED;
  const text = formatPrincipal(owner);
  const mayCreate = text === formatPrincipal(context.principal) || context.mayDo('CREATE_TOKENS', 'USER', text);
  return mayCreate ? ErrorCode.NONE : ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED;
}

function refusal(
  errorCode: number,
  owner: Principal,
  requester: Principal,
  apiVersion: number,
): CreateDelegationTokenResponse {
  const never = { issueTimestampMs: -1n, expiryTimestampMs: -1n, maxTimestampMs: -1n };
  return newCreateDelegationTokenResponse({ errorCode, ...tokenParties(owner, requester, apiVersion), ...never });
}
