/**
 * One record of a batch v2: its value shapes, and its codec.
 *
 * Shape (all numbers zigzag varints):
 * ```
 * bodySize | attributes int8 (unused) | timestampDelta | offsetDelta | keySize key | valueSize value
 * | headerCount { headerKeySize headerKey | headerValueSize headerValue }     (size -1: null)
 * ```
 * Source: org.apache.kafka.common.record.internal.DefaultRecord.
 */
import { Buffer } from 'node:buffer';
import { NO_SEQUENCE } from './batch-layout.ts';
import { saturate } from './int64.ts';
import { incrementSequence } from './sequence.ts';
import { type RecordCursor, sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './varint.ts';

/** A header of a record. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record on its way into a batch. */
export interface SimpleRecord {
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly RecordHeader[];
  /** Where the record lies in the log; one after the record before it when not given. */
  readonly offset?: number;
}

/** A record read from a batch; key, value and header values are views of the batch (or of its decompressed bytes). */
export interface DecodedRecord {
  readonly offset: number;
  readonly timestamp: number;
  /** The producer's sequence number, -1 without an idempotent producer. */
  readonly sequence: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Uncompressed bytes of the whole record with its length prefix. */
  readonly sizeInBytes: number;
}

/** Up to this many bytes a loop copies faster than a call. */
const SMALL_FIELD = 32;

const noHeaders: readonly RecordHeader[] = [];

/** What a record inherits from its batch. */
export interface RecordContext {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  readonly baseSequence: number;
  /** The timestamp of all records when the batch has LogAppendTime, else null. */
  readonly logAppendTime: number | null;
}

function sizeOfNullable(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
}

function sizeOfHeaders(headers: readonly RecordHeader[]): number {
  let size = sizeOfVarint(headers.length);
  for (const header of headers) {
    const keySize = Buffer.byteLength(header.key);
    size += sizeOfVarint(keySize) + keySize + sizeOfNullable(header.value);
  }
  return size;
}

/** Bytes of a record after its length prefix. */
export function sizeOfRecordBody(record: SimpleRecord, offsetDelta: number, timestampDelta: number): number {
  return (
    1 +
    sizeOfVarlong(timestampDelta) +
    sizeOfVarint(offsetDelta) +
    sizeOfNullable(record.key) +
    sizeOfNullable(record.value) +
    sizeOfHeaders(record.headers ?? noHeaders)
  );
}

function writeNullable(target: Uint8Array, position: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(target, position, -1);
  const { length } = bytes;
  const start = writeVarint(target, position, length);
  if (length > SMALL_FIELD) target.set(bytes, start);
  else for (let i = 0; i < length; i++) target[start + i] = bytes[i]!;
  return start + length;
}

function writeText(target: Buffer, position: number, text: string): number {
  const size = Buffer.byteLength(text);
  const start = writeVarint(target, position, size);
  return start + target.write(text, start, size, 'utf8');
}

/** Writes a record whose body takes `bodySize` bytes (see `sizeOfRecordBody`); returns the position after it. */
export function writeRecord(
  target: Buffer,
  position: number,
  record: SimpleRecord,
  offsetDelta: number,
  timestampDelta: number,
  bodySize: number,
): number {
  let at = writeVarint(target, position, bodySize);
  target[at++] = 0;
  at = writeVarlong(target, at, timestampDelta);
  at = writeVarint(target, at, offsetDelta);
  at = writeNullable(target, at, record.key);
  at = writeNullable(target, at, record.value);
  const headers = record.headers ?? noHeaders;
  at = writeVarint(target, at, headers.length);
  for (const header of headers) {
    at = writeText(target, at, header.key);
    at = writeNullable(target, at, header.value);
  }
  return at;
}

function readHeaders(cursor: RecordCursor): readonly RecordHeader[] {
  const count = cursor.readVarint();
  if (count === 0) return noHeaders;
  // Each header takes two bytes at least, so the bytes that are left bound the allocation.
  if (count < 0 || count > cursor.remaining) throw cursor.corrupt(`${count} headers announced`);
  const headers: RecordHeader[] = [];
  for (let i = 0; i < count; i++) {
    const key = cursor.readView(cursor.readVarint());
    headers.push({ key: asBuffer(key).toString('utf8'), value: cursor.readNullableView() });
  }
  return headers;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads the record at the cursor and moves the cursor behind it.
 *
 * Errors: `CorruptDataError` when the record does not fill exactly the size it announces.
 */
export function readRecord(cursor: RecordCursor, context: RecordContext): DecodedRecord {
  const start = cursor.position;
  const bodySize = cursor.readVarint();
  const bodyStart = cursor.position;
  if (bodySize < 0 || bodySize > cursor.remaining) {
    throw cursor.corrupt(`${bodySize} bytes announced, ${cursor.remaining} left`);
  }
  cursor.readByte();
  const timestampDelta = cursor.readVarlong();
  const offsetDelta = cursor.readVarint();
  const key = cursor.readNullableView();
  const value = cursor.readNullableView();
  const headers = readHeaders(cursor);
  if (cursor.position - bodyStart !== bodySize) {
    throw cursor.corrupt(`${bodySize} bytes announced, ${cursor.position - bodyStart} read`);
  }
  return {
    offset: context.baseOffset + offsetDelta,
    timestamp: context.logAppendTime ?? saturate(context.baseTimestamp + timestampDelta),
    sequence: context.baseSequence < 0 ? NO_SEQUENCE : incrementSequence(context.baseSequence, offsetDelta),
    key,
    value,
    headers,
    sizeInBytes: cursor.position - start,
  };
}
