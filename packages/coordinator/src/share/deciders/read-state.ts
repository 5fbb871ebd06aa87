/**
 * ReadShareGroupState and ReadShareGroupStateSummary for one partition.
 *
 * A read by a leader of a new epoch writes that epoch, so that writes of leaders before it are fenced.
 * Source: ShareCoordinatorShard.readStateAndMaybeUpdateLeaderEpoch, readStateSummary.
 */
import {
  ErrorCode,
  newReadShareGroupStateResponsePartitionResult,
  newReadShareGroupStateSummaryResponsePartitionResult,
  type ReadShareGroupStateRequestPartitionData,
  type ReadShareGroupStateResponsePartitionResult,
  type ReadShareGroupStateSummaryResponsePartitionResult,
} from '@skarab/protocol';
import { answered, type Decision, decided } from '../../runtime/decision.ts';
import { READ_UNINITIALIZED } from '../error-texts.ts';
import type { ShareRecord } from '../records/share-record.ts';
import type { SharePartitionKey } from '../share-partition-key.ts';
import type { ShareStateShard } from '../share-state-shard.ts';
import { UNINITIALIZED, UNINITIALIZED_EPOCH } from '../state/share-group-offset.ts';
import { checkExists, checkLeaderEpoch, checkPartition, refusedWith, type StateResult } from './state-result.ts';
import { stateChangeRecord } from './write-state.ts';

/** Decides a read by a partition's leader. */
export function readState(
  shard: ShareStateShard,
  key: SharePartitionKey,
  { leaderEpoch }: ReadShareGroupStateRequestPartitionData,
  nowMs: number,
): Decision<StateResult | ReadShareGroupStateResponsePartitionResult, ShareRecord> {
  const negative = checkPartition(key);
  if (negative !== null) return refusedWith(key, negative);
  const state = shard.get(key);
  if (state === undefined) return refusedWith(key, { error: ErrorCode.INVALID_REQUEST, text: READ_UNINITIALIZED });
  const wrong = checkLeaderEpoch(state, leaderEpoch) ?? checkExists(shard, key);
  if (wrong !== null) return refusedWith(key, wrong);
  const { startOffset, stateEpoch, deliveryCompleteCount, stateBatches } = state.offset;
  const result = newReadShareGroupStateResponsePartitionResult({
    partition: key.partition,
    startOffset,
    stateEpoch,
    stateBatches: [...stateBatches],
  });
  if (leaderEpoch === -1 || leaderEpoch === state.leaderEpoch) return answered(result);
  const change = { leaderEpoch, startOffset, deliveryCompleteCount, stateBatches: [] };
  return decided([stateChangeRecord(shard, state, change, nowMs)], result);
}

/** Decides a read by somebody who only wants to know how far a group has come. */
export function readStateSummary(
  shard: ShareStateShard,
  key: SharePartitionKey,
): Decision<StateResult | ReadShareGroupStateSummaryResponsePartitionResult, ShareRecord> {
  const wrong = checkPartition(key) ?? checkExists(shard, key);
  if (wrong !== null) return refusedWith(key, wrong);
  const offset = shard.get(key)?.offset;
  const { partition } = key;
  if (offset === undefined)
    return answered(
      newReadShareGroupStateSummaryResponsePartitionResult({
        partition,
        startOffset: BigInt(UNINITIALIZED),
        deliveryCompleteCount: UNINITIALIZED,
        leaderEpoch: UNINITIALIZED_EPOCH,
        stateEpoch: UNINITIALIZED_EPOCH,
      }),
    );
  const { startOffset, deliveryCompleteCount, leaderEpoch, stateEpoch } = offset;
  return answered(
    newReadShareGroupStateSummaryResponsePartitionResult({
      partition,
      startOffset,
      deliveryCompleteCount,
      leaderEpoch,
      stateEpoch,
    }),
  );
}
