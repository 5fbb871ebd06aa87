/**
 * Delegation tokens by token id.
 *
 * Source: org.apache.kafka.image.DelegationTokenImage; KIP-48, KIP-900.
 */
import { type DelegationTokenRecord, newDelegationTokenRecord } from '@skarab/protocol';
import { toNumber } from '../int64.ts';
import { PersistentMap } from '../persistent-map.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** A delegation token; principals are texts such as `User:alice`. */
export interface DelegationToken {
  readonly tokenId: string;
  readonly owner: string;
  readonly requester: string;
  readonly renewers: readonly string[];
  readonly issueTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly expirationTimestampMs: number;
}

/** All tokens by id. */
export interface DelegationTokensImage {
  readonly tokens: PersistentMap<DelegationToken>;
}

/** No tokens. */
export const EMPTY_DELEGATION_TOKENS: DelegationTokensImage = { tokens: PersistentMap.empty() };

/** The token that `record` sets. */
export function tokenFromRecord(record: DelegationTokenRecord): DelegationToken {
  return {
    tokenId: record.tokenId,
    owner: record.owner,
    requester: record.requester,
    renewers: record.renewers,
    issueTimestampMs: toNumber(record.issueTimestamp),
    maxTimestampMs: toNumber(record.maxTimestamp),
    expirationTimestampMs: toNumber(record.expirationTimestamp),
  };
}

/** The record that sets a token. */
export function tokenRecord(token: DelegationToken): MetadataRecord {
  const data = newDelegationTokenRecord({
    tokenId: token.tokenId,
    owner: token.owner,
    requester: token.requester,
    renewers: [...token.renewers],
    issueTimestamp: BigInt(token.issueTimestampMs),
    maxTimestamp: BigInt(token.maxTimestampMs),
    expirationTimestamp: BigInt(token.expirationTimestampMs),
  });
  return { type: 'DelegationTokenRecord', version: 0, data };
}

/** The records of the image. */
export function* tokenRecords(image: DelegationTokensImage): Generator<MetadataRecord> {
  for (const token of image.tokens.values()) yield tokenRecord(token);
}
