/**
 * The fast way through the records of a batch: lengths are hopped over, nothing is decoded or allocated.
 *
 * It answers only "all is well" or "look closer": any oddity (a record that does not add up, an offset that is not the next, a missing key,
 * timestamps weeks apart) is left to `checkRecords`, which can say what is wrong. It takes about 15 ns a record; hence the integers
 * decoded in place: a step of a known width per branch lets the processor run ahead, and a function that returns the width does not
 * (measured: 25 ns).
 */
/** Smallest body of a record: attributes, four integers of one byte for deltas and sizes, and the count of headers. */
const MIN_BODY_SIZE = 6;
/** A position that is behind the end of every record. */
const NOWHERE = 0x7fffffff;

/** What the scan demands of every record. */
export interface ScanRules {
  readonly baseTimestamp: number;
  readonly needsKeys: boolean;
}

/** What a scan that went well has seen. */
export interface ScanResult {
  minTimestamp: number;
  maxTimestamp: number;
}

let longEnd = 0;

/** An integer of one to five bytes; `longEnd` is the position after it, `NOWHERE` when it is malformed or not an int32. */
function readLongInt(bytes: Uint8Array, position: number, end: number): number {
  let value = 0;
  for (let shift = 0; shift <= 28 && position < end; shift += 7) {
    const byte = bytes[position++]!;
    value |= (byte & 0x7f) << shift;
    if (byte > 0x7f) continue;
    longEnd = shift === 28 && byte > 0x0f ? NOWHERE : position;
    return (value >>> 1) ^ -(value & 1);
  }
  longEnd = NOWHERE;
  return 0;
}

/** The position behind `count` headers, or `NOWHERE`. */
function skipHeaders(bytes: Uint8Array, position: number, end: number, count: number): number {
  let p = position;
  for (let i = 0; i < count * 2; i++) {
    if (p >= end) return NOWHERE;
    let size = 0;
    const first = bytes[p]!;
    if (first < 0x80) {
      size = (first >>> 1) ^ -(first & 1);
      p += 1;
    } else {
      size = readLongInt(bytes, p, end);
      p = longEnd;
    }
    if (size > 0) p += size;
    else if (size < 0 && (i & 1) === 0) return NOWHERE;
  }
  return p;
}

/**
 * True when `[from, end)` is exactly `count` well-formed records with the offset deltas 0, 1, 2…; fills `result` with their timestamps.
 */
export function scanRecords(
  bytes: Uint8Array,
  from: number,
  end: number,
  count: number,
  rules: ScanRules,
  result: ScanResult,
): boolean {
  const { baseTimestamp, needsKeys } = rules;
  if (count <= 0) return false;
  let minDelta = 0x7fffffff;
  let maxDelta = -0x80000000;
  let p = from;
  for (let i = 0; i < count; i++) {
    if (p >= end) return false;
    let n = 0;
    let first = bytes[p]!;
    let second = 0;
    // Size of the body.
    if (first < 0x80) {
      n = (first >>> 1) ^ -(first & 1);
      p += 1;
    } else {
      second = bytes[p + 1]!;
      if (second < 0x80) {
        n = (((first & 0x7f) >>> 1) | (second << 6)) ^ -(first & 1);
        p += 2;
      } else {
        n = readLongInt(bytes, p, end);
        p = longEnd;
      }
    }
    const recordEnd = p + n;
    if (n < MIN_BODY_SIZE || recordEnd > end) return false;
    // Attributes, which mean nothing; then the timestamp delta.
    p += 1;
    first = bytes[p]!;
    if (first < 0x80) {
      n = (first >>> 1) ^ -(first & 1);
      p += 1;
    } else {
      second = bytes[p + 1]!;
      if (second < 0x80) {
        n = (((first & 0x7f) >>> 1) | (second << 6)) ^ -(first & 1);
        p += 2;
      } else {
        n = readLongInt(bytes, p, recordEnd);
        p = longEnd;
      }
    }
    if (n > maxDelta) maxDelta = n;
    if (n < minDelta) minDelta = n;
    // Offset delta.
    first = bytes[p]!;
    if (first < 0x80) {
      n = (first >>> 1) ^ -(first & 1);
      p += 1;
    } else {
      second = bytes[p + 1]!;
      if (second < 0x80) {
        n = (((first & 0x7f) >>> 1) | (second << 6)) ^ -(first & 1);
        p += 2;
      } else {
        n = readLongInt(bytes, p, recordEnd);
        p = longEnd;
      }
    }
    if (n !== i || p >= recordEnd) return false;
    // Key.
    first = bytes[p]!;
    if (first < 0x80) {
      n = (first >>> 1) ^ -(first & 1);
      p += 1;
    } else {
      n = readLongInt(bytes, p, recordEnd);
      p = longEnd;
    }
    if (n > 0) p += n;
    else if (n < 0 && needsKeys) return false;
    if (p >= recordEnd) return false;
    // Value.
    first = bytes[p]!;
    if (first < 0x80) {
      n = (first >>> 1) ^ -(first & 1);
      p += 1;
    } else {
      second = bytes[p + 1]!;
      if (second < 0x80) {
        n = (((first & 0x7f) >>> 1) | (second << 6)) ^ -(first & 1);
        p += 2;
      } else {
        n = readLongInt(bytes, p, recordEnd);
        p = longEnd;
      }
    }
    if (n > 0) p += n;
    if (p >= recordEnd) return false;
    // Headers.
    first = bytes[p]!;
    if (first === 0) {
      p += 1;
    } else {
      n = readLongInt(bytes, p, recordEnd);
      p = n < 0 ? NOWHERE : skipHeaders(bytes, longEnd, recordEnd, n);
    }
    if (p !== recordEnd) return false;
  }
  if (p !== end) return false;
  result.minTimestamp = baseTimestamp + minDelta;
  result.maxTimestamp = baseTimestamp + maxDelta;
  return true;
}
