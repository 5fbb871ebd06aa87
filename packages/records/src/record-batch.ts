/**
 * A record batch v2 as a view over bytes: nothing is decoded until it is asked for, and nothing but what a broker stamps is written.
 *
 * Callers come from `iterateBatches` or have checked that a whole header is there; `isValidCrc` vouches for the rest. A view stays valid as
 * long as its bytes are not reused. Shape: codec. Source: org.apache.kafka.common.record.internal.DefaultRecordBatch.
 */
import { CorruptDataError } from '@skarab/base';
import * as layout from './batch-layout.ts';
import { decompress } from './codec/codec.ts';
import { type CompressionType, compressionTypeOf } from './compression-type.ts';
import { crc32c } from './crc32c.ts';
import {
  readInt16,
  readInt32,
  readInt64,
  readTimestamp,
  readUint32,
  writeInt16,
  writeInt32,
  writeInt64,
} from './int64.ts';
import { type DecodedRecord, type RecordContext, readRecord } from './record.ts';
import { incrementSequence } from './sequence.ts';
import { RecordCursor } from './varint.ts';

/** A view of the batch that starts at `position` of `bytes`. */
export class RecordBatch {
  readonly bytes: Uint8Array;
  /** Where the batch starts in `bytes`. */
  readonly position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get baseOffset(): number {
    return readInt64(this.bytes, this.position + layout.BASE_OFFSET);
  }

  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta;
  }

  /** The offset after the last one of this batch. */
  get nextOffset(): number {
    return this.lastOffset + 1;
  }

  /** Size of the whole batch, header included. */
  get sizeInBytes(): number {
    return layout.LOG_OVERHEAD + readInt32(this.bytes, this.position + layout.LENGTH);
  }

  get partitionLeaderEpoch(): number {
    return readInt32(this.bytes, this.position + layout.PARTITION_LEADER_EPOCH);
  }

  get magic(): number {
    return (this.bytes[this.position + layout.MAGIC]! << 24) >> 24;
  }

  /** The stored CRC-32C, unsigned. */
  get crc(): number {
    return readUint32(this.bytes, this.position + layout.CRC);
  }

  get attributes(): number {
    return readInt16(this.bytes, this.position + layout.ATTRIBUTES);
  }

  /** Errors: `CorruptDataError` for an id that no codec has. */
  get compressionType(): CompressionType {
    return compressionTypeOf(this.attributes & layout.COMPRESSION_MASK);
  }

  get isCompressed(): boolean {
    return (this.attributes & layout.COMPRESSION_MASK) !== 0;
  }

  get timestampType(): layout.TimestampType {
    return (this.attributes & layout.LOG_APPEND_TIME_FLAG) === 0 ? 'CreateTime' : 'LogAppendTime';
  }

  get isTransactional(): boolean {
    return (this.attributes & layout.TRANSACTIONAL_FLAG) !== 0;
  }

  get isControlBatch(): boolean {
    return (this.attributes & layout.CONTROL_FLAG) !== 0;
  }

  /** When compaction may drop the tombstones and markers of this batch; null before it has been compacted once. */
  get deleteHorizonMs(): number | null {
    return (this.attributes & layout.DELETE_HORIZON_FLAG) === 0 ? null : this.baseTimestamp;
  }

  get lastOffsetDelta(): number {
    return readInt32(this.bytes, this.position + layout.LAST_OFFSET_DELTA);
  }

  get baseTimestamp(): number {
    return readTimestamp(this.bytes, this.position + layout.BASE_TIMESTAMP);
  }

  get maxTimestamp(): number {
    return readTimestamp(this.bytes, this.position + layout.MAX_TIMESTAMP);
  }

  get producerId(): number {
    return readInt64(this.bytes, this.position + layout.PRODUCER_ID);
  }

  get hasProducerId(): boolean {
    return this.producerId > layout.NO_PRODUCER_ID;
  }

  get producerEpoch(): number {
    return readInt16(this.bytes, this.position + layout.PRODUCER_EPOCH);
  }

  get baseSequence(): number {
    return readInt32(this.bytes, this.position + layout.BASE_SEQUENCE);
  }

  get lastSequence(): number {
    const baseSequence = this.baseSequence;
    return baseSequence === layout.NO_SEQUENCE
      ? layout.NO_SEQUENCE
      : incrementSequence(baseSequence, this.lastOffsetDelta);
  }

  get recordCount(): number {
    return readInt32(this.bytes, this.position + layout.RECORD_COUNT);
  }

  /** A view of all bytes of the batch. */
  get view(): Uint8Array {
    return this.bytes.subarray(this.position, this.position + this.sizeInBytes);
  }

  /** A view of the bytes after the header, compressed as they are. */
  get recordBytes(): Uint8Array {
    return this.bytes.subarray(this.position + layout.RECORD_BATCH_OVERHEAD, this.position + this.sizeInBytes);
  }

  /** The CRC-32C that the batch ought to have. */
  computeCrc(): number {
    return crc32c(this.bytes, this.position + layout.ATTRIBUTES, this.position + this.sizeInBytes);
  }

  /** True when the batch is whole and its CRC is right. */
  isValidCrc(): boolean {
    const size = this.sizeInBytes;
    return (
      size >= layout.RECORD_BATCH_OVERHEAD &&
      size <= this.bytes.length - this.position &&
      this.crc === this.computeCrc()
    );
  }

  /** Errors: `CorruptDataError` when the size or the CRC is wrong. */
  ensureValid(): void {
    const size = this.sizeInBytes;
    if (size < layout.RECORD_BATCH_OVERHEAD || size > this.bytes.length - this.position) {
      throw new CorruptDataError(
        `Record batch is corrupt (the size ${size} is smaller than the minimum allowed overhead ` +
          `${layout.RECORD_BATCH_OVERHEAD} or larger than the ${this.bytes.length - this.position} bytes there are)`,
        { position: this.position },
      );
    }
    const computed = this.computeCrc();
    if (this.crc === computed) return;
    throw new CorruptDataError(`Record is corrupt (stored crc = ${this.crc}, computed crc = ${computed})`, {
      position: this.position,
    });
  }

  /** Moves the batch in the log; the CRC does not cover this. */
  setBaseOffset(offset: number): void {
    writeInt64(this.bytes, this.position + layout.BASE_OFFSET, offset);
  }

  /** Moves the batch so that it ends with this offset. */
  setLastOffset(offset: number): void {
    this.setBaseOffset(offset - this.lastOffsetDelta);
  }

  /** Stamps the leader's epoch; the CRC does not cover this. */
  setPartitionLeaderEpoch(epoch: number): void {
    writeInt32(this.bytes, this.position + layout.PARTITION_LEADER_EPOCH, epoch);
  }

  /** Sets who timestamps and the largest timestamp, and the CRC if that changes anything. */
  setMaxTimestamp(type: layout.TimestampType, maxTimestamp: number): void {
    if (this.timestampType === type && this.maxTimestamp === maxTimestamp) return;
    const flag = type === 'LogAppendTime' ? layout.LOG_APPEND_TIME_FLAG : 0;
    writeInt16(
      this.bytes,
      this.position + layout.ATTRIBUTES,
      (this.attributes & 0xff & ~layout.LOG_APPEND_TIME_FLAG) | flag,
    );
    writeInt64(this.bytes, this.position + layout.MAX_TIMESTAMP, maxTimestamp);
    this.stampCrc();
  }

  /** Makes the CRC right, after something that it covers was written. */
  stampCrc(): void {
    writeInt32(this.bytes, this.position + layout.CRC, this.computeCrc());
  }

  /**
   * The records in order, decompressed to at most `maxDecompressedBytes`.
   *
   * Errors: `CorruptDataError` at the first damage; the records before it have been handed out.
   */
  *records(maxDecompressedBytes?: number): Generator<DecodedRecord, void, undefined> {
    const count = this.recordCount;
    if (count === 0) return;
    if (count < 0) throw new CorruptDataError(`Found invalid record count ${count} in magic v${this.magic} batch`);
    const context = this.recordContext();
    const cursor = new RecordCursor(decompress(this.compressionType, this.recordBytes, maxDecompressedBytes));
    for (let i = 0; i < count; i++) {
      const record = readRecord(cursor, context);
      if (i === count - 1 && cursor.remaining > 0) throw cursor.corrupt('bytes remain after the last one');
      yield record;
    }
  }

  /** What its records inherit from the batch. */
  recordContext(): RecordContext {
    return {
      baseOffset: this.baseOffset,
      baseTimestamp: this.baseTimestamp,
      baseSequence: this.baseSequence,
      logAppendTime: this.timestampType === 'LogAppendTime' ? this.maxTimestamp : null,
    };
  }
}
