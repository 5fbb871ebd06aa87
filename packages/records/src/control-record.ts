/**
 * Control records: the markers that end transactions and what KRaft writes about itself.
 *
 * Their keys are written and read here; of the values only the end-transaction marker's, which the log itself needs. The values of the
 * KRaft kinds are messages of `@skarab/protocol` and pass through as bytes.
 * Shape: key = version int16, type int16; marker value = version int16, coordinatorEpoch int32.
 * Source: org.apache.kafka.common.record.internal.ControlRecordType and EndTransactionMarker.
 */
import { CorruptDataError } from '@skarab/base';
import { type BatchOptions, buildBatch } from './batch-builder.ts';
import { readInt16, readInt32, writeInt16, writeInt32 } from './int64.ts';
import type { DecodedRecord, SimpleRecord } from './record.ts';

/** The kinds of control records; `UNKNOWN` stands for kinds of a later Kafka, which readers skip. */
export const ControlRecordType = {
  ABORT: 0,
  COMMIT: 1,
  LEADER_CHANGE: 2,
  SNAPSHOT_HEADER: 3,
  SNAPSHOT_FOOTER: 4,
  KRAFT_VERSION: 5,
  KRAFT_VOTERS: 6,
  UNKNOWN: -1,
} as const;
export type ControlRecordType = (typeof ControlRecordType)[keyof typeof ControlRecordType];

/** The kinds that end a transaction. */
export type EndTransactionType = typeof ControlRecordType.ABORT | typeof ControlRecordType.COMMIT;

/** How a transaction ended, and in which epoch its coordinator said so. */
export interface EndTransactionMarker {
  readonly type: EndTransactionType;
  readonly coordinatorEpoch: number;
}

/** The kind of a control record and the bytes of its value. */
export interface ControlRecord {
  readonly type: ControlRecordType;
  readonly value: Uint8Array;
}

const KEY_SIZE = 4;
const MARKER_SIZE = 6;

/** The key of a control record of this kind. */
export function encodeControlRecordKey(type: ControlRecordType): Uint8Array {
  const key = new Uint8Array(KEY_SIZE);
  writeInt16(key, 2, type);
  return key;
}

/**
 * The kind of control record that has this key.
 *
 * Errors: `CorruptDataError` when the key is too short or its version negative; later versions are read as far as they are known.
 */
export function parseControlRecordType(key: Uint8Array | null): ControlRecordType {
  if (key === null || key.length < KEY_SIZE) {
    throw new CorruptDataError(
      `Invalid value size found for control record key. Must have at least ${KEY_SIZE} bytes, but found only ${key?.length ?? 0}`,
    );
  }
  const version = readInt16(key, 0);
  if (version < 0) throw new CorruptDataError(`Invalid version found for control record: ${version}`);
  return controlRecordTypeOf(readInt16(key, 2));
}

function controlRecordTypeOf(id: number): ControlRecordType {
  return Object.values(ControlRecordType).find((type) => type === id) ?? ControlRecordType.UNKNOWN;
}

/** The value of a marker. */
export function encodeEndTransactionMarkerValue(coordinatorEpoch: number): Uint8Array {
  const value = new Uint8Array(MARKER_SIZE);
  writeInt32(value, 2, coordinatorEpoch);
  return value;
}

/**
 * Reads a marker, or null when the record is of another kind.
 *
 * Errors: `CorruptDataError` for a damaged key or value.
 */
export function parseEndTransactionMarker(record: Pick<DecodedRecord, 'key' | 'value'>): EndTransactionMarker | null {
  const type = parseControlRecordType(record.key);
  if (type !== ControlRecordType.ABORT && type !== ControlRecordType.COMMIT) return null;
  const { value } = record;
  if (value === null || value.length < MARKER_SIZE) {
    throw new CorruptDataError(`End transaction marker has ${value?.length ?? 0} bytes instead of ${MARKER_SIZE}`);
  }
  const version = readInt16(value, 0);
  if (version < 0) throw new CorruptDataError(`Invalid version found for end transaction marker: ${version}`);
  return { type, coordinatorEpoch: readInt32(value, 2) };
}

/** The options of a batch of control records. */
export interface ControlBatchOptions extends Pick<BatchOptions, 'baseOffset' | 'partitionLeaderEpoch'> {
  readonly timestamp: number;
}

/** One batch of KRaft control records, outside of any transaction. */
export function buildControlBatch(options: ControlBatchOptions, records: readonly ControlRecord[]): Uint8Array {
  const simple = records.map((record) => simpleRecord(record, options.timestamp));
  return buildBatch({ ...options, isControlBatch: true, records: simple });
}

/** The batch that ends a producer's transaction in one partition. */
export function buildEndTransactionMarkerBatch(
  options: ControlBatchOptions & EndTransactionMarker & { readonly producerId: number; readonly producerEpoch: number },
): Uint8Array {
  const value = encodeEndTransactionMarkerValue(options.coordinatorEpoch);
  return buildBatch({
    ...options,
    isControlBatch: true,
    isTransactional: true,
    records: [simpleRecord({ type: options.type, value }, options.timestamp)],
  });
}

function simpleRecord({ type, value }: ControlRecord, timestamp: number): SimpleRecord {
  return { timestamp, key: encodeControlRecordKey(type), value };
}
