/**
 * What the header of a batch must be like before its records are looked at.
 *
 * Source: org.apache.kafka.storage.internals.log.UnifiedLog (analyzeAndValidateRecords) and LogValidator (validateBatch), in this order.
 */
import { compressionTypes } from './compression-type.ts';
import type { RecordBatch } from './record-batch.ts';
import { type AppendOrigin, batchFailure, ValidationErrorCode, type ValidationFailure } from './validation.ts';

/** The part of `AppendOptions` that concerns headers. */
export interface HeaderRules {
  readonly origin: AppendOrigin;
  readonly leaderEpoch: number;
  readonly maxMessageBytes: number;
  readonly topicPartition: string;
}

/**
 * Null when the batch is whole and says of itself what this origin may say.
 *
 * Errors: `CorruptDataError` for integers that cannot be.
 */
export function headerFailure(batch: RecordBatch, rules: HeaderRules): ValidationFailure | null {
  return appendFailure(batch, rules) ?? (rules.origin === 'client' ? clientFailure(batch, rules) : null);
}

function invalid(message: string): ValidationFailure {
  return batchFailure(ValidationErrorCode.INVALID_RECORD, message);
}

function appendFailure(batch: RecordBatch, rules: HeaderRules): ValidationFailure | null {
  const { origin, leaderEpoch, maxMessageBytes, topicPartition } = rules;
  if (origin === 'raftLeader' && batch.partitionLeaderEpoch !== leaderEpoch) {
    return invalid(
      `Append from Raft leader did not set the batch epoch correctly, expected ${leaderEpoch} ` +
        `but the batch has ${batch.partitionLeaderEpoch}`,
    );
  }
  if (origin === 'client' && batch.baseOffset !== 0) {
    return invalid(
      `The baseOffset of the record batch in the append to ${topicPartition} should be 0, but it is ${batch.baseOffset}`,
    );
  }
  if (batch.sizeInBytes > maxMessageBytes) {
    return batchFailure(
      ValidationErrorCode.MESSAGE_TOO_LARGE,
      `The record batch size in the append to ${topicPartition} is ${batch.sizeInBytes} bytes ` +
        `which exceeds the maximum configured value of ${maxMessageBytes}).`,
    );
  }
  if (!batch.isValidCrc()) {
    return batchFailure(
      ValidationErrorCode.CORRUPT_MESSAGE,
      `Record is corrupt (stored crc = ${batch.crc}) in topic partition ${topicPartition}.`,
    );
  }
  return null;
}

function clientFailure(batch: RecordBatch, { topicPartition }: HeaderRules): ValidationFailure | null {
  const { lastOffsetDelta, baseOffset, lastOffset, recordCount } = batch;
  if (lastOffsetDelta < 0) {
    return invalid(
      `Batch has an invalid offset range: [${baseOffset}, ${lastOffset}] in topic partition ${topicPartition}`,
    );
  }
  if (recordCount <= 0) {
    return invalid(`Invalid reported count for record batch: ${recordCount} in topic partition ${topicPartition}`);
  }
  if (lastOffsetDelta + 1 !== recordCount) {
    return invalid(
      `Inconsistent batch offset range [${baseOffset}, ${lastOffset}] and count of records ${recordCount} ` +
        `in topic partition ${topicPartition}`,
    );
  }
  if (batch.isControlBatch) {
    return invalid(`Clients are not allowed to write control records in topic partition ${topicPartition}`);
  }
  if (batch.hasProducerId && batch.baseSequence < 0) {
    return invalid(
      `Invalid sequence number ${batch.baseSequence} in record batch with producerId ${batch.producerId} ` +
        `in topic partition ${topicPartition}`,
    );
  }
  if (compressionTypes[batch.attributes & 7] === undefined) {
    return invalid(`Unknown compression type id: ${batch.attributes & 7} in topic partition ${topicPartition}`);
  }
  return null;
}
