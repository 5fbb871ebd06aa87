/**
 * The leader's check of a batch that is to be appended, and the stamping of it: offsets, leader epoch, timestamp.
 *
 * ```
 * header and CRC ── bad ──────────────────────────────────────────► failure
 *       │
 * records, decompressed if need be: scan ── odd ──► check ── bad ──► failure
 *       │                                             │
 * same compression, offsets in sequence? ── no ──► rebuild ── too large ──► failure
 *       └─ yes ──► stamp in place ◄──────────────────┘
 * ```
 * In place means that the bytes given are written to: the CRC is computed anew only when the timestamp type or the largest timestamp
 * changes. A failure leaves them as they were.
 * Source: org.apache.kafka.storage.internals.log.LogValidator, UnifiedLog (analyzeAndValidateRecords, append).
 */
import { CorruptDataError } from '@skarab/base';
import { wholeBatchSize } from './batch-iterator.ts';
import { MAGIC_V2, NO_TIMESTAMP, RECORD_BATCH_OVERHEAD } from './batch-layout.ts';
import { recompress, reencode } from './batch-rebuild.ts';
import { decompress, decompressToScratch } from './codec/codec.ts';
import type { CompressionType } from './compression-type.ts';
import { headerFailure } from './header-check.ts';
import { RecordBatch } from './record-batch.ts';
import { checkRecords, isTimestampInRange, type RecordRules } from './record-check.ts';
import { type ScanResult, scanRecords } from './record-scan.ts';
import {
  type AppendOrigin,
  batchFailure,
  recordFailure,
  ValidationErrorCode,
  type ValidationFailure,
} from './validation.ts';

/** What the topic and the moment demand. */
export interface AppendOptions extends RecordRules {
  /** Offset of the first record. */
  readonly offsetStart: number;
  readonly leaderEpoch: number;
  readonly origin: AppendOrigin;
  /** The topic's `compression.type`. */
  readonly targetCompression: CompressionType | 'producer' | 'uncompressed';
  readonly compressionLevel?: number | undefined;
  /** The topic's `max.message.bytes`; Infinity where it does not apply. */
  readonly maxMessageBytes: number;
  /** Largest decompressed size of a batch. */
  readonly maxDecompressedBytes?: number;
}

/** A batch that may be appended. */
export interface ValidatedBatch {
  readonly ok: true;
  /** The batch as it is to be written: a view of the bytes given, or new bytes. */
  readonly bytes: Uint8Array;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly recordCount: number;
  /** Largest timestamp of the batch, -1 without any. */
  readonly maxTimestamp: number;
  /** Where an index of timestamps says that it is: the last offset, as in Kafka; -1 without any. */
  readonly offsetOfMaxTimestamp: number;
  /** The time given to all records, -1 when they keep their own. */
  readonly logAppendTimeMs: number;
  readonly sourceCompression: CompressionType;
  /** True when the batch was written anew. */
  readonly isRebuilt: boolean;
}

/** Findings about records that may be appended. */
interface GoodRecords {
  readonly maxTimestamp: number;
  readonly isContiguous: boolean;
}

const scanned: ScanResult = { minTimestamp: 0, maxTimestamp: 0 };

/**
 * Checks the one batch in `bytes`, rebuilds it where the topic demands, and stamps it. What follows a whole batch incompletely is cut off.
 *
 * Walk: produce — called by the log's `stageAppend`, before the producer state is asked.
 */
export function validateAndAssignOffsets(
  bytes: Uint8Array,
  options: AppendOptions,
): ValidatedBatch | ValidationFailure {
  const { CORRUPT_MESSAGE, INVALID_RECORD } = ValidationErrorCode;
  let batch: RecordBatch | ValidationFailure;
  try {
    batch = onlyBatch(bytes);
    if (!(batch instanceof RecordBatch)) return batch;
    const failure = headerFailure(batch, options);
    if (failure !== null) return failure;
  } catch (error) {
    if (error instanceof CorruptDataError) return batchFailure(CORRUPT_MESSAGE, error.message);
    throw error;
  }
  try {
    return validateRecords(batch, options);
  } catch (error) {
    if (error instanceof CorruptDataError) return batchFailure(INVALID_RECORD, error.message);
    throw error;
  }
}

function onlyBatch(bytes: Uint8Array): RecordBatch | ValidationFailure {
  const { INVALID_RECORD, CORRUPT_MESSAGE } = ValidationErrorCode;
  const size = wholeBatchSize(bytes, 0);
  if (size < 0) return batchFailure(INVALID_RECORD, 'Record batch has no batches at all');
  const batch = new RecordBatch(bytes);
  if (batch.magic !== MAGIC_V2) {
    return batchFailure(INVALID_RECORD, `Batches of message format v${batch.magic} cannot be appended`);
  }
  if (size < RECORD_BATCH_OVERHEAD)
    return batchFailure(CORRUPT_MESSAGE, `Record batch is corrupt (the size is ${size})`);
  if (wholeBatchSize(bytes, size) < 0) return batch;
  return batchFailure(INVALID_RECORD, 'Compressed outer record has more than one batch');
}

function targetOf(batch: RecordBatch, target: AppendOptions['targetCompression']): CompressionType {
  // Control records stay as they were written.
  if (target === 'producer' || batch.isControlBatch) return batch.compressionType;
  return target === 'uncompressed' ? 'none' : target;
}

function validateRecords(batch: RecordBatch, options: AppendOptions): ValidatedBatch | ValidationFailure {
  const source = batch.compressionType;
  const target = targetOf(batch, options.targetCompression);
  const { maxDecompressedBytes } = options;
  const records = decompressToScratch(source, batch.recordBytes, maxDecompressedBytes);
  const found = inspect(batch, records, options);
  if ('ok' in found) return found;
  if (found.isContiguous && source === target) return stamp(batch, found.maxTimestamp, options, source, false);
  // Compressing needs the scratch space that the records may lie in.
  const owned = decompress(source, batch.recordBytes, maxDecompressedBytes);
  const rebuild = found.isContiguous && batch.timestampType === 'CreateTime' ? recompress : reencode;
  const rebuilt = rebuild(batch, owned, target, options.compressionLevel);
  if (rebuilt.sizeInBytes > options.maxMessageBytes) {
    return batchFailure(
      ValidationErrorCode.MESSAGE_TOO_LARGE,
      `Message batch size is ${rebuilt.sizeInBytes} bytes in append to partition ${options.topicPartition} ` +
        `which exceeds the maximum configured size of ${options.maxMessageBytes}.`,
    );
  }
  return stamp(rebuilt, found.maxTimestamp, options, source, true);
}

function inspect(batch: RecordBatch, records: Uint8Array, options: AppendOptions): GoodRecords | ValidationFailure {
  const maxTimestamp = scan(batch, records, options);
  if (maxTimestamp !== null) return { maxTimestamp, isContiguous: true };
  const found = checkRecords(batch, records, options);
  if (found.errors.length > 0) return recordFailure(found.errors);
  const isContiguous = found.isContiguous && batch.lastOffsetDelta === batch.recordCount - 1;
  return { maxTimestamp: found.maxTimestamp, isContiguous };
}

/** The largest timestamp when the fast way finds nothing wrong, else null. */
function scan(batch: RecordBatch, records: Uint8Array, options: AppendOptions): number | null {
  const { recordCount, baseTimestamp } = batch;
  if (batch.timestampType !== 'CreateTime' || batch.lastOffsetDelta !== recordCount - 1) return null;
  const rules = { baseTimestamp, needsKeys: options.compactedTopic };
  if (!scanRecords(records, 0, records.length, recordCount, rules, scanned)) return null;
  const { minTimestamp, maxTimestamp } = scanned;
  if (options.timestampType === 'LogAppendTime') return maxTimestamp;
  const inRange = isTimestampInRange(minTimestamp, options) && isTimestampInRange(maxTimestamp, options);
  return inRange && maxTimestamp >= NO_TIMESTAMP ? maxTimestamp : null;
}

function stamp(
  batch: RecordBatch,
  maxTimestamp: number,
  options: AppendOptions,
  sourceCompression: CompressionType,
  isRebuilt: boolean,
): ValidatedBatch {
  const { timestampType, nowMs, offsetStart } = options;
  const { recordCount } = batch;
  const isLogAppendTime = timestampType === 'LogAppendTime';
  const lastOffset = offsetStart + recordCount - 1;
  const stamped = isLogAppendTime ? nowMs : maxTimestamp;
  batch.setLastOffset(lastOffset);
  batch.setPartitionLeaderEpoch(options.leaderEpoch);
  batch.setMaxTimestamp(timestampType, stamped);
  return {
    ok: true,
    bytes: batch.view,
    baseOffset: offsetStart,
    lastOffset,
    recordCount,
    maxTimestamp: stamped,
    offsetOfMaxTimestamp: stamped === NO_TIMESTAMP ? -1 : lastOffset,
    logAppendTimeMs: isLogAppendTime ? nowMs : NO_TIMESTAMP,
    sourceCompression,
    isRebuilt,
  };
}
