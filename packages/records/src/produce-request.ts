/**
 * What a produce request may carry for a partition: exactly one batch, in the format v2.
 *
 * This looks at sizes and header only; the log checks the batch itself when it appends it (`validateAndAssignOffsets`).
 * Source: org.apache.kafka.common.requests.ProduceRequest (validateRecords).
 */
import { CorruptDataError } from '@skarab/base';
import { wholeBatchSize } from './batch-iterator.ts';
import { ATTRIBUTES, COMPRESSION_MASK, MAGIC, MAGIC_V2 } from './batch-layout.ts';
import { compressionTypeId } from './compression-type.ts';
import { batchFailure, ValidationErrorCode, type ValidationFailure } from './validation.ts';

const FIRST_VERSION_WITH_ZSTD = 7;

/** Checks the records of one partition in a produce request of this version (3 and above); null when there is nothing to say against them. */
export function validateProduceBatches(bytes: Uint8Array | null, version: number): ValidationFailure | null {
  const { INVALID_RECORD, CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE } = ValidationErrorCode;
  try {
    const size = bytes === null ? -1 : wholeBatchSize(bytes, 0);
    if (bytes === null || size < 0) {
      return batchFailure(
        INVALID_RECORD,
        `Produce requests with version ${version} must have at least one record batch per partition`,
      );
    }
    if (bytes[MAGIC] !== MAGIC_V2) {
      return batchFailure(
        INVALID_RECORD,
        `Produce requests with version ${version} are only allowed to contain record batches with magic version 2`,
      );
    }
    if (
      version < FIRST_VERSION_WITH_ZSTD &&
      (bytes[ATTRIBUTES + 1]! & COMPRESSION_MASK) === compressionTypeId('zstd')
    ) {
      return batchFailure(
        UNSUPPORTED_COMPRESSION_TYPE,
        `Produce requests with version ${version} are not allowed to use ZStandard compression`,
      );
    }
    if (wholeBatchSize(bytes, size) < 0) return null;
    return batchFailure(
      INVALID_RECORD,
      `Produce requests with version ${version} are only allowed to contain exactly one record batch per partition`,
    );
  } catch (error) {
    if (error instanceof CorruptDataError) return batchFailure(CORRUPT_MESSAGE, error.message);
    throw error;
  }
}
