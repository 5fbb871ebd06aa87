/**
 * The thorough search for matches: the longest match at every position, then the cheapest way through the block.
 *
 * ```
 * forward   longest[i], offsets[i]   hash chains, at most `attempts` candidates; a match at i - 1 is one byte shorter at i for free
 * backward  cost[i] = min(1 + cost[i + 1], sequenceCost(n) + cost[i + n]) over the n that can be best
 * forward   follow the choices
 * ```
 * More attempts never find shorter matches, so they never cost bytes (but for the odd length byte of a literal run).
 */
import {
  commonLength,
  MATCH_END_MARGIN,
  MATCH_START_MARGIN,
  MAX_BLOCK_SIZE,
  type MatchPlan,
  MIN_MATCH,
  type Viewed,
} from './match-plan.ts';

const HASH_BITS = 15;
/** Looking for a better match than one of this length is not worth the time. */
const LONG_MATCH = 128;

/** The tables of a search, made by the first one: nobody pays for a codec that is not used. */
let heads = new Int32Array(0);
/** The position before with the same hash, relative to the block, or -1. */
let chain = heads;
let longest = heads;
let offsets = heads;
let cost = heads;
/** Length of the match to take at a position, 0 for a literal. */
let choice = heads;

function makeTables(): void {
  heads = new Int32Array(1 << HASH_BITS);
  chain = new Int32Array(MAX_BLOCK_SIZE);
  longest = new Int32Array(MAX_BLOCK_SIZE);
  offsets = new Int32Array(MAX_BLOCK_SIZE);
  cost = new Int32Array(MAX_BLOCK_SIZE + 1);
  choice = new Int32Array(MAX_BLOCK_SIZE);
}

/** Fills `plan` with a near-optimal choice of matches of the block `[start, end)` of at most 64 KiB. */
export function searchThoroughly(input: Viewed, start: number, end: number, attempts: number, plan: MatchPlan): void {
  if (heads.length === 0) makeTables();
  findLongest(input, start, end, attempts);
  choose(end - start);
  follow(end - start, plan);
}

function findLongest(input: Viewed, start: number, end: number, attempts: number): void {
  const size = end - start;
  const matchLimit = end - MATCH_END_MARGIN;
  heads.fill(-1);
  longest.fill(0, 0, size);
  for (let i = 0; i <= size - MATCH_START_MARGIN; i++) {
    if (i > 0 && longest[i - 1]! > MIN_MATCH) {
      longest[i] = longest[i - 1]! - 1;
      offsets[i] = offsets[i - 1]!;
    }
    const hash = Math.imul(input.view.getInt32(start + i, true), 0x9e3779b1) >>> (32 - HASH_BITS);
    if (longest[i]! < LONG_MATCH) improve(input, start, i, matchLimit, heads[hash]!, attempts);
    chain[i] = heads[hash]!;
    heads[hash] = i;
  }
}

function improve(input: Viewed, start: number, i: number, limit: number, candidate: number, attempts: number): void {
  const { bytes } = input;
  let best = longest[i]!;
  for (let left = attempts; candidate >= 0 && left > 0; left--) {
    // A longer match has to agree in the byte that would make it longer.
    if (bytes[start + candidate + best] === bytes[start + i + best]) {
      const length = commonLength(input, start + candidate, start + i, limit);
      if (length > best && length >= MIN_MATCH) {
        best = length;
        offsets[i] = i - candidate;
        if (length >= LONG_MATCH) break;
      }
    }
    candidate = chain[candidate]!;
  }
  longest[i] = best;
}

function sequenceCost(matchLength: number): number {
  return matchLength < 19 ? 3 : 4 + Math.floor((matchLength - 19) / 255);
}

/**
 * Only two lengths per position can be best. `cost` never rises towards the end (drop the first byte of a way, and the rest is a way from
 * the next position that costs no more), so of equally priced lengths the longest wins, and one price lower is the most that can pay.
 */
function choose(size: number): void {
  cost[size] = 0;
  for (let i = size - 1; i >= 0; i--) {
    let best = cost[i + 1]! + 1;
    let chosen = 0;
    let length = longest[i]!;
    for (let tries = 0; tries < 2 && length >= MIN_MATCH; tries++) {
      const price = cost[i + length]! + sequenceCost(length);
      if (price < best) {
        best = price;
        chosen = length;
      }
      length = length < 19 ? 0 : 18 + 255 * Math.floor((length - 19) / 255);
    }
    cost[i] = best;
    choice[i] = chosen;
  }
}

function follow(size: number, plan: MatchPlan): void {
  plan.count = 0;
  let anchor = 0;
  for (let i = 0; i < size; ) {
    const length = choice[i]!;
    if (length === 0) {
      i++;
      continue;
    }
    plan.add(i - anchor, length, offsets[i]!);
    i += length;
    anchor = i;
  }
}
