/**
 * What a raft core wants done, in this order. What has to be on disk before an effect may be carried out is said at each effect.
 */
import type { ControlMessage } from './control-message.ts';
import type { ElectionState } from './election-state.ts';
import type { OffsetAndEpoch } from './offset-and-epoch.ts';
import type { NodeAddress, RaftRequest, RaftResponse } from './raft-messages.ts';

/** Bytes that the host puts into a response. */
export type ResponseBytes =
  /** Whole batches of the log from `offset` on, about `maxBytes` of them. */
  | { readonly kind: 'log'; readonly offset: number; readonly maxBytes: number }
  /** A piece of a snapshot. */
  | { readonly kind: 'snapshot'; readonly id: OffsetAndEpoch; readonly position: number; readonly maxBytes: number };

/** What to do. */
export type RaftEffect =
  /** Write `quorum-state`; it must be durable before anything after it is done. */
  | { readonly kind: 'storeElection'; readonly election: ElectionState }
  /** Append one control batch to the log, then report `appended`. */
  | { readonly kind: 'appendControl'; readonly epoch: number; readonly messages: readonly ControlMessage[] }
  /** The log begins a new epoch at `startOffset`. */
  | { readonly kind: 'beginEpoch'; readonly epoch: number; readonly startOffset: number }
  /** Append what the leader of `epoch` sent: batches that continue the log, none of a later epoch. Then report `appended`. */
  | { readonly kind: 'appendFetched'; readonly epoch: number; readonly records: Uint8Array }
  /** Everything from `offset` on is not part of the leader's log. */
  | { readonly kind: 'truncate'; readonly offset: number }
  /** Begin to write a snapshot of the leader's; what was begun before is given up. */
  | { readonly kind: 'beginSnapshot'; readonly id: OffsetAndEpoch }
  /** Write a piece of it. */
  | { readonly kind: 'appendSnapshot'; readonly position: number; readonly bytes: Uint8Array }
  /** It is complete: make it durable, put it in the place of the whole log, and report `snapshotLoaded`. */
  | { readonly kind: 'finishSnapshot'; readonly id: OffsetAndEpoch }
  /** Give up the snapshot that was begun. */
  | { readonly kind: 'abortSnapshot' }
  /** Everything before `offset` is committed. */
  | { readonly kind: 'advanceHighWatermark'; readonly offset: number }
  /** Who leads has changed; a new local leader may be told only when all before `epochStartOffset` has been delivered. */
  | {
      readonly kind: 'changeLeader';
      readonly leaderId: number | null;
      readonly epoch: number;
      readonly epochStartOffset: number;
    }
  /** Ask another node; the answer comes back as `response`. */
  | {
      readonly kind: 'send';
      readonly requestId: number;
      readonly destination: NodeAddress;
      readonly request: RaftRequest;
    }
  /** Answer a request. */
  | {
      readonly kind: 'respond';
      readonly token: number;
      readonly response: RaftResponse;
      readonly bytes: ResponseBytes | null;
    }
  /** Nothing holds this node back from stopping. */
  | { readonly kind: 'completeShutdown' };
