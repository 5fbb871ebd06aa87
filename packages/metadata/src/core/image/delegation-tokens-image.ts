/**
 * Delegation tokens by token id.
 *
 * Source: org.apache.kafka.image.DelegationTokenImage; KIP-48, KIP-900.
 */
import { type DelegationTokenRecord, newDelegationTokenRecord } from '@skarab/protocol';
import { PersistentMap } from '../persistent-map.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** A delegation token; principals are texts such as `User:alice`. Times may be as far away as 64 bits go. */
export interface DelegationToken {
  readonly tokenId: string;
  readonly owner: string;
  readonly requester: string;
  readonly renewers: readonly string[];
  readonly issueTimestampMs: bigint;
  readonly maxTimestampMs: bigint;
  readonly expirationTimestampMs: bigint;
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
    issueTimestampMs: record.issueTimestamp,
    maxTimestampMs: record.maxTimestamp,
    expirationTimestampMs: record.expirationTimestamp,
  };
}

/** The record that sets a token. */
export function tokenRecord(token: DelegationToken): MetadataRecord {
  const data = newDelegationTokenRecord({
    tokenId: token.tokenId,
    owner: token.owner,
    requester: token.requester,
    renewers: [...token.renewers],
    issueTimestamp: token.issueTimestampMs,
    maxTimestamp: token.maxTimestampMs,
    expirationTimestamp: token.expirationTimestampMs,
  });
  return { type: 'DelegationTokenRecord', version: 0, data };
}

/** The records of the image. */
export function* tokenRecords(image: DelegationTokensImage): Generator<MetadataRecord> {
  for (const token of image.tokens.values()) yield tokenRecord(token);
}
