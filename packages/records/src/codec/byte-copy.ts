/**
 * The copy that LZ4 and Snappy compression consist of, four bytes at a time while there is room to write past the end.
 *
 * Callers have checked that source and target lie within their buffers; `limit` is where writing beyond the copy has to stop.
 */
import type { Viewed } from './match-plan.ts';

const SMALL_LITERALS = 16;
const SMALL_BYTEWISE = 24;

/** Copies `length` bytes from `source` to `target`. */
export function copyLiterals(
  source: Viewed,
  from: number,
  fromLimit: number,
  target: Viewed,
  to: number,
  limit: number,
  length: number,
): void {
  if (length <= SMALL_LITERALS && from + SMALL_LITERALS <= fromLimit && to + SMALL_LITERALS <= limit) {
    const input = source.view;
    const output = target.view;
    output.setInt32(to, input.getInt32(from, true), true);
    output.setInt32(to + 4, input.getInt32(from + 4, true), true);
    if (length <= 8) return;
    output.setInt32(to + 8, input.getInt32(from + 8, true), true);
    output.setInt32(to + 12, input.getInt32(from + 12, true), true);
    return;
  }
  if (length > SMALL_BYTEWISE) {
    target.bytes.set(source.bytes.subarray(from, from + length), to);
    return;
  }
  for (let i = 0; i < length; i++) target.bytes[to + i] = source.bytes[from + i]!;
}
