/**
 * A request on its way through the front of the coordinator.
 */
import type { ErrorCode } from '@skarab/protocol';
import type { CoordinatorRuntime } from '../../runtime/coordinator-runtime.ts';
import type { Completion } from '../../runtime/partition-context.ts';
import type { Assignor } from '../assignor/assignor.ts';
import type { GroupCoordinatorConfig } from '../group-coordinator-config.ts';
import type { GroupRequest, GroupRequestContext, GroupRequestKind, GroupResponse } from '../group-requests.ts';
import type { GroupShard } from '../group-shard.ts';
import type { GroupRecord } from '../records/group-record.ts';
import type { Reply } from '../reply.ts';
import type { StatesToInitialize } from '../share/heartbeat.ts';

/** Where requests go. */
export interface Front {
  readonly runtime: CoordinatorRuntime<GroupShard, GroupRecord>;
  readonly config: GroupCoordinatorConfig;
  readonly assignors: ReadonlyMap<string, Assignor>;
  partitionFor(groupId: string): number;
  /** Has the share coordinator make states of partitions. */
  initializeStates(states: StatesToInitialize): void;
}

/** A request of one kind, with its way back. */
export interface Call<K extends GroupRequestKind> {
  readonly context: GroupRequestContext;
  readonly request: GroupRequest<K>;
  readonly reply: Reply<GroupResponse<K>>;
  readonly nowMs: number;
}

/** Validates a request, hands it to its shard, and shapes the answer. */
export type Handler<K extends GroupRequestKind> = (front: Front, call: Call<K>) => void;

/** Calls `respond` with the response, or with the error there is instead. */
export function either<R>(
  onResponse: (response: R) => void,
  onError: (error: ErrorCode, message: string | null) => void,
): Completion<R> {
  return (error, response, _nowMs, message) =>
    response === null ? onError(error, message ?? null) : onResponse(response);
}
