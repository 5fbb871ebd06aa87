/**
 * What the runtime asks its host to do.
 */
import type { SimpleRecord } from '@skarab/records';
import type { PartitionLoad } from './partition-load.ts';

/**
 * Append one batch as the leader of `leaderEpoch`, requiring all in-sync replicas, then say `onAppended` or `onAppendFailed`.
 * Nothing needs to be durable before. Appends of a partition are executed in the order they were given.
 */
export interface AppendEffect {
  readonly type: 'append';
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly appendId: number;
  /** The offset the first record is expected to get. */
  readonly baseOffset: number;
  readonly records: readonly SimpleRecord[];
}

/** Read the partition from its start to its end into `load`. */
export interface LoadEffect {
  readonly type: 'load';
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly load: PartitionLoad;
}

/** Effects of the runtime itself; a coordinator adds its responses. */
export type RuntimeEffect = AppendEffect | LoadEffect;
