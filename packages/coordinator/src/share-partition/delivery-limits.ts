/**
 * How records that were delivered often are delivered again: fewer at a time, so that a bad one among them is found without spending the
 * deliveries of the good ones, and alone for the last time.
 *
 * Source: SharePartition.throttleRecordsDeliveryLimit, shouldThrottleRecordsDelivery.
 */
import type { InFlightBatch } from './in-flight-batch.ts';

const MIN_THROTTLE_LIMIT = 2;

/** From how many deliveries on records are throttled. */
export function throttleLimit(maxDeliveryCount: number): number {
  return Math.max(MIN_THROTTLE_LIMIT, Math.ceil(maxDeliveryCount / 2));
}

/** Whether the available offsets of a batch, from `firstOffset` to `lastOffset`, are to be throttled. */
export function isThrottled(batch: InFlightBatch, firstOffset: number, lastOffset: number, limit: number): boolean {
  if (batch.whole !== null) return batch.whole.isAcquirable && batch.whole.deliveryCount >= limit;
  for (const one of batch.states()) {
    if (one.firstOffset < firstOffset || one.firstOffset > lastOffset || !one.state.isAcquirable) continue;
    if (one.state.deliveryCount >= limit) return true;
  }
  return false;
}

/** How many of a batch's `length` records go at a time when the first of them was delivered `deliveryCount` times. */
export function throttledCount(length: number, deliveryCount: number, limit: number): number {
  return Math.max(1, Math.floor(length / 2 ** (deliveryCount - limit + 1)));
}

/** Whether a record with so many deliveries before this one has only this one left, and goes alone. */
export function isLastDelivery(deliveryCountBefore: number, maxDeliveryCount: number): boolean {
  return maxDeliveryCount > 2 && deliveryCountBefore === maxDeliveryCount - 1;
}
