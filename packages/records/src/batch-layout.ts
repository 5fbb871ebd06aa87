/**
 * Where things are in a record batch v2, and what its constants mean.
 *
 * Shape:
 * ```
 *  0 baseOffset int64 | 8 length int32 | 12 partitionLeaderEpoch int32 | 16 magic int8 | 17 crc uint32
 * 21 attributes int16 | 23 lastOffsetDelta int32 | 27 baseTimestamp int64 | 35 maxTimestamp int64
 * 43 producerId int64 | 51 producerEpoch int16 | 53 baseSequence int32 | 57 recordCount int32 | 61 records
 * ```
 * `length` counts from 12; the CRC covers from 21 to the end, so baseOffset and partitionLeaderEpoch can be stamped freely.
 * Attributes: bits 0-2 compression, 3 LogAppendTime, 4 transactional, 5 control, 6 baseTimestamp is the delete horizon.
 * Source: org.apache.kafka.common.record.internal.DefaultRecordBatch.
 */
export const BASE_OFFSET = 0;
export const LENGTH = 8;
export const PARTITION_LEADER_EPOCH = 12;
export const MAGIC = 16;
export const CRC = 17;
export const ATTRIBUTES = 21;
export const LAST_OFFSET_DELTA = 23;
export const BASE_TIMESTAMP = 27;
export const MAX_TIMESTAMP = 35;
export const PRODUCER_ID = 43;
export const PRODUCER_EPOCH = 51;
export const BASE_SEQUENCE = 53;
export const RECORD_COUNT = 57;

/** Size of baseOffset and length, which every format has in front. */
export const LOG_OVERHEAD = 12;
/** Size of the header of a batch v2: the smallest batch there is. */
export const RECORD_BATCH_OVERHEAD = 61;
/** Bytes needed to see a batch's size and magic. */
export const HEADER_SIZE_UP_TO_MAGIC = 17;
/** What follows `LOG_OVERHEAD` in the smallest message v0. */
export const RECORD_OVERHEAD_V0 = 14;

export const MAGIC_V0 = 0;
export const MAGIC_V1 = 1;
export const MAGIC_V2 = 2;

export const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME_FLAG = 0x08;
export const TRANSACTIONAL_FLAG = 0x10;
export const CONTROL_FLAG = 0x20;
export const DELETE_HORIZON_FLAG = 0x40;

/** "No timestamp", also the base timestamp of an emptied batch. */
export const NO_TIMESTAMP = -1;
export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;
export const NO_PARTITION_LEADER_EPOCH = -1;

/** Who sets the timestamps of a topic; the names are those of `message.timestamp.type`. */
export type TimestampType = 'CreateTime' | 'LogAppendTime';
