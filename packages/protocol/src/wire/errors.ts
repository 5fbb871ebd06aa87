/**
 * Errors of the codec: bytes that are no message (`ProtocolError`), and messages that a version cannot carry (`ApiError`).
 *
 * Generated code calls the makers below, so that its own text stays small.
 */
import { CorruptDataError } from '@skarab/base';
import { ApiError } from '../api-error.ts';
import { ErrorCode } from '../generated/errors.ts';

/** The bytes do not follow the protocol: cut off, a length out of bounds, null where there must be a value. Position: within the reader's bytes. */
export class ProtocolError extends CorruptDataError {
  constructor(message: string, position: number) {
    super(`${message} at position ${position}`, { position });
  }
}

/** The message does not exist at this version. */
export function unsupportedVersion(message: string, version: number): ApiError {
  return new ApiError(ErrorCode.UNSUPPORTED_VERSION, `${message} has no version ${version}`);
}

/** A field is set, but this version cannot carry it and it must not be dropped. */
export function unwritableField(field: string, version: number): ApiError {
  return new ApiError(ErrorCode.UNSUPPORTED_VERSION, `${field} is set but cannot be written at version ${version}`);
}

/** There are unknown tagged fields, but this version has no tagged fields. */
export function taggedFieldsUnsupported(struct: string, version: number): ApiError {
  return new ApiError(ErrorCode.UNSUPPORTED_VERSION, `${struct} has no tagged fields at version ${version}`);
}

/** A tag that the schema gives to a field of other versions. */
export function unknownTag(struct: string, tag: number, version: number, position: number): ProtocolError {
  return new ProtocolError(`${struct} has no tag ${tag} at version ${version}`, position);
}

/** The value, unless it is null, which this version cannot carry. */
export function notNull<T>(value: T | null, field: string, version: number): T {
  if (value === null)
    throw new ApiError(ErrorCode.UNSUPPORTED_VERSION, `${field} cannot be null at version ${version}`);
  return value;
}
