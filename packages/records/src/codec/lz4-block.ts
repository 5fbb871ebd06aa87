/**
 * LZ4 blocks, encoded; `block-decoder.ts` decodes them.
 *
 * Shape: sequences of `token | literal length… | literals | match offset uint16 LE | match length…`; the high four bits of the token
 * are the literal length, the low four the match length less 4; 15 in either goes on in bytes that are added up to one below 255. The
 * last sequence ends after its literals. Source: the LZ4 block format description.
 */
import { copyLiterals } from './byte-copy.ts';
import { type MatchPlan, MIN_MATCH, type Viewed } from './match-plan.ts';

/** Most bytes that one compressed byte can stand for. */
export const LZ4_MAX_EXPANSION = 255;

/** Most bytes that `size` bytes can be encoded to. */
export function lz4BlockBound(size: number): number {
  return size + Math.floor(size / 255) + 16;
}

function writeLength(output: Uint8Array, to: number, rest: number): number {
  while (rest >= 255) {
    output[to++] = 255;
    rest -= 255;
  }
  output[to++] = rest;
  return to;
}

/** Encodes the block `[from, end)` along `plan` to `output` from `to` on, where `lz4BlockBound` bytes are free; returns the position after it. */
export function encodeLz4Block(
  source: Viewed,
  from: number,
  end: number,
  plan: MatchPlan,
  target: Viewed,
  to: number,
): number {
  const output = target.bytes;
  for (let i = 0; i <= plan.count; i++) {
    const isLast = i === plan.count;
    const literals = isLast ? end - from : plan.literalLengths[i]!;
    const match = isLast ? 0 : plan.matchLengths[i]! - MIN_MATCH;
    output[to++] = (Math.min(literals, 15) << 4) | Math.min(match, 15);
    if (literals >= 15) to = writeLength(output, to, literals - 15);
    copyLiterals(source, from, end, target, to, output.length, literals);
    from += literals;
    to += literals;
    if (isLast) break;
    const offset = plan.offsets[i]!;
    output[to++] = offset;
    output[to++] = offset >>> 8;
    if (match >= 15) to = writeLength(output, to, match - 15);
    from += match + MIN_MATCH;
  }
  return to;
}
