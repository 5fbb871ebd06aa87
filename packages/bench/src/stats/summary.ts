/**
 * What is said of a handful of repeated measurements: smallest, median, largest; and how two systems compare.
 *
 * No mean and no deviation: with three to ten runs they pretend a precision that is not there. Pure functions.
 */

/** Spread of repeated measurements. */
export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The spread of `values`, or undefined when there are none. */
export function summarize(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  return { count: sorted.length, min: sorted[0]!, median: medianOfSorted(sorted), max: sorted.at(-1)! };
}

function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median of ours by median of theirs; undefined when either is missing or theirs is 0. */
export function ratioOf(ours: Summary | undefined, theirs: Summary | undefined): number | undefined {
  if (ours === undefined || theirs === undefined || theirs.median === 0) return undefined;
  return ours.median / theirs.median;
}
