/**
 * What a member gets: ranges of offsets with the count of their deliveries.
 *
 * Source: ShareFetchUtils.accumulateAcquiredRecords, SharePartition.filterRecordBatchesFromAcquiredRecords.
 */

/** The offsets from `firstOffset` to `lastOffset`, both included. */
export interface AcquiredRecords {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

/** A range of offsets. */
export interface OffsetRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Neighbours of the same count in one. */
export function joined(single: readonly AcquiredRecords[]): AcquiredRecords[] {
  const ranges: AcquiredRecords[] = [];
  for (const one of single) {
    const last = ranges.at(-1);
    const isNeighbour = last?.lastOffset === one.firstOffset - 1 && last.deliveryCount === one.deliveryCount;
    if (isNeighbour) ranges[ranges.length - 1] = { ...last, lastOffset: one.lastOffset };
    else ranges.push(one);
  }
  return ranges;
}

/** What is left without the offsets of `removed`; both are in order. */
export function without(acquired: readonly AcquiredRecords[], removed: readonly OffsetRange[]): AcquiredRecords[] {
  const left: AcquiredRecords[] = [];
  for (const range of acquired) {
    let rest: AcquiredRecords | null = range;
    for (const { firstOffset, lastOffset } of removed) {
      if (rest === null || firstOffset > rest.lastOffset) break;
      if (lastOffset < rest.firstOffset) continue;
      if (rest.firstOffset < firstOffset) left.push({ ...rest, lastOffset: firstOffset - 1 });
      rest = lastOffset < rest.lastOffset ? { ...rest, firstOffset: lastOffset + 1 } : null;
    }
    if (rest !== null) left.push(rest);
  }
  return left;
}

/** How many offsets the ranges hold. */
export function offsetCount(ranges: readonly OffsetRange[]): number {
  return ranges.reduce((count, { firstOffset, lastOffset }) => count + lastOffset - firstOffset + 1, 0);
}
