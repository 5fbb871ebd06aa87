/**
 * Answers DescribeDelegationToken from an image.
 *
 * Source: org.apache.kafka.security.DelegationTokenManager.filterToken, DescribeDelegationTokenResponse; KIP-48.
 */
import {
  type DescribeDelegationTokenRequest,
  type DescribedDelegationToken,
  newDescribedDelegationToken,
} from '@skarab/protocol';
import { type Principal, parsePrincipal } from '@skarab/security';
import type { DelegationToken, DelegationTokensImage } from '../image/delegation-tokens-image.ts';
import { isOwnerOrRenewer, type TokenHmac } from './delegation-token-control.ts';

/** What a description goes by besides the request. */
export interface TokenDescriptionOptions {
  readonly hmac: TokenHmac;
  readonly requestVersion: number;
  readonly requester: Principal;
  /** Whether the requester may see a token that it neither owns nor may renew. */
  readonly mayDescribe: (token: DelegationToken) => boolean;
}

/** The tokens of the owners and renewers that are asked for, or of all, as far as the requester may see them. */
export function describeDelegationTokens(
  image: DelegationTokensImage,
  { owners }: DescribeDelegationTokenRequest,
  { hmac, requestVersion, requester, mayDescribe }: TokenDescriptionOptions,
): DescribedDelegationToken[] {
  const asked = owners?.map(({ principalType: type, principalName: name }) => ({ type, name }));
  return [...image.tokens.values()]
    .filter((token) => asked?.some((owner) => isOwnerOrRenewer(token, owner)) ?? true)
    .filter((token) => isOwnerOrRenewer(token, requester) || mayDescribe(token))
    .map((token) => describe(token, hmac(token.tokenId), requestVersion));
}

function describe(token: DelegationToken, hmac: Uint8Array, requestVersion: number): DescribedDelegationToken {
  const owner = partsOf(token.owner);
  const requester = partsOf(token.requester);
  return newDescribedDelegationToken({
    ...owner,
    ...(requestVersion >= 3 && {
      tokenRequesterPrincipalType: requester.principalType,
      tokenRequesterPrincipalName: requester.principalName,
    }),
    issueTimestamp: token.issueTimestampMs,
    expiryTimestamp: token.expirationTimestampMs,
    maxTimestamp: token.maxTimestampMs,
    tokenId: token.tokenId,
    hmac,
    renewers: token.renewers.map(partsOf),
  });
}

function partsOf(text: string): { principalType: string; principalName: string } {
  const { type, name } = parsePrincipal(text) ?? { type: '', name: text };
  return { principalType: type, principalName: name };
}
