/**
 * CRC-32C (Castagnoli), the checksum of record batches.
 *
 * Three ways, one result: the processor's instruction through `@node-rs/crc32` for anything large, tables in TypeScript for small
 * inputs (where the call out of JavaScript would cost more than the work) and wherever the native binary is not installed.
 * Source: RFC 3720 appendix B.4; org.apache.kafka.common.utils.Crc32C.
 */
import { createRequire } from 'node:module';

/** Below this many bytes the tables are faster than a native call (measured by bench/main.ts). */
const NATIVE_FROM_BYTES = 224;
const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

/** `TABLE[256 * k + b]`: the effect of byte b followed by k zero bytes. */
const TABLE = buildTable();

function buildTable(): Int32Array {
  const table = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const previous = table[i - 256]!;
    table[i] = (previous >>> 8) ^ table[previous & 0xff]!;
  }
  return table;
}

type NativeCrc = (input: Uint8Array, initialState?: number) => number;

function loadNative(): NativeCrc | null {
  try {
    const require = createRequire(import.meta.url);
    const module: { crc32c: NativeCrc } = require('@node-rs/crc32');
    return module.crc32c;
  } catch {
    return null;
  }
}

const native = loadNative();

/** True when large inputs are checked by the processor's CRC instruction. */
export const hasNativeCrc32c: boolean = native !== null;

/** The CRC-32C of `bytes[start, end)` as an unsigned 32-bit number; `seed` is the CRC of what came before. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length, seed = 0): number {
  if (native === null || end - start < NATIVE_FROM_BYTES) return crc32cByTable(bytes, start, end, seed);
  return native(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), seed);
}

/** The same by tables alone, eight bytes a step. */
export function crc32cByTable(bytes: Uint8Array, start = 0, end: number = bytes.length, seed = 0): number {
  let crc = ~seed;
  let i = start;
  for (const last = end - 8; i <= last; i += 8) {
    const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    crc =
      TABLE[1792 + (low & 0xff)]! ^
      TABLE[1536 + ((low >>> 8) & 0xff)]! ^
      TABLE[1280 + ((low >>> 16) & 0xff)]! ^
      TABLE[1024 + (low >>> 24)]! ^
      TABLE[768 + bytes[i + 4]!]! ^
      TABLE[512 + bytes[i + 5]!]! ^
      TABLE[256 + bytes[i + 6]!]! ^
      TABLE[bytes[i + 7]!]!;
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}
