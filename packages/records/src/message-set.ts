/**
 * Message sets of the formats v0 and v1, which Kafka 4 no longer writes but still finds in old segments. Read only.
 *
 * Shape of a message: `offset int64 | size int32 | crc uint32 (CRC-32 of the rest) | magic int8 | attributes int8 | [v1: timestamp int64] |
 * key size int32, key | value size int32, value` (size -1: null). A compressed message wraps a message set in its value: v0 with absolute
 * offsets, v1 counting from 0 with the wrapper carrying the last absolute offset, and its timestamp if it is LogAppendTime.
 * Source: org.apache.kafka.common.record.internal.LegacyRecord, AbstractLegacyRecordBatch.
 */
import { Buffer } from 'node:buffer';
import { CorruptDataError } from '@skarab/base';
import { wholeBatchSize } from './batch-iterator.ts';
import * as layout from './batch-layout.ts';
import { DEFAULT_MAX_DECOMPRESSED_BYTES, decompress } from './codec/codec.ts';
import { lz4DecompressToScratch } from './codec/lz4.ts';
import { zlib } from './codec/node-zlib.ts';
import { compressionTypeOf } from './compression-type.ts';
import { readInt32, readInt64, readTimestamp, readUint32 } from './int64.ts';

/** A message out of a set; key and value are views of the bytes (or of what they decompressed to). */
export interface LegacyMessage {
  readonly magic: 0 | 1;
  readonly offset: number;
  /** -1 in v0. */
  readonly timestamp: number;
  readonly timestampType: layout.TimestampType;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** A message as it lies in the bytes, its value perhaps a compressed set. */
interface RawMessage extends LegacyMessage {
  readonly codecId: number;
}

const CRC = 12;
const MAGIC = 16;
const ATTRIBUTES = 17;
const TIMESTAMP = 18;

/** The field of a size and that many bytes at `position`, which must end by `end`. */
function readSized(bytes: Uint8Array, position: number, end: number): { field: Uint8Array | null; next: number } {
  const size = end - position < 4 ? Number.MAX_SAFE_INTEGER : readInt32(bytes, position);
  const start = position + 4;
  if (size < 0) return { field: null, next: start };
  if (size > end - start)
    throw new CorruptDataError('Message is corrupt: a field reaches beyond its end', { position });
  return { field: bytes.subarray(start, start + size), next: start + size };
}

/**
 * Checks the CRC of the message that fills `bytes[position, end)`.
 *
 * Errors: `CorruptDataError`.
 */
export function checkMessageCrc(bytes: Uint8Array, position: number, end: number): void {
  const stored = readUint32(bytes, position + CRC);
  const computed = zlib().crc32(bytes.subarray(position + MAGIC, end));
  if (stored !== computed) {
    throw new CorruptDataError(`Record is corrupt (stored crc = ${stored}, computed crc = ${computed})`, { position });
  }
}

function readMessage(bytes: Uint8Array, position: number, end: number): RawMessage {
  const magic = bytes[position + MAGIC]!;
  if (magic !== 0 && magic !== 1) {
    throw new CorruptDataError(`Message of format v${magic} in a message set`, { position });
  }
  checkMessageCrc(bytes, position, end);
  const attributes = bytes[position + ATTRIBUTES]!;
  const isV1 = magic === 1;
  if (isV1 && end - position < TIMESTAMP + 8) throw new CorruptDataError('Message is corrupt: too small', { position });
  const key = readSized(bytes, position + TIMESTAMP + (isV1 ? 8 : 0), end);
  const value = readSized(bytes, key.next, end);
  return {
    magic,
    offset: readInt64(bytes, position),
    timestamp: isV1 ? readTimestamp(bytes, position + TIMESTAMP) : layout.NO_TIMESTAMP,
    timestampType: isV1 && (attributes & layout.LOG_APPEND_TIME_FLAG) !== 0 ? 'LogAppendTime' : 'CreateTime',
    key: key.field,
    value: value.field,
    codecId: attributes & layout.COMPRESSION_MASK,
  };
}

/** The messages that lie in `bytes`, wrappers as they are; one that is cut off at the end is left out. */
function* rawMessages(bytes: Uint8Array): Generator<RawMessage, void, undefined> {
  for (let position = 0; ; ) {
    const size = wholeBatchSize(bytes, position);
    if (size < 0) return;
    yield readMessage(bytes, position, position + size);
    position += size;
  }
}

function decompressValue({ codecId, value, magic }: RawMessage, maxBytes: number): Uint8Array {
  const type = compressionTypeOf(codecId);
  if (type === 'zstd' || value === null)
    throw new CorruptDataError(`Invalid compressed message: ${type}, magic ${magic}`);
  // Old clients computed the checksum of lz4's header wrongly as long as they wrote v0.
  if (type === 'lz4' && magic === 0) return Buffer.from(lz4DecompressToScratch(value, maxBytes, true));
  return decompress(type, value, maxBytes);
}

function* innerMessages(wrapper: RawMessage, maxBytes: number): Generator<LegacyMessage, void, undefined> {
  const inner = [...rawMessages(decompressValue(wrapper, maxBytes))];
  const last = inner.at(-1);
  if (last === undefined) throw new CorruptDataError('Found invalid compressed record set with no inner records');
  let shift = 0;
  if (wrapper.magic === 1 && wrapper.offset !== 0) shift = wrapper.offset - last.offset;
  if (shift < 0) {
    throw new CorruptDataError(`Wrapper offset ${wrapper.offset} is less than the last inner offset ${last.offset}`);
  }
  for (const { codecId, ...message } of inner) {
    if (message.magic !== wrapper.magic || codecId !== 0) {
      throw new CorruptDataError(
        `Compressed message of magic ${wrapper.magic} wraps one of magic ${message.magic}, codec ${codecId}`,
      );
    }
    const stamped = wrapper.timestampType === 'LogAppendTime' && message.magic === 1;
    yield {
      ...message,
      offset: message.offset + shift,
      timestamp: stamped ? wrapper.timestamp : message.timestamp,
      timestampType: wrapper.timestampType,
    };
  }
}

/**
 * All messages of a set in order, compressed ones unwrapped to at most `maxDecompressedBytes` each; every CRC is checked.
 *
 * Errors: `CorruptDataError` at the first damage.
 */
export function* readMessageSet(
  bytes: Uint8Array,
  maxDecompressedBytes: number = DEFAULT_MAX_DECOMPRESSED_BYTES,
): Generator<LegacyMessage, void, undefined> {
  for (const raw of rawMessages(bytes)) {
    if (raw.codecId !== 0) {
      yield* innerMessages(raw, maxDecompressedBytes);
      continue;
    }
    const { codecId: _, ...message } = raw;
    yield message;
  }
}
