/** Tokens: who makes, renews, ends and sees them, and when they are gone. Against the JVM: packages/broker/test/scripts/tokens.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import {
  type CreateDelegationTokenRequest,
  ErrorCode,
  newCreateDelegationTokenRequest,
  newDescribeDelegationTokenRequest,
  newExpireDelegationTokenRequest,
  newRenewDelegationTokenRequest,
} from '@skarab/protocol';
import type { Principal } from '@skarab/security';
import { tokenHmac } from '../../host/token-hmac.ts';
import { featureLevelRecord } from '../image/features-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { ControllerState } from './controller-state.ts';
import type { Decision } from './decision.ts';
import { DelegationTokenControl } from './delegation-token-control.ts';
import { describeDelegationTokens } from './delegation-token-descriptions.ts';

const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => ({ type: 'User', name })) as [
  Principal,
  Principal,
  Principal,
];
const NOW = 1_000_000;
const MAX_LIFETIME_MS = 10_000;
const EXPIRY_MS = 4_000;
const hmac = tokenHmac('secret')!;
const renewers = [{ principalType: 'User', principalName: 'bob' }];

/** A controller of one decider: what it decides is replayed at once. */
class Tokens {
  readonly state = new ControllerState(9000);
  readonly #control: DelegationTokenControl;
  #offset = 0;

  constructor({ metadataVersion = 30, key = hmac as typeof hmac | null, maxLifetimeMs = MAX_LIFETIME_MS } = {}) {
    this.#apply([featureLevelRecord('metadata.version', metadataVersion)]);
    const settings = { hmac: key, maxLifetimeMs, expiryTimeMs: EXPIRY_MS };
    this.#control = new DelegationTokenControl(this.state, settings, seededRandom(1));
  }

  get count(): number {
    return [...this.state.image.delegationTokens.tokens.keys()].length;
  }

  create(fields: Partial<CreateDelegationTokenRequest> = {}, by = alice, nowMs = NOW) {
    return this.#decided(this.#control.create(newCreateDelegationTokenRequest(fields), 3, by, nowMs));
  }

  renew(shown: Uint8Array, by: Principal, renewPeriodMs: bigint, nowMs = NOW) {
    return this.#decided(
      this.#control.renew(newRenewDelegationTokenRequest({ hmac: shown, renewPeriodMs }), by, nowMs),
    );
  }

  expire(shown: Uint8Array, by: Principal, expiryTimePeriodMs: bigint, nowMs = NOW) {
    const request = newExpireDelegationTokenRequest({ hmac: shown, expiryTimePeriodMs });
    return this.#decided(this.#control.expire(request, by, nowMs));
  }

  sweep(nowMs: number): boolean {
    return this.#decided(this.#control.sweep(nowMs));
  }

  #decided<T>(decision: Decision<T>): T {
    assert.ok(decision.ok);
    this.#apply(decision.records);
    return decision.response;
  }

  #apply(records: readonly MetadataRecord[]): void {
    if (records.length === 0) return;
    const baseOffset = this.#offset;
    this.#offset += records.length;
    const lastOffset = this.#offset - 1;
    this.state.apply({ baseOffset, lastOffset, epoch: 1, appendTimestampMs: 0, sizeInBytes: 0, records });
  }
}

test('a token expires after its time, its life ends at the latest at the maximum, whatever is asked for', () => {
  const tokens = new Tokens();
  const longest = tokens.create({ maxLifetimeMs: 99_999n });
  assert.equal(longest.errorCode, ErrorCode.NONE);
  assert.equal(longest.issueTimestampMs, BigInt(NOW));
  assert.equal(longest.expiryTimestampMs, BigInt(NOW + EXPIRY_MS));
  assert.equal(longest.maxTimestampMs, BigInt(NOW + MAX_LIFETIME_MS));
  const short = tokens.create({ maxLifetimeMs: 3_000n });
  assert.equal(short.maxTimestampMs, BigInt(NOW + 3_000));
  assert.equal(short.expiryTimestampMs, short.maxTimestampMs);
  assert.equal(tokens.create({ maxLifetimeMs: -1n }).maxTimestampMs, longest.maxTimestampMs);
  assert.notDeepEqual(short.hmac, longest.hmac);
  const forever = new Tokens({ maxLifetimeMs: Number.MAX_VALUE }).create();
  assert.equal(forever.maxTimestampMs, 2n ** 63n - 1n);
});

test('without a secret key, or with old metadata, there are no tokens', () => {
  const off = new Tokens({ key: tokenHmac('') });
  const old = new Tokens({ metadataVersion: 13 });
  for (const [tokens, code] of [
    [off, ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED],
    [old, ErrorCode.UNSUPPORTED_VERSION],
  ] as const) {
    const made = tokens.create();
    assert.equal(made.errorCode, code);
    assert.equal(tokens.renew(made.hmac, alice, 1n).errorCode, code);
    assert.equal(tokens.expire(made.hmac, alice, 1n).errorCode, code);
    assert.equal(tokens.count, 0);
  }
});

test('owners and renewers renew a token until its maximum, nobody else does, and not when it has expired', () => {
  const tokens = new Tokens();
  const { hmac: shown, maxTimestampMs } = tokens.create({ renewers });
  assert.equal(tokens.renew(shown, carol, 1n).errorCode, ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH);
  assert.equal(tokens.renew(shown, bob, 1_000n, NOW + 3_500).expiryTimestampMs, BigInt(NOW + 4_500));
  assert.equal(tokens.renew(shown, alice, 0n, NOW + 4_500).expiryTimestampMs, BigInt(NOW + 8_500));
  assert.equal(tokens.renew(shown, alice, 99_999n, NOW + 8_500).expiryTimestampMs, maxTimestampMs);
  const late = tokens.renew(shown, alice, 1n, NOW + MAX_LIFETIME_MS + 1);
  assert.equal(late.errorCode, ErrorCode.DELEGATION_TOKEN_EXPIRED);
  assert.equal(tokens.renew(new Uint8Array(64), alice, 1n).errorCode, ErrorCode.DELEGATION_TOKEN_NOT_FOUND);
});

test('a token of another is its owner’s and not the requester’s', () => {
  const tokens = new Tokens();
  const made = tokens.create({ ownerPrincipalType: 'User', ownerPrincipalName: 'bob' }, alice);
  assert.deepEqual([made.principalName, made.tokenRequesterPrincipalName], ['bob', 'alice']);
  assert.equal(tokens.renew(made.hmac, alice, 1n).errorCode, ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH);
  assert.equal(tokens.renew(made.hmac, bob, 1n).errorCode, ErrorCode.NONE);
});

test('a token is ended later or at once, at once even after it has expired', () => {
  const tokens = new Tokens();
  const { hmac: shown, maxTimestampMs } = tokens.create({ renewers });
  assert.equal(tokens.expire(shown, carol, -1n).errorCode, ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH);
  assert.equal(tokens.expire(shown, bob, 2n ** 63n - 1n).expiryTimestampMs, maxTimestampMs);
  assert.equal(tokens.expire(shown, bob, 0n, NOW + 1).expiryTimestampMs, BigInt(NOW + 1));
  assert.equal(tokens.expire(shown, bob, 5n, NOW + 2).errorCode, ErrorCode.DELEGATION_TOKEN_EXPIRED);
  assert.equal(tokens.count, 1);
  assert.equal(tokens.expire(shown, bob, -1n, NOW + 2).errorCode, ErrorCode.NONE);
  assert.equal(tokens.count, 0);
});

test('tokens that have expired are swept out, a thousand at a time', () => {
  const tokens = new Tokens();
  for (let i = 0; i < 1001; i++) tokens.create();
  tokens.create({}, alice, NOW + 1);
  assert.equal(tokens.sweep(NOW + EXPIRY_MS), false);
  assert.equal(tokens.count, 1002, 'a token is there in its last millisecond');
  assert.equal(tokens.sweep(NOW + EXPIRY_MS + 1), true);
  assert.equal(tokens.count, 2);
  assert.equal(tokens.sweep(NOW + EXPIRY_MS + 1), false);
  assert.equal(tokens.count, 1);
});

test('tokens are described to owners, renewers and whoever may see them', () => {
  const tokens = new Tokens();
  const mine = tokens.create({ renewers });
  const carols = tokens.create({}, carol);
  const seen = (requester: Principal, owners: readonly string[] | null = null, mayDescribe = false) => {
    const request = newDescribeDelegationTokenRequest({
      owners: owners?.map((principalName) => ({ principalType: 'User', principalName })) ?? null,
    });
    const options = { hmac, requestVersion: 3, requester, mayDescribe: () => mayDescribe };
    return describeDelegationTokens(tokens.state.image.delegationTokens, request, options);
  };
  const ids = (...args: Parameters<typeof seen>) => new Set(seen(...args).map(({ tokenId }) => tokenId));
  assert.deepEqual(ids(alice), new Set([mine.tokenId]));
  assert.deepEqual(ids(bob), new Set([mine.tokenId]));
  assert.deepEqual(ids(carol, ['alice', 'bob']), new Set());
  assert.deepEqual(ids(carol, ['bob'], true), new Set([mine.tokenId]));
  assert.deepEqual(ids(bob, null, true), new Set([mine.tokenId, carols.tokenId]));
  assert.deepEqual(ids(alice, []), new Set());
  const [described] = seen(alice);
  assert.deepEqual(described, {
    principalType: 'User',
    principalName: 'alice',
    tokenRequesterPrincipalType: 'User',
    tokenRequesterPrincipalName: 'alice',
    issueTimestamp: mine.issueTimestampMs,
    expiryTimestamp: mine.expiryTimestampMs,
    maxTimestamp: mine.maxTimestampMs,
    tokenId: mine.tokenId,
    hmac: mine.hmac,
    renewers,
  });
});
