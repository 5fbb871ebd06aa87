/**
 * WriteShareGroupState for one partition: an update, or every so many updates a snapshot.
 *
 * Source: ShareCoordinatorShard.writeState, generateShareStateRecord.
 */
import { ErrorCode, type WriteShareGroupStateRequestPartitionData } from '@skarab/protocol';
import { type Decision, decided } from '../../runtime/decision.ts';
import { WRITE_UNINITIALIZED } from '../error-texts.ts';
import { type ShareRecord, shareSnapshotRecord, shareUpdateRecord } from '../records/share-record.ts';
import type { SharePartitionKey } from '../share-partition-key.ts';
import type { SharePartitionState, ShareStateShard } from '../share-state-shard.ts';
import { combineStateBatches } from '../state/combine-state-batches.ts';
import type { StateBatch } from '../state/state-batch.ts';
import {
  checkExists,
  checkLeaderEpoch,
  checkPartition,
  checkStateEpoch,
  refusedWith,
  type StateResult,
} from './state-result.ts';

/** Decides a write of a partition's leader. */
export function writeState(
  shard: ShareStateShard,
  key: SharePartitionKey,
  data: WriteShareGroupStateRequestPartitionData,
  nowMs: number,
): Decision<StateResult, ShareRecord> {
  const negative = checkPartition(key);
  if (negative !== null) return refusedWith(key, negative);
  const state = shard.get(key);
  if (state === undefined) return refusedWith(key, { error: ErrorCode.INVALID_REQUEST, text: WRITE_UNINITIALIZED });
  const wrong =
    checkLeaderEpoch(state, data.leaderEpoch) ?? checkStateEpoch(state, data.stateEpoch) ?? checkExists(shard, key);
  if (wrong !== null) return refusedWith(key, wrong);
  // The leader epoch of a write fences it and is not kept; a read by a new leader is what raises the epoch.
  const record = stateChangeRecord(shard, state, { ...data, leaderEpoch: state.offset.leaderEpoch }, nowMs);
  return decided([record], { partition: key.partition, errorCode: ErrorCode.NONE, errorMessage: null });
}

/** What changes of a key's state. */
export interface StateChange {
  readonly leaderEpoch: number;
  /** -1 leaves it as it is. */
  readonly startOffset: bigint;
  readonly deliveryCompleteCount: number;
  readonly stateBatches: readonly StateBatch[];
}

/** The change as the record it is written as. */
export function stateChangeRecord(
  shard: ShareStateShard,
  { key, offset, updateCount }: SharePartitionState,
  { leaderEpoch, startOffset, deliveryCompleteCount, stateBatches }: StateChange,
  nowMs: number,
): ShareRecord {
  if (updateCount < shard.config.snapshotUpdateRecordsPerSnapshot)
    return shareUpdateRecord(key, {
      snapshotEpoch: offset.snapshotEpoch,
      leaderEpoch,
      startOffset,
      deliveryCompleteCount,
      stateBatches: combineStateBatches([], stateBatches, startOffset),
    });
  const newStartOffset = startOffset === -1n ? offset.startOffset : startOffset;
  return shareSnapshotRecord(key, {
    snapshotEpoch: offset.snapshotEpoch + 1,
    stateEpoch: offset.stateEpoch,
    leaderEpoch,
    startOffset: newStartOffset,
    deliveryCompleteCount,
    stateBatches: combineStateBatches(offset.stateBatches, stateBatches, newStartOffset),
    createTimestampMs: BigInt(nowMs),
    writeTimestampMs: BigInt(nowMs),
  });
}
