/**
 * Decides about AlterUserScramCredentials, and answers DescribeUserScramCredentials from an image.
 *
 * The keys are derived by a port, since deciders have no cryptography.
 * Source: org.apache.kafka.controller.ScramControlManager, org.apache.kafka.image.ScramImage; KIP-554, KIP-900.
 */
import {
  type AlterUserScramCredentialsRequest,
  type AlterUserScramCredentialsResponse,
  type DescribeUserScramCredentialsRequest,
  type DescribeUserScramCredentialsResponse,
  ErrorCode,
  newAlterUserScramCredentialsResponse,
  newDescribeUserScramCredentialsResponse,
  newDescribeUserScramCredentialsResult,
  newRemoveUserScramCredentialRecord,
  type ScramCredentialUpsertion,
} from '@skarab/protocol';
import { isScramSupported } from '../feature/metadata-version.ts';
import { type ScramImage, ScramMechanismId, scramKey, scramRecord } from '../image/scram-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, type ErrorValue, failure } from './decision.ts';

/** Derives what a server keeps from a salted password. */
export type ScramKeys = (
  mechanism: number,
  saltedPassword: Uint8Array,
) => { readonly storedKey: Uint8Array; readonly serverKey: Uint8Array };

const MIN_ITERATIONS = 4096;
const MAX_ITERATIONS = 16384;

/** Sets and deletes credentials; a user may occur once in a request. */
export function alterScramCredentials(
  state: ControllerState,
  deriveKeys: ScramKeys,
  request: AlterUserScramCredentialsRequest,
): Decision<AlterUserScramCredentialsResponse> {
  const counts = new Map<string, number>();
  for (const { name } of [...request.deletions, ...request.upsertions]) counts.set(name, (counts.get(name) ?? 0) + 1);
  const records: MetadataRecord[] = [];
  const outcomes = new Map<string, ErrorValue>();
  const settle = (name: string, validate: () => ErrorValue | null, makeRecord: () => MetadataRecord): void => {
    const error = reasonUnsupported(state) ?? validate() ?? reasonRepeated(counts.get(name) ?? 0);
    outcomes.set(name, outcomes.get(name) ?? error ?? failure(ErrorCode.NONE));
    if (error === null) records.push(makeRecord());
  };
  for (const { name, mechanism } of request.deletions) {
    const data = newRemoveUserScramCredentialRecord({ name, mechanism });
    settle(
      name,
      () => reasonNotDeletable(state.image.scram, name, mechanism),
      () => ({ type: 'RemoveUserScramCredentialRecord', version: 0, data }),
    );
  }
  for (const upsertion of request.upsertions) {
    settle(
      upsertion.name,
      () => reasonInvalid(upsertion),
      () => upsertionRecord(deriveKeys, upsertion),
    );
  }
  const results = [...outcomes].map(([user, { code, message }]) => ({ user, errorCode: code, errorMessage: message }));
  return decideAtomically(records, newAlterUserScramCredentialsResponse({ results }));
}

function upsertionRecord(deriveKeys: ScramKeys, upsertion: ScramCredentialUpsertion): MetadataRecord {
  const { name, mechanism, salt, saltedPassword, iterations } = upsertion;
  return scramRecord({ user: name, mechanism, salt, iterations, ...deriveKeys(mechanism, saltedPassword) });
}

function reasonUnsupported(state: ControllerState): ErrorValue | null {
  if (isScramSupported(state.metadataVersion)) return null;
  return failure(ErrorCode.UNSUPPORTED_VERSION, 'The current metadata.version does not support SCRAM');
}

function reasonRepeated(count: number): ErrorValue | null {
  if (count <= 1) return null;
  return failure(ErrorCode.DUPLICATE_RESOURCE, 'A user credential cannot be altered twice in the same request');
}

function reasonInvalidUser(name: string, mechanism: number): ErrorValue | null {
  if (name === '') return failure(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty');
  const isKnown = mechanism === ScramMechanismId.SCRAM_SHA_256 || mechanism === ScramMechanismId.SCRAM_SHA_512;
  return isKnown ? null : failure(ErrorCode.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism');
}

function reasonInvalid({ name, mechanism, iterations, saltedPassword }: ScramCredentialUpsertion): ErrorValue | null {
  const error = reasonInvalidUser(name, mechanism);
  if (error !== null) return error;
  if (iterations < MIN_ITERATIONS) return failure(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too few iterations');
  if (iterations > MAX_ITERATIONS) return failure(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too many iterations');
  // Java's cryptography takes no empty key.
  return saltedPassword.length === 0 ? failure(ErrorCode.UNKNOWN_SERVER_ERROR) : null;
}

function reasonNotDeletable(image: ScramImage, name: string, mechanism: number): ErrorValue | null {
  const error = reasonInvalidUser(name, mechanism);
  if (error !== null) return error;
  if (image.credentials.has(scramKey(mechanism, name))) return null;
  return failure(ErrorCode.RESOURCE_NOT_FOUND, 'Attempt to delete a user credential that does not exist');
}

/** The mechanisms and iterations of the users asked for, or of all. */
export function describeScramCredentials(
  image: ScramImage,
  request: DescribeUserScramCredentialsRequest,
): DescribeUserScramCredentialsResponse {
  const byUser = new Map<string, { mechanism: number; iterations: number }[]>();
  for (const { user, mechanism, iterations } of image.credentials.values()) {
    byUser.set(user, [...(byUser.get(user) ?? []), { mechanism, iterations }]);
  }
  const asked = request.users?.map(({ name }) => name) ?? [];
  const users = asked.length === 0 ? [...byUser.keys()] : asked;
  const results = [...new Set(users)].map((user) => {
    const credentialInfos = byUser.get(user) ?? [];
    const error = reasonNotDescribable(user, credentialInfos.length, users.filter((name) => name === user).length);
    if (error === null) return newDescribeUserScramCredentialsResult({ user, credentialInfos });
    return newDescribeUserScramCredentialsResult({ user, errorCode: error.code, errorMessage: error.message });
  });
  return newDescribeUserScramCredentialsResponse({ results });
}

function reasonNotDescribable(user: string, credentials: number, mentions: number): ErrorValue | null {
  if (mentions > 1) {
    const message = `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`;
    return failure(ErrorCode.DUPLICATE_RESOURCE, message);
  }
  if (credentials > 0) return null;
  return failure(ErrorCode.RESOURCE_NOT_FOUND, `Attempt to describe a user credential that does not exist: ${user}`);
}
