/**
 * A batch of the metadata log or a snapshot as the state machine above gets it: values, not yet decoded.
 *
 * Source: org.apache.kafka.raft.Batch, org.apache.kafka.raft.internals.RecordsIterator.
 */
import { CorruptDataError } from '@skarab/base';
import type { RecordBatch } from '@skarab/records';

/** A batch; control batches have no values. */
export interface CommittedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly epoch: number;
  readonly appendTimestampMs: number;
  readonly sizeInBytes: number;
  /** Views of the batch's bytes. */
  readonly values: readonly Uint8Array[];
}

/** The batch with its values. Errors: `CorruptDataError` for a wrong CRC, or for records that cannot be of a metadata log. */
export function committedBatch(batch: RecordBatch): CommittedBatch {
  batch.ensureValid();
  return {
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    epoch: batch.partitionLeaderEpoch,
    appendTimestampMs: batch.maxTimestamp,
    sizeInBytes: batch.sizeInBytes,
    values: batch.isControlBatch ? [] : valuesOf(batch),
  };
}

function valuesOf(batch: RecordBatch): Uint8Array[] {
  const values: Uint8Array[] = [];
  for (const { key, value, offset } of batch.records()) {
    if (key !== null || value === null || value.length === 0) {
      throw new CorruptDataError(`Record at offset ${offset} of the metadata log has a key or no value`);
    }
    values.push(value);
  }
  return values;
}
