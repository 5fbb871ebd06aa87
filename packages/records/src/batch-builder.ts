/**
 * Writes record batches v2: one record after the other into a growing buffer, then the header in front.
 *
 * Source: org.apache.kafka.common.record.internal.MemoryRecordsBuilder.
 */
import { Buffer } from 'node:buffer';
import { assert } from '@skarab/base';
import * as layout from './batch-layout.ts';
import { compress } from './codec/codec.ts';
import { type CompressionType, compressionTypeId } from './compression-type.ts';
import { crc32c } from './crc32c.ts';
import { writeInt16, writeInt32, writeInt64 } from './int64.ts';
import { type SimpleRecord, sizeOfRecordBody, writeRecord } from './record.ts';
import { sizeOfVarint } from './varint.ts';

/** The header fields of a batch; each has Kafka's "none" as its default. */
export interface BatchOptions {
  readonly baseOffset?: number;
  /** Last offset of the batch where it lies behind the last record (compaction keeps it). */
  readonly lastOffset?: number;
  readonly partitionLeaderEpoch?: number;
  readonly compression?: CompressionType;
  readonly compressionLevel?: number | undefined;
  /** Set for a batch with LogAppendTime. */
  readonly logAppendTimeMs?: number;
  /** Largest timestamp of a batch that compaction has emptied. */
  readonly maxTimestamp?: number;
  /** Set for a batch that compaction has seen. */
  readonly deleteHorizonMs?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControlBatch?: boolean;
}

/** The part of `BatchOptions` that may be known late. */
export type ProducerState = Pick<BatchOptions, 'producerId' | 'producerEpoch' | 'baseSequence' | 'isTransactional'>;

const INITIAL_CAPACITY = 1024;

/** Collects records and makes one batch of them. */
export class BatchBuilder {
  private options: BatchOptions;
  private readonly baseOffset: number;
  private buffer: Buffer;
  private position: number = layout.RECORD_BATCH_OVERHEAD;
  private count = 0;
  private nextOffset: number;
  private baseTimestamp: number | null;
  private maxRecordTimestamp: number = layout.NO_TIMESTAMP;

  constructor(options: BatchOptions = {}, initialCapacity: number = INITIAL_CAPACITY) {
    this.options = options;
    this.baseOffset = options.baseOffset ?? 0;
    this.nextOffset = this.baseOffset;
    this.baseTimestamp = options.deleteHorizonMs ?? null;
    this.buffer = Buffer.allocUnsafe(Math.max(initialCapacity, layout.RECORD_BATCH_OVERHEAD));
  }

  /** Records appended so far. */
  get recordCount(): number {
    return this.count;
  }

  /** Size of the batch as it would be without compression. */
  get uncompressedSizeInBytes(): number {
    return this.position;
  }

  /** What `append` would add to `uncompressedSizeInBytes`. */
  sizeOf(record: SimpleRecord): number {
    const bodySize = this.bodySizeOf(record, record.offset ?? this.nextOffset);
    return sizeOfVarint(bodySize) + bodySize;
  }

  /** Appends a record; its offset has to be behind the one before it. */
  append(record: SimpleRecord): void {
    const offset = record.offset ?? this.nextOffset;
    assert(offset >= this.nextOffset, `offset ${offset} is not behind the last one, ${this.nextOffset - 1}`);
    this.baseTimestamp ??= record.timestamp;
    const bodySize = this.bodySizeOf(record, offset);
    this.reserve(sizeOfVarint(bodySize) + bodySize);
    const timestampDelta = record.timestamp - this.baseTimestamp;
    this.position = writeRecord(this.buffer, this.position, record, offset - this.baseOffset, timestampDelta, bodySize);
    if (record.timestamp > this.maxRecordTimestamp) this.maxRecordTimestamp = record.timestamp;
    this.nextOffset = offset + 1;
    this.count++;
  }

  /** The finished batch; `producer` is for a producer that knows its id and sequence only when it sends. The builder is used up. */
  build(producer: ProducerState = {}): Uint8Array {
    this.options = { ...this.options, ...producer };
    const compression = this.options.compression ?? 'none';
    const bytes = compression === 'none' || this.count === 0 ? this.plain() : this.compressed(compression);
    this.writeHeader(bytes, this.count === 0 ? 'none' : compression);
    return bytes;
  }

  private bodySizeOf(record: SimpleRecord, offset: number): number {
    const timestampDelta = record.timestamp - (this.baseTimestamp ?? record.timestamp);
    return sizeOfRecordBody(record, offset - this.baseOffset, timestampDelta);
  }

  private reserve(size: number): void {
    if (this.buffer.length - this.position >= size) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.position + size));
    this.buffer.copy(grown, layout.RECORD_BATCH_OVERHEAD, layout.RECORD_BATCH_OVERHEAD, this.position);
    this.buffer = grown;
  }

  private plain(): Uint8Array {
    return this.buffer.subarray(0, this.position);
  }

  private compressed(compression: CompressionType): Uint8Array {
    const records = this.buffer.subarray(layout.RECORD_BATCH_OVERHEAD, this.position);
    const packed = compress(compression, records, this.options.compressionLevel);
    const bytes = Buffer.allocUnsafe(layout.RECORD_BATCH_OVERHEAD + packed.length);
    bytes.set(packed, layout.RECORD_BATCH_OVERHEAD);
    return bytes;
  }

  private attributes(compression: CompressionType): number {
    const { logAppendTimeMs, isTransactional, isControlBatch, deleteHorizonMs } = this.options;
    return (
      compressionTypeId(compression) |
      (logAppendTimeMs === undefined ? 0 : layout.LOG_APPEND_TIME_FLAG) |
      (isTransactional ? layout.TRANSACTIONAL_FLAG : 0) |
      (isControlBatch ? layout.CONTROL_FLAG : 0) |
      (deleteHorizonMs === undefined ? 0 : layout.DELETE_HORIZON_FLAG)
    );
  }

  private maxTimestamp(): number {
    const { logAppendTimeMs, maxTimestamp } = this.options;
    if (logAppendTimeMs !== undefined) return logAppendTimeMs;
    return this.count === 0 ? (maxTimestamp ?? layout.NO_TIMESTAMP) : this.maxRecordTimestamp;
  }

  private writeHeader(bytes: Uint8Array, compression: CompressionType): void {
    const { options } = this;
    const lastOffset = options.lastOffset ?? this.nextOffset - 1;
    writeInt64(bytes, layout.BASE_OFFSET, this.baseOffset);
    writeInt32(bytes, layout.LENGTH, bytes.length - layout.LOG_OVERHEAD);
    writeInt32(bytes, layout.PARTITION_LEADER_EPOCH, options.partitionLeaderEpoch ?? layout.NO_PARTITION_LEADER_EPOCH);
    bytes[layout.MAGIC] = layout.MAGIC_V2;
    writeInt16(bytes, layout.ATTRIBUTES, this.attributes(compression));
    writeInt32(bytes, layout.LAST_OFFSET_DELTA, lastOffset - this.baseOffset);
    writeInt64(bytes, layout.BASE_TIMESTAMP, this.baseTimestamp ?? layout.NO_TIMESTAMP);
    writeInt64(bytes, layout.MAX_TIMESTAMP, this.maxTimestamp());
    writeInt64(bytes, layout.PRODUCER_ID, options.producerId ?? layout.NO_PRODUCER_ID);
    writeInt16(bytes, layout.PRODUCER_EPOCH, options.producerEpoch ?? layout.NO_PRODUCER_EPOCH);
    writeInt32(bytes, layout.BASE_SEQUENCE, options.baseSequence ?? layout.NO_SEQUENCE);
    writeInt32(bytes, layout.RECORD_COUNT, this.count);
    writeInt32(bytes, layout.CRC, crc32c(bytes, layout.ATTRIBUTES));
  }
}

/** Makes one batch of `records`. */
export function buildBatch(options: BatchOptions & { readonly records: readonly SimpleRecord[] }): Uint8Array {
  const builder = new BatchBuilder(options);
  for (const record of options.records) builder.append(record);
  return builder.build();
}
