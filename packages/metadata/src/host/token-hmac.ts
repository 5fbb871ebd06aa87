/**
 * The HMAC of delegation tokens, by the platform's cryptography. Source: org.apache.kafka.security.DelegationTokenManager.createHmac.
 */
import { crypto } from '@skarab/base';
import type { TokenHmac } from '../core/controller/delegation-token-control.ts';

/** HMACs by a secret key; null for an empty one or none, which turns tokens off. */
export function tokenHmac(secretKey: string | null): TokenHmac | null {
  if (secretKey === null || secretKey === '') return null;
  return (tokenId) => new Uint8Array(crypto().createHmac('sha512', secretKey).update(tokenId).digest());
}
