/**
 * Writing a producer's batch anew, for a topic that wants another compression or whose producer numbered its records wrongly.
 *
 * Source: org.apache.kafka.storage.internals.log.LogValidator (buildRecordsAndAssignOffsets).
 */
import { Buffer } from 'node:buffer';
import { BatchBuilder } from './batch-builder.ts';
import * as layout from './batch-layout.ts';
import { compress } from './codec/codec.ts';
import { type CompressionType, compressionTypeId } from './compression-type.ts';
import { writeInt16, writeInt32 } from './int64.ts';
import { readRecord } from './record.ts';
import { RecordBatch } from './record-batch.ts';
import { RecordCursor } from './varint.ts';

/** A batch with the header of `batch` and `records`, its records decompressed, in another compression; stamps the size and the CRC. */
export function recompress(
  batch: RecordBatch,
  records: Uint8Array,
  compression: CompressionType,
  level: number | undefined,
): RecordBatch {
  const packed = compress(compression, records, level);
  const bytes = Buffer.allocUnsafe(layout.RECORD_BATCH_OVERHEAD + packed.length);
  bytes.set(batch.bytes.subarray(batch.position, batch.position + layout.RECORD_BATCH_OVERHEAD));
  bytes.set(packed, layout.RECORD_BATCH_OVERHEAD);
  const flags = batch.attributes & 0xff & ~layout.COMPRESSION_MASK;
  writeInt32(bytes, layout.LENGTH, bytes.length - layout.LOG_OVERHEAD);
  writeInt16(bytes, layout.ATTRIBUTES, flags | compressionTypeId(compression));
  const rebuilt = new RecordBatch(bytes);
  rebuilt.stampCrc();
  return rebuilt;
}

/** A batch of the same records with the offset deltas 0, 1, 2…, and with CreateTime: each keeps the timestamp that it has now. */
export function reencode(
  batch: RecordBatch,
  records: Uint8Array,
  compression: CompressionType,
  level: number | undefined,
): RecordBatch {
  const { producerId, producerEpoch, baseSequence, isTransactional, isControlBatch, recordCount } = batch;
  const builder = new BatchBuilder({
    ...{ producerId, producerEpoch, baseSequence, isTransactional, isControlBatch },
    ...{ compression, compressionLevel: level },
  });
  const cursor = new RecordCursor(records);
  const context = batch.recordContext();
  for (let i = 0; i < recordCount; i++) {
    const { timestamp, key, value, headers } = readRecord(cursor, context);
    builder.append({ timestamp, key, value, headers });
  }
  return new RecordBatch(builder.build());
}
