/**
 * The fast search for matches: one candidate per hash, greedy, with longer and longer steps through bytes that do not repeat.
 *
 * Source: the idea of LZ4's and Snappy's fast compressors.
 */
import {
  commonLength,
  MATCH_END_MARGIN,
  MATCH_START_MARGIN,
  type MatchPlan,
  MIN_MATCH,
  type Viewed,
} from './match-plan.ts';

const HASH_BITS = 13;
/** After 2^this misses the step grows by one. */
const SKIP_SHIFT = 6;

/** Position, relative to the block, where four bytes with this hash were last seen. */
const table = new Uint16Array(1 << HASH_BITS);

function hashOf(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
}

/** Fills `plan` with the matches of the block `[start, end)` of at most 64 KiB. */
export function searchFast(input: Viewed, start: number, end: number, plan: MatchPlan): void {
  const { bytes, view } = input;
  const lastStart = end - MATCH_START_MARGIN;
  const matchLimit = end - MATCH_END_MARGIN;
  plan.count = 0;
  table.fill(0);
  let anchor = start;
  let position = start + 1;
  let misses = 1 << SKIP_SHIFT;
  while (position <= lastStart) {
    const word = view.getInt32(position, true);
    const hash = hashOf(word);
    let candidate = start + table[hash]!;
    table[hash] = position - start;
    if (view.getInt32(candidate, true) !== word) {
      position += misses++ >> SKIP_SHIFT;
      continue;
    }
    const offset = position - candidate;
    let matchEnd = position + MIN_MATCH;
    matchEnd += commonLength(input, candidate + MIN_MATCH, matchEnd, matchLimit);
    while (position > anchor && candidate > start && bytes[position - 1] === bytes[candidate - 1]) {
      position--;
      candidate--;
    }
    plan.add(position - anchor, matchEnd - position, offset);
    anchor = matchEnd;
    position = matchEnd;
    misses = 1 << SKIP_SHIFT;
    if (position <= lastStart) table[hashOf(view.getInt32(position - 2, true))] = position - 2 - start;
  }
}
