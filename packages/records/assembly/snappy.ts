/**
 * The elements of raw Snappy blocks, decoded.
 *
 * Shape: elements whose first byte ends in two bits of kind: 0 literals (length less one in the upper six bits; 60 to 63 announce 1 to 4
 * bytes of it), 1 copy of 4 to 11 bytes with 11 bits of offset, 2 copy of 1 to 64 bytes with 16 bits, 3 with 32 bits of offset, all
 * little-endian. Source: the Snappy format description.
 */
import { copyLiterals, copyMatch } from './copy';
import {
  ENDS_TOO_SOON,
  LENGTH_CUT_OFF,
  LITERALS_DO_NOT_FIT,
  MATCH_DOES_NOT_FIT,
  OFFSET_CUT_OFF,
  OFFSET_OUTSIDE,
} from './fault';

/** Decodes the elements `[from, end)` to exactly `[first, limit)`; returns its size or a fault. */
export function decodeSnappy(from: usize, end: usize, first: usize, limit: usize): i32 {
  let to = first;
  while (from < end) {
    const tag: usize = load<u8>(from++);
    const kind = tag & 3;
    let length = (tag >>> 2) + 1;
    if (kind === 0) {
      if (length > 60) {
        const lengthBytes = length - 60;
        if (lengthBytes > end - from) return LENGTH_CUT_OFF;
        length = 0;
        for (let i: usize = 0; i < lengthBytes; i++) length |= usize(load<u8>(from++)) << (i * 8);
        // A length of 2^32 - 1 and one would wrap to nothing.
        if (length >= end - from) return LITERALS_DO_NOT_FIT;
        length++;
      }
      if (length > end - from || length > limit - to) return LITERALS_DO_NOT_FIT;
      copyLiterals(from, end, to, limit, length);
      from += length;
      to += length;
      continue;
    }
    let offset: usize;
    if (kind === 1) {
      if (from >= end) return OFFSET_CUT_OFF;
      length = 4 + ((tag >>> 2) & 7);
      offset = ((tag >>> 5) << 8) | load<u8>(from++);
    } else if (kind === 2) {
      if (end - from < 2) return OFFSET_CUT_OFF;
      offset = load<u16>(from);
      from += 2;
    } else {
      if (end - from < 4) return OFFSET_CUT_OFF;
      offset = load<u32>(from);
      from += 4;
    }
    if (offset === 0 || offset > to - first) return OFFSET_OUTSIDE;
    if (length > limit - to) return MATCH_DOES_NOT_FIT;
    copyMatch(to, limit, offset, length);
    to += length;
  }
  return to === limit ? i32(to - first) : ENDS_TOO_SOON;
}
