export { type AppendOptions, type ValidatedBatch, validateAndAssignOffsets } from './append-validation.ts';
export { BatchBuilder, type BatchOptions, buildBatch, type ProducerState } from './batch-builder.ts';
export { iterateBatches, nextBatchSize, wholeBatchSize } from './batch-iterator.ts';
export {
  HEADER_SIZE_UP_TO_MAGIC,
  LOG_OVERHEAD,
  MAGIC_V0,
  MAGIC_V1,
  MAGIC_V2,
  NO_PARTITION_LEADER_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  RECORD_BATCH_OVERHEAD,
  type TimestampType,
} from './batch-layout.ts';
export { compress, DEFAULT_MAX_DECOMPRESSED_BYTES, decompress } from './codec/codec.ts';
export {
  type CompressionLevels,
  type CompressionType,
  compressionLevels,
  compressionTypeId,
  compressionTypeOf,
  compressionTypes,
} from './compression-type.ts';
export {
  buildControlBatch,
  buildEndTransactionMarkerBatch,
  type ControlBatchOptions,
  type ControlRecord,
  ControlRecordType,
  type EndTransactionMarker,
  type EndTransactionType,
  encodeControlRecordKey,
  encodeEndTransactionMarkerValue,
  parseControlRecordType,
  parseEndTransactionMarker,
} from './control-record.ts';
export { crc32c, crc32cByTable, hasNativeCrc32c } from './crc32c.ts';
export { checkMessageCrc, type LegacyMessage, readMessageSet } from './message-set.ts';
export { validateProduceBatches } from './produce-request.ts';
export type { DecodedRecord, RecordHeader, SimpleRecord } from './record.ts';
export { RecordBatch } from './record-batch.ts';
export { decrementSequence, incrementSequence } from './sequence.ts';
export {
  type AppendOrigin,
  type RecordError,
  ValidationErrorCode,
  type ValidationFailure,
} from './validation.ts';
