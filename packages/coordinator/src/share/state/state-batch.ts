/**
 * What a share group knows of a range of offsets: the state their records are in, and how often they were delivered.
 *
 * Source: org.apache.kafka.server.share.persister.PersisterStateBatch.
 */

/** The offsets from `firstOffset` to `lastOffset`, both included. */
export interface StateBatch {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  /** A `RecordState`; acquired records are persisted as what they were before. */
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

/** A batch without whatever else an object carries. */
export function stateBatchOf({ firstOffset, lastOffset, deliveryState, deliveryCount }: StateBatch): StateBatch {
  return { firstOffset, lastOffset, deliveryState, deliveryCount };
}

/** Which of two batches knows the later state: positive when it is `a`; 0 when they say the same. */
export function compareDelivery(a: StateBatch, b: StateBatch): number {
  return a.deliveryCount - b.deliveryCount || a.deliveryState - b.deliveryState;
}

/** The order of batches: by offsets, then by what they say. */
export function compareStateBatches(a: StateBatch, b: StateBatch): number {
  if (a.firstOffset !== b.firstOffset) return a.firstOffset < b.firstOffset ? -1 : 1;
  if (a.lastOffset !== b.lastOffset) return a.lastOffset < b.lastOffset ? -1 : 1;
  return compareDelivery(a, b);
}
