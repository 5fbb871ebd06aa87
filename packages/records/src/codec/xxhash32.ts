/**
 * xxHash32, the checksum of LZ4 frames.
 *
 * Source: the xxHash specification, version 0.1.1.
 */
const PRIME_1 = 0x9e3779b1 | 0;
const PRIME_2 = 0x85ebca77 | 0;
const PRIME_3 = 0xc2b2ae3d | 0;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function readWord(bytes: Uint8Array, i: number): number {
  return bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
}

function round(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1);
}

/** The hash of `bytes[start, end)` with seed 0, unsigned. */
export function xxhash32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let i = start;
  let hash = PRIME_5;
  if (end - start >= 16) {
    let lane1 = (PRIME_1 + PRIME_2) | 0;
    let lane2 = PRIME_2;
    let lane3 = 0;
    let lane4 = -PRIME_1 | 0;
    for (; i <= end - 16; i += 16) {
      lane1 = round(lane1, readWord(bytes, i));
      lane2 = round(lane2, readWord(bytes, i + 4));
      lane3 = round(lane3, readWord(bytes, i + 8));
      lane4 = round(lane4, readWord(bytes, i + 12));
    }
    hash = rotate(lane1, 1) + rotate(lane2, 7) + rotate(lane3, 12) + rotate(lane4, 18);
  }
  hash = (hash + (end - start)) | 0;
  for (; i <= end - 4; i += 4) {
    hash = Math.imul(rotate((hash + Math.imul(readWord(bytes, i), PRIME_3)) | 0, 17), PRIME_4);
  }
  for (; i < end; i++) hash = Math.imul(rotate((hash + Math.imul(bytes[i]!, PRIME_5)) | 0, 11), PRIME_1);
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
