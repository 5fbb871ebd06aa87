/**
 * What can be wrong with a produce request before any log is asked.
 *
 * Source: org.apache.kafka.common.requests.ProduceRequest.validateRecords, RequestUtils.hasTransactionalRecords.
 */
import { CorruptDataError } from '@skarab/base';
import { ErrorCode, type TopicProduceData } from '@skarab/protocol';
import { MAGIC_V2, nextBatchSize, RECORD_BATCH_OVERHEAD, RecordBatch } from '@skarab/records';

const ZSTD_VERSION = 7;
const MAGIC_POSITION = 16;
const LEAST_BATCH_BYTES = 17;

/** A refusal with Kafka's code and text. */
export interface ProduceRefusal {
  readonly errorCode: number;
  readonly message: string;
}

/** Exactly one batch of magic 2, and no zstd before version 7. Bytes that are no batch at all are left to the log's validation. */
export function checkProduceBatches(records: Uint8Array | null, version: number): ProduceRefusal | undefined {
  const refuse = (errorCode: number, what: string): ProduceRefusal => ({
    errorCode,
    message: `Produce requests with version ${version} ${what}`,
  });
  if (records === null || records.length < LEAST_BATCH_BYTES) {
    return refuse(ErrorCode.INVALID_RECORD, 'must have at least one record batch per partition');
  }
  if (records[MAGIC_POSITION] !== MAGIC_V2) {
    return refuse(ErrorCode.INVALID_RECORD, 'are only allowed to contain record batches with magic version 2');
  }
  if (records.length < RECORD_BATCH_OVERHEAD)
    return { errorCode: ErrorCode.CORRUPT_MESSAGE, message: 'The record batch is cut short.' };
  const batch = new RecordBatch(records, 0);
  if (version < ZSTD_VERSION && batch.compressionType === 'zstd') {
    return refuse(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, 'are not allowed to use ZStandard compression');
  }
  return checkRest(records, batch.sizeInBytes, refuse);
}

/** A cut off rest is ignored, as the JVM's iterator does; a second batch or garbage is not. */
function checkRest(
  records: Uint8Array,
  size: number,
  refuse: (errorCode: number, what: string) => ProduceRefusal,
): ProduceRefusal | undefined {
  if (size >= records.length) return undefined;
  try {
    const next = nextBatchSize(records, size);
    if (next < 0 || size + next > records.length) return undefined;
  } catch (error) {
    if (error instanceof CorruptDataError) return { errorCode: ErrorCode.CORRUPT_MESSAGE, message: error.message };
    throw error;
  }
  return refuse(ErrorCode.INVALID_RECORD, 'are only allowed to contain exactly one record batch per partition');
}

/** Whether any batch belongs to a transaction. */
export function hasTransactionalBatch(topics: readonly TopicProduceData[]): boolean {
  for (const topic of topics) {
    for (const { records } of topic.partitionData) {
      if (!(records instanceof Uint8Array) || records.length < RECORD_BATCH_OVERHEAD) continue;
      const batch = new RecordBatch(records, 0);
      if (batch.magic === MAGIC_V2 && batch.isTransactional) return true;
    }
  }
  return false;
}
