/**
 * What every decider of the share coordinator answers about one partition, and the checks they share.
 */
import { ErrorCode } from '@skarab/protocol';
import { answered, type Decision } from '../../runtime/decision.ts';
import { NEGATIVE_PARTITION, shareErrorText } from '../error-texts.ts';
import type { ShareRecord } from '../records/share-record.ts';
import type { SharePartitionKey } from '../share-partition-key.ts';
import type { SharePartitionState, ShareStateShard } from '../share-state-shard.ts';

/** The beginning of every partition's result; the rest has defaults. */
export interface StateResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Why a partition's request is refused. */
export interface StateProblem {
  readonly error: ErrorCode;
  readonly text: string;
}

/** A problem with Kafka's own text. */
export function problem(error: ErrorCode): StateProblem {
  return { error, text: shareErrorText(error) };
}

/** A refusal: no records, and an answer in its turn. */
export function refusedWith(key: SharePartitionKey, { error, text }: StateProblem): Decision<StateResult, ShareRecord> {
  return answered({ partition: key.partition, errorCode: error, errorMessage: text });
}

/** What is wrong with a partition number alone. */
export function checkPartition({ partition }: SharePartitionKey): StateProblem | null {
  return partition < 0 ? { error: ErrorCode.INVALID_REQUEST, text: NEGATIVE_PARTITION } : null;
}

/** What is wrong with the leader epoch of a request; -1 is not checked. */
export function checkLeaderEpoch(state: SharePartitionState, leaderEpoch: number): StateProblem | null {
  const isFenced = leaderEpoch !== -1 && state.leaderEpoch > leaderEpoch;
  return isFenced ? problem(ErrorCode.FENCED_LEADER_EPOCH) : null;
}

/** What is wrong with the state epoch of a request; -1 is not checked. */
export function checkStateEpoch(state: SharePartitionState | undefined, stateEpoch: number): StateProblem | null {
  const isFenced = stateEpoch !== -1 && (state?.stateEpoch ?? stateEpoch) > stateEpoch;
  return isFenced ? problem(ErrorCode.FENCED_STATE_EPOCH) : null;
}

/** What is wrong when the cluster has no such partition. */
export function checkExists(shard: ShareStateShard, { topicId, partition }: SharePartitionKey): StateProblem | null {
  const count = shard.topics.partitionCountOf(topicId);
  return count === null || count <= partition ? problem(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) : null;
}
