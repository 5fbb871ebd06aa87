/**
 * The vocabulary of validating what is appended: who appends, what may be wrong, and how it is said.
 *
 * Outcomes are values: error codes of the protocol's table with Kafka's texts. (The few codes used are written out here, since the
 * protocol package stands on the same floor.)
 * Source: org.apache.kafka.storage.internals.log.LogValidator, RecordValidationException, AppendOrigin.
 */

/** Who appends: `client` is checked in full, the others are trusted in what only a broker can write. */
export type AppendOrigin = 'client' | 'coordinator' | 'raftLeader' | 'replication';

/** The protocol's error codes that validation answers with. */
export const ValidationErrorCode = {
  CORRUPT_MESSAGE: 2,
  MESSAGE_TOO_LARGE: 10,
  INVALID_TIMESTAMP: 32,
  UNSUPPORTED_COMPRESSION_TYPE: 76,
  INVALID_RECORD: 87,
} as const;
export type ValidationErrorCode = (typeof ValidationErrorCode)[keyof typeof ValidationErrorCode];

/** What is wrong with one record; `batchIndex` counts from 0 within its batch. */
export interface RecordError {
  readonly batchIndex: number;
  readonly message: string;
}

/** Why nothing was appended. */
export interface ValidationFailure {
  readonly ok: false;
  readonly error: ValidationErrorCode;
  readonly message: string;
  /** Not empty only when single records are at fault; then clients are told `message` too. */
  readonly recordErrors: readonly RecordError[];
}

/** A failure of the batch as a whole. */
export function batchFailure(error: ValidationErrorCode, message: string): ValidationFailure {
  return { ok: false, error, message, recordErrors: [] };
}

/** One error of a record, with the code it stands for. */
export interface CodedRecordError extends RecordError {
  readonly error: ValidationErrorCode;
}

function describe({ batchIndex, message }: RecordError): string {
  return `RecordError(batchIndex=${batchIndex}, message='${message}')`;
}

/** The failure that these errors of single records amount to. */
export function recordFailure(errors: readonly CodedRecordError[]): ValidationFailure {
  const recordErrors = errors.map(({ batchIndex, message }) => ({ batchIndex, message }));
  if (errors.some(({ error }) => error === ValidationErrorCode.INVALID_TIMESTAMP)) {
    const message = 'One or more records have been rejected due to invalid timestamp';
    return { ok: false, error: ValidationErrorCode.INVALID_TIMESTAMP, message, recordErrors };
  }
  const shown = recordErrors.slice(0, 3).map(describe).join(', ');
  const message =
    `One or more records have been rejected due to ${errors.length} record errors in total, ` +
    `and only showing the first three errors at most: [${shown}]`;
  return { ok: false, error: ValidationErrorCode.INVALID_RECORD, message, recordErrors };
}
