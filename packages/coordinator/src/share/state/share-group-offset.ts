/**
 * The persisted state of one partition of one share group, and what its two kinds of records make of it.
 *
 * Source: org.apache.kafka.coordinator.share.ShareGroupOffset, ShareCoordinatorShard.merge.
 */
import type { ShareSnapshotValue, ShareUpdateValue } from '@skarab/protocol';
import { combineStateBatches } from './combine-state-batches.ts';
import { type StateBatch, stateBatchOf } from './state-batch.ts';

/** A start offset or a count that nobody has set. */
export const UNINITIALIZED = -1;
/** The epoch of what no leader has touched. */
export const UNINITIALIZED_EPOCH = 0;

/** What a share group has persisted of one partition. Replaced, never changed. */
export interface ShareGroupOffset {
  readonly snapshotEpoch: number;
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  /** -1 until the partition is first read. */
  readonly startOffset: bigint;
  /** How many records at or after the start offset are done with; -1 when unknown. */
  readonly deliveryCompleteCount: number;
  readonly stateBatches: readonly StateBatch[];
  /** When the state was last written as a whole by a request; wall clock in ms. */
  readonly createTimestampMs: bigint;
  /** When the snapshot itself was written; later than the former for a snapshot of a cold partition. */
  readonly writeTimestampMs: bigint;
}

/** The state that a snapshot holds. */
export function offsetFromSnapshot(value: ShareSnapshotValue): ShareGroupOffset {
  return {
    snapshotEpoch: value.snapshotEpoch,
    stateEpoch: value.stateEpoch,
    leaderEpoch: value.leaderEpoch,
    startOffset: value.startOffset,
    deliveryCompleteCount: value.deliveryCompleteCount,
    stateBatches: value.stateBatches.map(stateBatchOf),
    createTimestampMs: value.createTimestamp,
    writeTimestampMs: value.writeTimestamp,
  };
}

/** The state after an update; the update alone when there was none before it. */
export function offsetAfterUpdate(before: ShareGroupOffset | undefined, value: ShareUpdateValue): ShareGroupOffset {
  const { leaderEpoch, startOffset, deliveryCompleteCount } = value;
  if (before === undefined)
    return {
      snapshotEpoch: value.snapshotEpoch,
      stateEpoch: UNINITIALIZED_EPOCH,
      leaderEpoch,
      startOffset,
      deliveryCompleteCount,
      stateBatches: value.stateBatches.map(stateBatchOf),
      createTimestampMs: 0n,
      writeTimestampMs: 0n,
    };
  const newStartOffset = startOffset === -1n ? before.startOffset : startOffset;
  return {
    ...before,
    startOffset: newStartOffset,
    deliveryCompleteCount,
    leaderEpoch: leaderEpoch === -1 ? before.leaderEpoch : leaderEpoch,
    stateBatches: combineStateBatches(before.stateBatches, value.stateBatches, newStartOffset),
  };
}
