/**
 * How a block is to be taken apart into literals and matches: what a search found and an encoder writes down.
 *
 * LZ4 and Snappy differ in how they spell a sequence, not in what one is, so they share the searches. Searches keep LZ4's rules for the
 * end of a block (the last match starts 12 bytes before it and leaves 5 literals), which cost Snappy nothing.
 * All of this is scratch space of one synchronous call at a time.
 */

/** Largest block: match offsets are 16 bits. */
export const MAX_BLOCK_SIZE = 65536;
/** Shortest match worth a sequence. */
export const MIN_MATCH = 4;
/** No match starts in the last bytes of a block. */
export const MATCH_START_MARGIN = 12;
/** No match reaches into the last bytes of a block. */
export const MATCH_END_MARGIN = 5;

/** Sequences of one block; sequence i is literalLengths[i] literals, then matchLengths[i] bytes from offsets[i] bytes back. */
export class MatchPlan {
  readonly literalLengths: Int32Array = new Int32Array(MAX_BLOCK_SIZE / MIN_MATCH + 1);
  readonly matchLengths: Int32Array = new Int32Array(MAX_BLOCK_SIZE / MIN_MATCH + 1);
  readonly offsets: Int32Array = new Int32Array(MAX_BLOCK_SIZE / MIN_MATCH + 1);
  count = 0;

  add(literalLength: number, matchLength: number, offset: number): void {
    const i = this.count++;
    this.literalLengths[i] = literalLength;
    this.matchLengths[i] = matchLength;
    this.offsets[i] = offset;
  }
}

/** Bytes and a view of the same bytes, for reads of four at a time. */
export interface Viewed {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Bytes with their view. */
export function viewed(bytes: Uint8Array): Viewed {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** How many bytes from `a` and from `b` > `a` on are equal, looking at none from `end` on. */
export function commonLength({ bytes, view }: Viewed, a: number, b: number, end: number): number {
  const start = b;
  while (b + 4 <= end) {
    const difference = view.getInt32(a, true) ^ view.getInt32(b, true);
    if (difference !== 0) return b - start + ((31 - Math.clz32(difference & -difference)) >>> 3);
    a += 4;
    b += 4;
  }
  while (b < end && bytes[a] === bytes[b]) {
    a++;
    b++;
  }
  return b - start;
}
