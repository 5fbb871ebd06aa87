/**
 * What a controller needs of the quorum.
 */
import type { AppendedBatch, RaftApiKey, RaftApis, RequestContext } from '@skarab/raft';
import type { LeaderAndEpoch } from '../core/publisher.ts';
import type { ControllerApi } from './controller-api.ts';

/** The metadata log, as the controller writes it; see `RaftNode`. */
export interface ControllerRaft {
  readonly leader: LeaderAndEpoch;
  readonly logEndOffset: number;
  append(epoch: number, values: readonly Uint8Array[], prepare: (batch: AppendedBatch) => void): AppendedBatch;
  resign(epoch: number): void;
  describeQuorum(
    request: Parameters<ControllerApi['describeQuorum']>[1],
  ): Awaited<ReturnType<ControllerApi['describeQuorum']>>;
  handle<K extends RaftApiKey>(
    apiKey: K,
    message: RaftApis[K]['request'],
    context: RequestContext,
  ): Promise<RaftApis[K]['response']>;
}
