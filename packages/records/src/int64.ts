/**
 * Big-endian integers of batch headers, and the one place where int64 becomes a number.
 *
 * Offsets and producer ids must be safe integers: anything else is damage, reported as `CorruptDataError`. Timestamps are whatever a
 * producer wrote: they saturate at ±(2^53 - 1), so that an absurd one cannot make a batch unreadable.
 */
import { CorruptDataError } from '@skarab/base';

const TWO_32 = 0x1_0000_0000;

/** Reads an int16 at `position`. */
export function readInt16(bytes: Uint8Array, position: number): number {
  return ((bytes[position]! << 24) >> 16) | bytes[position + 1]!;
}

/** Reads an int32 at `position`. */
export function readInt32(bytes: Uint8Array, position: number): number {
  return (bytes[position]! << 24) | (bytes[position + 1]! << 16) | (bytes[position + 2]! << 8) | bytes[position + 3]!;
}

/** Reads a uint32 at `position`. */
export function readUint32(bytes: Uint8Array, position: number): number {
  return readInt32(bytes, position) >>> 0;
}

/**
 * Reads an int64 that has to be a safe integer.
 *
 * Errors: `CorruptDataError` with the position when it is not.
 */
export function readInt64(bytes: Uint8Array, position: number): number {
  const value = readInt32(bytes, position) * TWO_32 + (readInt32(bytes, position + 4) >>> 0);
  if (!Number.isSafeInteger(value)) {
    throw new CorruptDataError(`int64 beyond the safe integers: about ${value}`, { position });
  }
  return value;
}

/** Reads an int64 timestamp, saturated to the safe integers. */
export function readTimestamp(bytes: Uint8Array, position: number): number {
  return saturate(readInt32(bytes, position) * TWO_32 + (readInt32(bytes, position + 4) >>> 0));
}

/** The nearest safe integer. */
export function saturate(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER));
}

/** Writes an int16. */
export function writeInt16(bytes: Uint8Array, position: number, value: number): void {
  bytes[position] = value >>> 8;
  bytes[position + 1] = value;
}

/** Writes an int32 or uint32. */
export function writeInt32(bytes: Uint8Array, position: number, value: number): void {
  bytes[position] = value >>> 24;
  bytes[position + 1] = value >>> 16;
  bytes[position + 2] = value >>> 8;
  bytes[position + 3] = value;
}

/** Writes a safe integer as int64. */
export function writeInt64(bytes: Uint8Array, position: number, value: number): void {
  writeInt32(bytes, position, Math.floor(value / TWO_32));
  writeInt32(bytes, position + 4, value >>> 0);
}
