/**
 * Batches that compaction writes anew: with fewer records, with a delete horizon, in the newest format, or with no records at all.
 *
 * Offsets stay; so do the first and last offset of a batch v2, and with them the sequence numbers of its producer.
 * Source: org.apache.kafka.common.record.internal.MemoryRecords (buildRetainedRecordsInto).
 */
import {
  BatchBuilder,
  type BatchOptions,
  type CompressionType,
  type LegacyMessage,
  type RecordBatch,
} from '@skarab/records';

/** The records of `batch` at these indexes, in order, compressed as they were; `deleteHorizonMs` is null for none. */
export function rewriteBatch(
  batch: RecordBatch,
  retained: readonly number[],
  deleteHorizonMs: number | null,
): Uint8Array {
  const builder = new BatchBuilder({
    ...headerOf(batch),
    ...(deleteHorizonMs === null ? {} : { deleteHorizonMs }),
    compression: batch.compressionType,
  });
  let index = 0;
  let next = 0;
  for (const record of batch.records()) {
    if (index++ !== retained[next]) continue;
    builder.append(record);
    next++;
  }
  return builder.build();
}

/** The batch without its records: kept for its producer's last sequence number, or for the offset that it ends with. */
export function emptyBatch(batch: RecordBatch): Uint8Array {
  return new BatchBuilder({ ...headerOf(batch), maxTimestamp: batch.maxTimestamp }).build();
}

/** Messages of an older format as a batch; there must be one at least. */
export function upgradeMessages(
  messages: readonly LegacyMessage[],
  compression: CompressionType,
  deleteHorizonMs: number | null,
): Uint8Array {
  const { offset, timestamp, timestampType } = messages[0]!;
  const builder = new BatchBuilder({
    baseOffset: offset,
    ...(timestampType === 'LogAppendTime' ? { logAppendTimeMs: timestamp } : {}),
    ...(deleteHorizonMs === null ? {} : { deleteHorizonMs }),
    compression,
  });
  for (const message of messages) builder.append(message);
  return builder.build();
}

/** A batch without records that ends with `offset`, for a message of an older format. */
export function emptyBatchAt(offset: number): Uint8Array {
  return new BatchBuilder({ baseOffset: offset, lastOffset: offset }).build();
}

function headerOf(batch: RecordBatch): BatchOptions {
  const { baseOffset, lastOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence } = batch;
  const { isTransactional, isControlBatch, timestampType, maxTimestamp } = batch;
  return {
    ...{ baseOffset, lastOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence },
    ...{ isTransactional, isControlBatch },
    ...(timestampType === 'LogAppendTime' ? { logAppendTimeMs: maxTimestamp } : {}),
  };
}
