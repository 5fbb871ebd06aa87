/**
 * The slow and thorough way through the records of a batch: for batches that `scanRecords` did not like, it says what is wrong, or that
 * nothing is.
 *
 * Source: org.apache.kafka.storage.internals.log.LogValidator (validateRecord).
 */
import { NO_TIMESTAMP, type TimestampType } from './batch-layout.ts';
import { type DecodedRecord, readRecord } from './record.ts';
import type { RecordBatch } from './record-batch.ts';
import { type CodedRecordError, ValidationErrorCode } from './validation.ts';
import { RecordCursor } from './varint.ts';

/** What records have to be like. */
export interface RecordRules {
  readonly nowMs: number;
  readonly timestampType: TimestampType;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  readonly compactedTopic: boolean;
  readonly topicPartition: string;
}

/** What the records of a batch are like. */
export interface RecordFindings {
  readonly errors: readonly CodedRecordError[];
  readonly maxTimestamp: number;
  /** True when the offset deltas are 0, 1, 2…. */
  readonly isContiguous: boolean;
}

const MAX_INT64 = 2n ** 63n - 1n;

/** An int64 of Java's, which wraps; numbers near 2^63 stand for the largest. */
function javaSum(left: number, right: number, sign: 1n | -1n): bigint {
  return BigInt.asIntN(64, BigInt(left) + sign * (right >= 2 ** 63 ? MAX_INT64 : BigInt(right)));
}

/** True when a record with CreateTime may have this timestamp. */
export function isTimestampInRange(timestamp: number, rules: RecordRules): boolean {
  const difference = rules.nowMs - timestamp;
  return difference <= rules.timestampBeforeMaxMs && -difference <= rules.timestampAfterMaxMs;
}

function timestampError(batch: RecordBatch, record: DecodedRecord, rules: RecordRules): string | null {
  const { timestamp, offset } = record;
  if (rules.timestampType === 'CreateTime' && timestamp !== NO_TIMESTAMP) {
    if (isTimestampInRange(timestamp, rules)) return null;
    const earliest = javaSum(rules.nowMs, rules.timestampBeforeMaxMs, -1n);
    const latest = javaSum(rules.nowMs, rules.timestampAfterMaxMs, 1n);
    return (
      `Timestamp ${timestamp} of message with offset ${offset} is out of range. ` +
      `The timestamp should be within [${earliest}, ${latest}]`
    );
  }
  if (batch.timestampType === 'CreateTime') return null;
  return `Invalid timestamp type in message ${describe(record)}. Producer should not set timestamp type to LogAppendTime.`;
}

function describe({ offset, timestamp, key, value }: DecodedRecord): string {
  const sizes = `key=${key?.length ?? 0} bytes, value=${value?.length ?? 0} bytes`;
  return `DefaultRecord(offset=${offset}, timestamp=${timestamp}, ${sizes})`;
}

function recordError(
  batch: RecordBatch,
  record: DecodedRecord,
  batchIndex: number,
  rules: RecordRules,
): CodedRecordError | null {
  if (rules.compactedTopic && record.key === null) {
    const message = `Compacted topic cannot accept message without key in topic partition ${rules.topicPartition}`;
    return { batchIndex, error: ValidationErrorCode.INVALID_RECORD, message };
  }
  const message = timestampError(batch, record, rules);
  return message === null ? null : { batchIndex, error: ValidationErrorCode.INVALID_TIMESTAMP, message };
}

/**
 * Looks at each record of `batch`, whose decompressed records are `bytes`.
 *
 * Errors: `CorruptDataError` when they are not as many well-formed records as the batch announces.
 */
export function checkRecords(batch: RecordBatch, bytes: Uint8Array, rules: RecordRules): RecordFindings {
  const errors: CodedRecordError[] = [];
  const { recordCount, baseOffset } = batch;
  const context = batch.recordContext();
  const cursor = new RecordCursor(bytes);
  if (recordCount < 0) throw cursor.corrupt(`a batch of ${recordCount} records`);
  let maxTimestamp = NO_TIMESTAMP;
  let isContiguous = true;
  for (let i = 0; i < recordCount; i++) {
    const record = readRecord(cursor, context);
    const error = recordError(batch, record, i, rules);
    if (error !== null) errors.push(error);
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
    if (record.offset !== baseOffset + i) isContiguous = false;
  }
  if (cursor.remaining > 0) throw cursor.corrupt('bytes remain after the last one');
  return { errors, maxTimestamp, isContiguous };
}
