/**
 * Decides about CreateDelegationToken, RenewDelegationToken and ExpireDelegationToken, and sweeps out tokens that have expired.
 *
 * A token is shown to others as its HMAC, which a port computes and nobody keeps: whose it is, is found among those of all tokens. Every
 * error is in the response. Source: org.apache.kafka.controller.DelegationTokenControlManager,
 * org.apache.kafka.security.DelegationTokenManager; KIP-48, KIP-373, KIP-900.
 */
import { Buffer } from 'node:buffer';
import { type Random, randomUuid } from '@skarab/base';
import {
  type CreateDelegationTokenRequest,
  type CreateDelegationTokenResponse,
  ErrorCode,
  type ExpireDelegationTokenRequest,
  type ExpireDelegationTokenResponse,
  newCreateDelegationTokenResponse,
  newExpireDelegationTokenResponse,
  newRemoveDelegationTokenRecord,
  newRenewDelegationTokenResponse,
  type RenewDelegationTokenRequest,
  type RenewDelegationTokenResponse,
} from '@skarab/protocol';
import { formatPrincipal, type Principal, USER_TYPE } from '@skarab/security';
import { isDelegationTokenSupported } from '../feature/metadata-version.ts';
import { type DelegationToken, tokenRecord } from '../image/delegation-tokens-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decide, decideAtomically } from './decision.ts';

/** The bytes that stand for the token of an id. */
export type TokenHmac = (tokenId: string) => Uint8Array;

/** The configurations `delegation.token.*`. */
export interface DelegationTokenSettings {
  /** By `delegation.token.secret.key`; null without one, and then there are no tokens. */
  readonly hmac: TokenHmac | null;
  /** `delegation.token.max.lifetime.ms`. */
  readonly maxLifetimeMs: number;
  /** `delegation.token.expiry.time.ms`: how long a token is valid unless it is renewed. */
  readonly expiryTimeMs: number;
}

const MAX_RECORDS_PER_SWEEP = 1000;
const MAX_INT64 = 2n ** 63n - 1n;

/** Decides about delegation tokens. `requester` is who asks, `nowMs` wall time. */
export class DelegationTokenControl {
  readonly #state: ControllerState;
  readonly #settings: DelegationTokenSettings;
  readonly #random: Random;

  constructor(state: ControllerState, settings: DelegationTokenSettings, random: Random) {
    this.#state = state;
    this.#settings = settings;
    this.#random = random;
  }

  /** Makes a token, of the requester or of the owner that is named. That the requester may do so is the caller's business. */
  create(
    request: CreateDelegationTokenRequest,
    requestVersion: number,
    requester: Principal,
    nowMs: number,
  ): Decision<CreateDelegationTokenResponse> {
    const owner = tokenOwner(request, requester);
    const about = tokenParties(owner, requester, requestVersion);
    const refuse = (errorCode: ErrorCode): Decision<CreateDelegationTokenResponse> =>
      decide([], newCreateDelegationTokenResponse({ ...about, errorCode }));
    const hmac = this.#hmac();
    if (typeof hmac === 'number') return refuse(hmac);
    if (request.renewers.some(({ principalType }) => principalType !== USER_TYPE)) {
      return refuse(ErrorCode.INVALID_PRINCIPAL_TYPE);
    }
    const { maxLifetimeMs, expiryTimeMs } = this.#settings;
    const now = BigInt(nowMs);
    const maxTimestampMs = later(now, shorter(maxLifetimeMs, request.maxLifetimeMs));
    const token: DelegationToken = {
      tokenId: randomUuid(this.#random.bytes),
      owner: formatPrincipal(owner),
      requester: formatPrincipal(requester),
      renewers: request.renewers.map(({ principalType: type, principalName: name }) => formatPrincipal({ type, name })),
      issueTimestampMs: now,
      maxTimestampMs,
      expirationTimestampMs: sooner(maxTimestampMs, later(now, BigInt(expiryTimeMs))),
    };
    const response = newCreateDelegationTokenResponse({
      ...about,
      issueTimestampMs: now,
      expiryTimestampMs: token.expirationTimestampMs,
      maxTimestampMs,
      tokenId: token.tokenId,
      hmac: hmac(token.tokenId),
    });
    return decideAtomically([tokenRecord(token)], response);
  }

  /** Lets a token live on, at most until the end of its life. */
  renew(
    request: RenewDelegationTokenRequest,
    requester: Principal,
    nowMs: number,
  ): Decision<RenewDelegationTokenResponse> {
    const refuse = (errorCode: ErrorCode): Decision<RenewDelegationTokenResponse> =>
      decide([], newRenewDelegationTokenResponse({ errorCode }));
    const token = this.#find(request.hmac);
    if (typeof token === 'number') return refuse(token);
    const now = BigInt(nowMs);
    if (hasExpired(token, now)) return refuse(ErrorCode.DELEGATION_TOKEN_EXPIRED);
    if (!isOwnerOrRenewer(token, requester)) return refuse(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH);
    const period = shorter(this.#settings.expiryTimeMs, request.renewPeriodMs);
    const expiryTimestampMs = sooner(token.maxTimestampMs, later(now, period));
    const record = tokenRecord({ ...token, expirationTimestampMs: expiryTimestampMs });
    return decideAtomically([record], newRenewDelegationTokenResponse({ expiryTimestampMs }));
  }

  /** Ends a token after a while, or at once when the period is negative. */
  expire(
    request: ExpireDelegationTokenRequest,
    requester: Principal,
    nowMs: number,
  ): Decision<ExpireDelegationTokenResponse> {
    const refuse = (errorCode: ErrorCode): Decision<ExpireDelegationTokenResponse> =>
      decide([], newExpireDelegationTokenResponse({ errorCode }));
    const token = this.#find(request.hmac);
    if (typeof token === 'number') return refuse(token);
    if (!isOwnerOrRenewer(token, requester)) return refuse(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH);
    const now = BigInt(nowMs);
    if (request.expiryTimePeriodMs < 0n) {
      return decideAtomically([removal(token)], newExpireDelegationTokenResponse({ expiryTimestampMs: now }));
    }
    if (hasExpired(token, now)) return refuse(ErrorCode.DELEGATION_TOKEN_EXPIRED);
    const expiryTimestampMs = sooner(token.maxTimestampMs, later(now, request.expiryTimePeriodMs));
    const record = tokenRecord({ ...token, expirationTimestampMs: expiryTimestampMs });
    return decideAtomically([record], newExpireDelegationTokenResponse({ expiryTimestampMs }));
  }

  /** Removes tokens that have expired; true when there may be more of them. */
  sweep(nowMs: number): Decision<boolean> {
    const now = BigInt(nowMs);
    const records: MetadataRecord[] = [];
    for (const token of this.#state.image.delegationTokens.tokens.values()) {
      if (!hasExpired(token, now)) continue;
      records.push(removal(token));
      if (records.length === MAX_RECORDS_PER_SWEEP) return decide(records, true);
    }
    return decide(records, false);
  }

  /** The token that `shown` stands for, or why there is none. */
  #find(shown: Uint8Array): DelegationToken | ErrorCode {
    const hmac = this.#hmac();
    if (typeof hmac === 'number') return hmac;
    for (const token of this.#state.image.delegationTokens.tokens.values()) {
      if (Buffer.compare(hmac(token.tokenId), shown) === 0) return token;
    }
    return ErrorCode.DELEGATION_TOKEN_NOT_FOUND;
  }

  #hmac(): TokenHmac | ErrorCode {
    if (this.#settings.hmac === null) return ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED;
    if (!isDelegationTokenSupported(this.#state.metadataVersion)) return ErrorCode.UNSUPPORTED_VERSION;
    return this.#settings.hmac;
  }
}

/** Whose token is asked for: the requester's own unless an owner is named. */
export function tokenOwner(request: CreateDelegationTokenRequest, requester: Principal): Principal {
  const { ownerPrincipalType: type, ownerPrincipalName: name } = request;
  return type === null || name === null || name === '' ? requester : { type, name };
}

/** Owner and requester as CreateDelegationToken says them; the requester since version 3. */
export function tokenParties(
  owner: Principal,
  requester: Principal,
  requestVersion: number,
): Pick<
  CreateDelegationTokenResponse,
  'principalType' | 'principalName' | 'tokenRequesterPrincipalType' | 'tokenRequesterPrincipalName'
> {
  const isSaid = requestVersion >= 3;
  return {
    principalType: owner.type,
    principalName: owner.name,
    tokenRequesterPrincipalType: isSaid ? requester.type : '',
    tokenRequesterPrincipalName: isSaid ? requester.name : '',
  };
}

/** True for those who may renew and end a token, and see it without being allowed to. */
export function isOwnerOrRenewer(token: DelegationToken, principal: Principal): boolean {
  const text = formatPrincipal(principal);
  return token.owner === text || token.renewers.includes(text);
}

function hasExpired({ maxTimestampMs, expirationTimestampMs }: DelegationToken, now: bigint): boolean {
  return maxTimestampMs < now || expirationTimestampMs < now;
}

function removal({ tokenId }: DelegationToken): MetadataRecord {
  return { type: 'RemoveDelegationTokenRecord', version: 0, data: newRemoveDelegationTokenRecord({ tokenId }) };
}

const sooner = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const later = (now: bigint, durationMs: bigint): bigint => sooner(now + durationMs, MAX_INT64);

/** What is configured, or what is asked for when that is a shorter time. */
function shorter(configuredMs: number, askedMs: bigint): bigint {
  const configured = BigInt(configuredMs);
  return askedMs > 0n ? sooner(configured, askedMs) : configured;
}
