/**
 * The ends of states: DeleteShareGroupState for one partition, and what goes with deleted topics.
 *
 * Source: ShareCoordinatorShard.deleteState, maybeCleanupShareState.
 */
import type { Uuid } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { type Decision, decided } from '../../runtime/decision.ts';
import { type ShareRecord, shareStateTombstone } from '../records/share-record.ts';
import type { SharePartitionKey } from '../share-partition-key.ts';
import type { ShareStateShard } from '../share-state-shard.ts';
import { checkExists, checkPartition, refusedWith, type StateResult } from './state-result.ts';

/** Decides the end of one state; what is not there is deleted already. */
export function deleteState(shard: ShareStateShard, key: SharePartitionKey): Decision<StateResult, ShareRecord> {
  const wrong = checkPartition(key) ?? checkExists(shard, key);
  if (wrong !== null) return refusedWith(key, wrong);
  const records = shard.get(key) === undefined ? [] : [shareStateTombstone(key)];
  return decided(records, { partition: key.partition, errorCode: ErrorCode.NONE, errorMessage: null });
}

/** Decides the end of every state of the topics. */
export function deleteStatesOf(shard: ShareStateShard, topicIds: ReadonlySet<Uuid>): Decision<null, ShareRecord> {
  const keys = [...shard.states()].map(({ key }) => key).filter(({ topicId }) => topicIds.has(topicId));
  return decided(keys.map(shareStateTombstone), null);
}
