/**
 * Messages of the formats v0 and v1, as brokers of long ago wrote them, for tests.
 */
import { Buffer } from 'node:buffer';
import { crc32, gzipSync } from 'node:zlib';

export interface LegacyFields {
  readonly magic: 0 | 1;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | Buffer | null;
  readonly timestamp?: number;
  readonly attributes?: number;
}

/** One message. */
export function legacyMessage({ magic, offset, key, value, timestamp = -1, attributes = 0 }: LegacyFields): Buffer {
  const head = Buffer.alloc(magic === 0 ? 18 : 26);
  head.writeBigInt64BE(BigInt(offset), 0);
  head[16] = magic;
  head[17] = attributes;
  if (magic === 1) head.writeBigInt64BE(BigInt(timestamp), 18);
  const bytes = Buffer.concat([head, sized(key), sized(value)]);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(16)), 12);
  return bytes;
}

/** A message v1 that wraps others, whose offsets count from 0, with gzip. */
export function gzipWrapper(lastOffset: number, timestamp: number, messages: readonly Buffer[]): Buffer {
  const value = gzipSync(Buffer.concat(messages));
  return legacyMessage({ magic: 1, offset: lastOffset, key: null, value, timestamp, attributes: 1 });
}

function sized(field: string | Buffer | null): Buffer {
  const size = Buffer.alloc(4);
  if (field === null) {
    size.writeInt32BE(-1);
    return size;
  }
  const bytes = Buffer.from(field);
  size.writeInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}
