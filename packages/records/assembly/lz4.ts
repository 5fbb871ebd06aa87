/**
 * LZ4 blocks, decoded.
 *
 * Shape: sequences of `token | literal length… | literals | match offset uint16 LE | match length…`; the high four bits of the token
 * are the literal length, the low four the match length less 4; 15 in either goes on in bytes that are added up to one below 255. The
 * last sequence ends after its literals. Source: the LZ4 block format description.
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

const MIN_MATCH: usize = 4;
const EXTENDED: usize = 15;

/** Decodes the block `[from, end)` to `[first, limit)` at most; returns its size or a fault. */
export function decodeLz4(from: usize, end: usize, first: usize, limit: usize): i32 {
  let to = first;
  while (from < end) {
    const token: usize = load<u8>(from++);
    let length = token >>> 4;
    if (length === EXTENDED) {
      for (let more: usize = 255; more === 255; length += more) {
        if (from >= end) return LENGTH_CUT_OFF;
        more = load<u8>(from++);
      }
    }
    if (length > end - from || length > limit - to) return LITERALS_DO_NOT_FIT;
    copyLiterals(from, end, to, limit, length);
    from += length;
    to += length;
    if (from === end) return i32(to - first);
    if (end - from < 2) return OFFSET_CUT_OFF;
    const offset: usize = load<u16>(from);
    from += 2;
    if (offset === 0 || offset > to - first) return OFFSET_OUTSIDE;
    length = (token & 15) + MIN_MATCH;
    if (length === EXTENDED + MIN_MATCH) {
      for (let more: usize = 255; more === 255; length += more) {
        if (from >= end) return LENGTH_CUT_OFF;
        more = load<u8>(from++);
      }
    }
    if (length > limit - to) return MATCH_DOES_NOT_FIT;
    copyMatch(to, limit, offset, length);
    to += length;
  }
  return ENDS_TOO_SOON;
}
