/**
 * SCRAM credentials by mechanism and user.
 *
 * Source: org.apache.kafka.image.ScramImage; KIP-554, KIP-900.
 */
import { newUserScramCredentialRecord, type UserScramCredentialRecord } from '@skarab/protocol';
import { PersistentMap } from '../persistent-map.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** Numbers of the mechanisms in the protocol. */
export const ScramMechanismId = { UNKNOWN: 0, SCRAM_SHA_256: 1, SCRAM_SHA_512: 2 } as const;

/** What a server keeps of a user's password for one mechanism. */
export interface ScramCredential {
  readonly user: string;
  /** One of `ScramMechanismId`. */
  readonly mechanism: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly iterations: number;
}

/** All credentials by `scramKey`. */
export interface ScramImage {
  readonly credentials: PersistentMap<ScramCredential>;
}

/** No credentials. */
export const EMPTY_SCRAM: ScramImage = { credentials: PersistentMap.empty() };

/** The key of a credential in the image. */
export function scramKey(mechanism: number, user: string): string {
  return `${mechanism}:${user}`;
}

/** The credential that `record` sets. The bytes are copied: records are views of log buffers. */
export function scramFromRecord(record: UserScramCredentialRecord): ScramCredential {
  return {
    user: record.name,
    mechanism: record.mechanism,
    salt: record.salt.slice(),
    storedKey: record.storedKey.slice(),
    serverKey: record.serverKey.slice(),
    iterations: record.iterations,
  };
}

/** The record that sets a credential. */
export function scramRecord(credential: ScramCredential): MetadataRecord {
  const { user, ...fields } = credential;
  return {
    type: 'UserScramCredentialRecord',
    version: 0,
    data: newUserScramCredentialRecord({ name: user, ...fields }),
  };
}

/** The records of the image. */
export function* scramRecords(image: ScramImage): Generator<MetadataRecord> {
  for (const credential of image.credentials.values()) yield scramRecord(credential);
}
