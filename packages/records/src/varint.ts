/**
 * Zigzag variable-length integers, as used inside record batches v2 (seven bits a byte, least significant first).
 *
 * int32 values are plain numbers; int64 values saturate to the safe integers when read.
 * Source: org.apache.kafka.common.utils.ByteUtils; Protocol Buffers encoding.
 */
import { CorruptDataError } from '@skarab/base';
import { saturate } from './int64.ts';

/** Bytes of an int32 as a zigzag varint. */
export function sizeOfVarint(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x200000) return 3;
  return zigzag < 0x10000000 ? 4 : 5;
}

/** Writes an int32 as a zigzag varint; returns the position after it. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    bytes[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[position++] = rest;
  return position;
}

/** Bytes of a safe integer as a zigzag varint of up to 64 bits. */
export function sizeOfVarlong(value: number): number {
  if (value === (value | 0)) return sizeOfVarint(value);
  let magnitude = Math.floor((value < 0 ? -(value + 1) : value) / 64);
  let size = 1;
  for (; magnitude > 0; size++) magnitude = Math.floor(magnitude / 128);
  return size;
}

/** Writes a safe integer as a zigzag varint of up to 64 bits; returns the position after it. */
export function writeVarlong(bytes: Uint8Array, position: number, value: number): number {
  if (value === (value | 0)) return writeVarint(bytes, position, value);
  const sign = value < 0 ? 1 : 0;
  const magnitude = sign ? -(value + 1) : value;
  // The first group is split off by hand: doubling the magnitude could leave the safe integers.
  let group = (magnitude % 64) * 2 + sign;
  let rest = Math.floor(magnitude / 64);
  while (rest > 0) {
    bytes[position++] = group | 0x80;
    group = rest % 128;
    rest = Math.floor(rest / 128);
  }
  bytes[position++] = group;
  return position;
}

/**
 * Reads through bytes that nobody vouches for, never beyond `end`.
 *
 * Errors: every method throws `CorruptDataError` at the position of the damage.
 */
export class RecordCursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;

  constructor(bytes: Uint8Array, position = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  readByte(): number {
    if (this.position >= this.end) throw this.corrupt('premature end');
    return this.bytes[this.position++]!;
  }

  /** A zigzag varint of at most five bytes. */
  readVarint(): number {
    const { bytes, position } = this;
    if (position + 1 < this.end) {
      const first = bytes[position]!;
      if (first < 0x80) {
        this.position = position + 1;
        return (first >>> 1) ^ -(first & 1);
      }
      const second = bytes[position + 1]!;
      if (second < 0x80) {
        this.position = position + 2;
        return (((first & 0x7f) >>> 1) | (second << 6)) ^ -(first & 1);
      }
    }
    return this.readLongVarint();
  }

  private readLongVarint(): number {
    let byte = this.readByte();
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift > 28) throw this.corrupt('varint is longer than 5 bytes');
      byte = this.readByte();
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** A zigzag varint of at most ten bytes, saturated to the safe integers. */
  readVarlong(): number {
    const { bytes, position } = this;
    if (position + 1 < this.end && (bytes[position]! < 0x80 || bytes[position + 1]! < 0x80)) return this.readVarint();
    let byte = this.readByte();
    const first = byte;
    let magnitude = (byte & 0x7f) >>> 1;
    for (let weight = 64, count = 1; byte > 0x7f; weight *= 128, count++) {
      if (count > 9) throw this.corrupt('varlong is longer than 10 bytes');
      byte = this.readByte();
      // Of the tenth byte only one bit belongs to the number.
      magnitude += (count === 9 ? byte & 1 : byte & 0x7f) * weight;
    }
    return saturate((first & 1) === 0 ? magnitude : -magnitude - 1);
  }

  /** A view of the next `length` bytes. */
  readView(length: number): Uint8Array {
    if (length < 0 || length > this.remaining) {
      throw this.corrupt(`${length} bytes announced, ${this.remaining} left`);
    }
    const start = this.position;
    this.position = start + length;
    return this.bytes.subarray(start, start + length);
  }

  /** Varint-prefixed bytes, null when the length is negative. */
  readNullableView(): Uint8Array | null {
    const length = this.readVarint();
    return length < 0 ? null : this.readView(length);
  }

  corrupt(what: string): CorruptDataError {
    return new CorruptDataError(`Invalid record: ${what}`, { position: this.position });
  }
}
