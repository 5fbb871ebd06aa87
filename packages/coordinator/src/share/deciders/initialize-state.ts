/**
 * InitializeShareGroupState for one partition: a snapshot that starts afresh, whatever was there.
 *
 * Source: ShareCoordinatorShard.initializeState, ShareGroupOffset.fromRequest.
 */
import { ErrorCode, type InitializeShareGroupStateRequestPartitionData } from '@skarab/protocol';
import { type Decision, decided } from '../../runtime/decision.ts';
import { type ShareRecord, shareSnapshotRecord } from '../records/share-record.ts';
import type { SharePartitionKey } from '../share-partition-key.ts';
import type { ShareStateShard } from '../share-state-shard.ts';
import { UNINITIALIZED, UNINITIALIZED_EPOCH } from '../state/share-group-offset.ts';
import { checkExists, checkPartition, checkStateEpoch, refusedWith, type StateResult } from './state-result.ts';

/** Decides the first state of a partition, or its state after its offsets were altered. */
export function initializeState(
  shard: ShareStateShard,
  key: SharePartitionKey,
  { stateEpoch, startOffset }: InitializeShareGroupStateRequestPartitionData,
  nowMs: number,
): Decision<StateResult, ShareRecord> {
  const state = shard.get(key);
  const wrong = checkPartition(key) ?? checkStateEpoch(state, stateEpoch) ?? checkExists(shard, key);
  if (wrong !== null) return refusedWith(key, wrong);
  const record = shareSnapshotRecord(key, {
    snapshotEpoch: state === undefined ? 0 : state.offset.snapshotEpoch + 1,
    stateEpoch,
    leaderEpoch: UNINITIALIZED_EPOCH,
    startOffset,
    // Without a start offset nothing can be counted; from a given one, nothing has been delivered yet.
    deliveryCompleteCount: startOffset === -1n ? UNINITIALIZED : 0,
    stateBatches: [],
    createTimestampMs: BigInt(nowMs),
    writeTimestampMs: BigInt(nowMs),
  });
  return decided([record], { partition: key.partition, errorCode: ErrorCode.NONE, errorMessage: null });
}
