/**
 * Delegation tokens: refused over a plaintext connection, but not to a node that passes on what others ask; so they are asked for in
 * envelopes.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  apiCodecs,
  type CreateDelegationTokenResponse,
  decodeResponseFrame,
  type EnvelopeResponse,
  ErrorCode,
  newCreateDelegationTokenRequest,
  newDescribeDelegationTokenRequest,
  newEnvelopeRequest,
  newExpireDelegationTokenRequest,
  newRenewDelegationTokenRequest,
} from '@skarab/protocol';
import { encodePrincipal, type Principal } from '@skarab/security';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { frameOf } from './inner-frame.ts';

/** `delegation.token.secret.key` of the brokers. */
export const TOKEN_SECRET = 'not so secret';

const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name): Principal => ({ type: 'User', name })) as [
  Principal,
  Principal,
  Principal,
];
const HOUR_MS = 3_600_000n;
const someHmac = new Uint8Array(64).fill(5);

interface Outcome {
  readonly errorCode: number;
  readonly expiryTimestampMs: bigint;
}

async function refused(r: Recorder): Promise<void> {
  const create = newCreateDelegationTokenRequest();
  const renew = newRenewDelegationTokenRequest({ hmac: someHmac });
  const expire = newExpireDelegationTokenRequest({ hmac: someHmac });
  await r.call('a token over plaintext', ApiKey.CREATE_DELEGATION_TOKEN, [1, 3], create);
  const ofBob = newCreateDelegationTokenRequest({ ownerPrincipalType: 'User', ownerPrincipalName: 'bob' });
  await r.call('a token of another over plaintext', ApiKey.CREATE_DELEGATION_TOKEN, 3, ofBob);
  await r.call('a renewal over plaintext', ApiKey.RENEW_DELEGATION_TOKEN, [1, 2], renew);
  await r.call('an end over plaintext', ApiKey.EXPIRE_DELEGATION_TOKEN, [1, 2], expire);
  const describe = newDescribeDelegationTokenRequest({ owners: null });
  await r.call('tokens over plaintext', ApiKey.DESCRIBE_DELEGATION_TOKEN, [1, 3], describe);
  const on = 'controller';
  await r.call('a token of the controller over plaintext', ApiKey.CREATE_DELEGATION_TOKEN, 3, create, { on });
  await r.call('a renewal by the controller over plaintext', ApiKey.RENEW_DELEGATION_TOKEN, 2, renew, { on });
  await r.call('an end by the controller over plaintext', ApiKey.EXPIRE_DELEGATION_TOKEN, 2, expire, { on });
}

const FORGETTING_MS = 1500;

/** Asks in an envelope as `principal`; times are shown by their distance from now, in minutes. */
async function ask<Response extends Outcome>(
  r: Recorder,
  title: string,
  [apiKey, version]: readonly [number, number],
  principal: Principal,
  message: object,
  until?: number,
): Promise<Response> {
  const codec = apiCodecs.get(apiKey)!;
  const envelope = newEnvelopeRequest({
    requestData: frameOf(apiKey, version, codec.request.encode, message),
    requestPrincipal: encodePrincipal(principal),
    clientHostAddress: Buffer.of(127, 0, 0, 1),
  });
  const inner = ({ responseData }: EnvelopeResponse): Response =>
    codec.response.decode(decodeResponseFrame(responseData!, apiKey, version).body, version) as Response;
  const response = await r.call<EnvelopeResponse>(title, ApiKey.ENVELOPE, 0, envelope, {
    on: 'controller',
    show: (answer) => ({ errorCode: answer.errorCode, inner: shown(inner(answer)) }),
    ...(until !== undefined && { until: (answer) => inner(answer).errorCode === until }),
  });
  return inner(response);
}

function shown(response: Outcome & Partial<CreateDelegationTokenResponse>): object {
  const { tokenId, hmac } = response;
  const times = Object.entries(response).filter(([name, value]) => name.endsWith('TimestampMs') && Number(value) > 0);
  const minutes = times.map(([name, value]) => [
    name,
    `now + ${Math.round((Number(value) - Date.now()) / 60_000)} min`,
  ]);
  if (tokenId === undefined || hmac === undefined || tokenId === '')
    return { ...response, ...Object.fromEntries(minutes) };
  const expected = createHmac('sha512', TOKEN_SECRET).update(tokenId).digest();
  const isOfId = expected.equals(hmac);
  return { ...response, tokenId: `${tokenId.length} characters`, hmac: isOfId, ...Object.fromEntries(minutes) };
}

async function made(r: Recorder): Promise<Uint8Array> {
  const create = (
    title: string,
    version: number,
    fields: Parameters<typeof newCreateDelegationTokenRequest>[0],
    by = alice,
  ) =>
    ask<CreateDelegationTokenResponse>(
      r,
      title,
      [ApiKey.CREATE_DELEGATION_TOKEN, version],
      by,
      newCreateDelegationTokenRequest(fields),
    );
  const renewers = [{ principalType: 'User', principalName: 'bob' }];
  await create('a token', 1, {});
  await create('a token for a long time', 2, { maxLifetimeMs: 1000n * 24n * HOUR_MS });
  await create('a token of another', 3, { ownerPrincipalType: 'User', ownerPrincipalName: 'bob' });
  await create('a token of nobody in particular', 3, { ownerPrincipalType: null, ownerPrincipalName: null });
  await create('a token that a group renews', 3, { renewers: [{ principalType: 'Group', principalName: 'g' }] });
  await create('a token by a token', 3, {}, { ...alice, isTokenAuthenticated: true });
  const { hmac } = await create('a token of two hours with a renewer', 3, { maxLifetimeMs: 2n * HOUR_MS, renewers });
  return hmac;
}

async function used(r: Recorder, hmac: Uint8Array): Promise<void> {
  const renew = (title: string, by: Principal, renewPeriodMs: bigint, fields = {}, until?: number) => {
    const request = newRenewDelegationTokenRequest({ hmac, renewPeriodMs, ...fields });
    return ask(r, title, [ApiKey.RENEW_DELEGATION_TOKEN, 2], by, request, until);
  };
  const expire = (title: string, by: Principal, expiryTimePeriodMs: bigint, fields = {}) => {
    const request = newExpireDelegationTokenRequest({ hmac, expiryTimePeriodMs, ...fields });
    return ask(r, title, [ApiKey.EXPIRE_DELEGATION_TOKEN, 2], by, request);
  };
  // The JVM's controller finds a token a moment after it has made it.
  await renew('a renewal by its owner for an hour', alice, HOUR_MS, {}, ErrorCode.NONE);
  await renew('a renewal by its renewer until its end', bob, 5n * HOUR_MS);
  await renew('a renewal for as long as may be', alice, -1n);
  await renew('a renewal by somebody else', carol, HOUR_MS);
  await renew('a renewal of no token', alice, HOUR_MS, { hmac: someHmac });
  await renew('a renewal by a token', { ...alice, isTokenAuthenticated: true }, HOUR_MS);
  await expire('an end in half an hour', bob, HOUR_MS / 2n);
  await expire('an end beyond the end', alice, 2n ** 63n - 1n);
  await expire('an end by somebody else', carol, -1n);
  await expire('an end of no token', alice, -1n, { hmac: someHmac });
  await expire('an end at once', bob, -1n);
  // It knows for a moment more what it has ended, and would make it anew.
  await sleep(FORGETTING_MS);
  await renew('a renewal after the end', alice, HOUR_MS);
}

export const tokensScript: Script = {
  name: 'tokens',
  run: async (r) => {
    await refused(r);
    await used(r, await made(r));
  },
};
