/**
 * Raw Snappy blocks, encoded, and their preamble; `block-decoder.ts` decodes the elements.
 *
 * Shape: `uncompressed size as unsigned varint`, then elements whose first byte ends in two bits of kind: 0 literals (length less one in
 * the upper six bits; 60 to 63 announce 1 to 4 bytes of it), 1 copy of 4 to 11 bytes with 11 bits of offset, 2 copy of 1 to 64 bytes with
 * 16 bits, 3 with 32 bits of offset, all little-endian. Source: the Snappy format description.
 */
import { CorruptDataError } from '@skarab/base';
import { copyLiterals } from './byte-copy.ts';
import type { MatchPlan, Viewed } from './match-plan.ts';

/** Most bytes that one compressed byte can stand for: three bytes make a copy of 64. */
const MAX_EXPANSION = 22;

/** Most bytes that `size` bytes can be encoded to. */
export function snappyBlockBound(size: number): number {
  return size + Math.floor(size / 6) + 32;
}

function corrupt(what: string, position: number): CorruptDataError {
  return new CorruptDataError(`snappy: ${what}`, { position });
}

/** Size and length of the preamble. */
export interface SnappyPreamble {
  readonly uncompressedSize: number;
  /** Where the elements start. */
  readonly position: number;
}

/**
 * Reads how large the block `[from, end)` is when decompressed.
 *
 * Errors: `CorruptDataError` for a size that so few bytes cannot have.
 */
export function readSnappyPreamble(bytes: Uint8Array, from: number, end: number): SnappyPreamble {
  let size = 0;
  let position = from;
  for (let shift = 0; shift <= 28; shift += 7) {
    if (position >= end) break;
    const byte = bytes[position++]!;
    size += (byte & 0x7f) * 2 ** shift;
    if (byte > 0x7f) continue;
    if (size > (end - position) * MAX_EXPANSION) break;
    return { uncompressedSize: size, position };
  }
  throw corrupt('impossible uncompressed size', from);
}

/** Encodes the block `[from, end)` along `plan` to `target` from `to` on, where `snappyBlockBound` bytes are free; returns the position after it. */
export function encodeSnappyBlock(
  source: Viewed,
  from: number,
  end: number,
  plan: MatchPlan,
  target: Viewed,
  to: number,
): number {
  const output = target.bytes;
  let size = end - from;
  for (; size > 0x7f; size >>>= 7) output[to++] = (size & 0x7f) | 0x80;
  output[to++] = size;
  for (let i = 0; i <= plan.count; i++) {
    const literals = i === plan.count ? end - from : plan.literalLengths[i]!;
    if (literals > 0) {
      to = writeLiteralTag(output, to, literals);
      copyLiterals(source, from, end, target, to, output.length, literals);
      from += literals;
      to += literals;
    }
    if (i === plan.count) break;
    to = writeCopies(output, to, plan.matchLengths[i]!, plan.offsets[i]!);
    from += plan.matchLengths[i]!;
  }
  return to;
}

function writeLiteralTag(output: Uint8Array, to: number, length: number): number {
  const rest = length - 1;
  if (rest < 60) {
    output[to++] = rest << 2;
    return to;
  }
  output[to++] = (rest < 256 ? 60 : 61) << 2;
  output[to++] = rest;
  if (rest >= 256) output[to++] = rest >>> 8;
  return to;
}

function writeCopies(output: Uint8Array, to: number, length: number, offset: number): number {
  // What stays over for the last copy has to be at least four bytes, to have a chance of the short form.
  while (length > 64) {
    const part = length < 68 ? 60 : 64;
    to = writeCopy(output, to, part, offset);
    length -= part;
  }
  return writeCopy(output, to, length, offset);
}

function writeCopy(output: Uint8Array, to: number, length: number, offset: number): number {
  if (length >= 4 && length < 12 && offset < 2048) {
    output[to++] = 1 | ((length - 4) << 2) | ((offset >>> 8) << 5);
    output[to++] = offset;
    return to;
  }
  output[to++] = 2 | ((length - 1) << 2);
  output[to++] = offset;
  output[to++] = offset >>> 8;
  return to;
}
