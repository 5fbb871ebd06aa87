/**
 * Big-endian integers of the index files, without DataView and bigint, which cost several times more here.
 *
 * An int64 must be a safe integer, except timestamps, which may be anything a producer wrote and saturate.
 */
const TWO_32 = 0x1_0000_0000;

/** Reads an int16. */
export function readInt16(bytes: Uint8Array, position: number): number {
  return ((bytes[position]! << 24) >> 16) | bytes[position + 1]!;
}

/** Reads an int32. */
export function readInt32(bytes: Uint8Array, position: number): number {
  return (bytes[position]! << 24) | (bytes[position + 1]! << 16) | (bytes[position + 2]! << 8) | bytes[position + 3]!;
}

/** Reads an int64, saturated to the safe integers. */
export function readInt64(bytes: Uint8Array, position: number): number {
  const value = readInt32(bytes, position) * TWO_32 + (readInt32(bytes, position + 4) >>> 0);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER));
}

/** Writes an int16. */
export function writeInt16(bytes: Uint8Array, position: number, value: number): void {
  bytes[position] = value >>> 8;
  bytes[position + 1] = value;
}

/** Writes an int32. */
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
