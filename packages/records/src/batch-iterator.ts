/**
 * Walks the batches that lie one behind the other in a buffer: a produce request, a fetch response, a piece of a segment.
 *
 * Sizes and magic are checked here, so that each batch handed out lies wholly in the buffer; CRCs are not.
 * Source: org.apache.kafka.common.record.internal.ByteBufferLogInputStream.
 */
import { CorruptDataError } from '@skarab/base';
import * as layout from './batch-layout.ts';
import { readInt32 } from './int64.ts';
import { RecordBatch } from './record-batch.ts';

/**
 * Size of the batch or legacy message at `position`, or -1 when `end` comes before its size and magic are seen.
 *
 * Errors: `CorruptDataError` for a size that is too small or a magic that is none.
 */
export function nextBatchSize(bytes: Uint8Array, position: number, end: number = bytes.length): number {
  if (end - position < layout.LOG_OVERHEAD) return -1;
  const length = readInt32(bytes, position + layout.LENGTH);
  if (length < layout.RECORD_OVERHEAD_V0) {
    throw new CorruptDataError(
      `Record size ${length} is less than the minimum record overhead (${layout.RECORD_OVERHEAD_V0})`,
      { position },
    );
  }
  if (end - position < layout.HEADER_SIZE_UP_TO_MAGIC) return -1;
  const magic = bytes[position + layout.MAGIC]!;
  if (magic > layout.MAGIC_V2) {
    throw new CorruptDataError(`Invalid magic found in record: ${(magic << 24) >> 24}`, { position });
  }
  return layout.LOG_OVERHEAD + length;
}

/** The same, but also -1 for a batch that `end` cuts off. */
export function wholeBatchSize(bytes: Uint8Array, position: number, end: number = bytes.length): number {
  const size = nextBatchSize(bytes, position, end);
  return size > end - position ? -1 : size;
}

/**
 * The whole batches in `bytes[start, end)`; a batch cut off at the end is left out, as in Kafka.
 *
 * Errors: `CorruptDataError` for sizes and magics that cannot be, and for messages v0 and v1 (see `readMessageSet`).
 */
export function* iterateBatches(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Generator<RecordBatch, void, undefined> {
  let position = start;
  for (;;) {
    const size = wholeBatchSize(bytes, position, end);
    if (size < 0) return;
    const magic = bytes[position + layout.MAGIC]!;
    if (magic < layout.MAGIC_V2) throw new CorruptDataError(`Message format v${magic} is not a batch`, { position });
    if (size < layout.RECORD_BATCH_OVERHEAD) {
      throw new CorruptDataError(
        `Record batch is corrupt (the size ${size} is smaller than the minimum allowed overhead ${layout.RECORD_BATCH_OVERHEAD})`,
        { position },
      );
    }
    yield new RecordBatch(bytes, position);
    position += size;
  }
}
