/**
 * What a raft core is told. Inputs come in one after the other; the effects of each are carried out before the next one.
 *
 * The two exceptions are `appended` and `flushed`, which tell what carrying out has brought about.
 */
import type { ElectionState } from './election-state.ts';
import type { OffsetAndEpoch } from './offset-and-epoch.ts';
import type { NodeAddress, RaftRequest, RaftResponse, RequestContext } from './raft-messages.ts';

/** What happened. */
export type RaftInput =
  /** The node starts with the log it can see and this memory of elections. */
  | { readonly kind: 'start'; readonly election: ElectionState | null }
  /** The log is longer than before; not yet durable. */
  | { readonly kind: 'appended' }
  /** The log is durable up to `endOffset`. */
  | { readonly kind: 'flushed'; readonly endOffset: number }
  /** A snapshot of the leader is here, and has taken the place of the whole log. */
  | { readonly kind: 'snapshotLoaded'; readonly id: OffsetAndEpoch }
  /** Another node asks; the answer will bear the token. */
  | {
      readonly kind: 'request';
      readonly token: number;
      readonly context: RequestContext;
      readonly request: RaftRequest;
    }
  /** The answer to a request that was sent, or what stands for one when there is none (see `RaftTransport`). */
  | {
      readonly kind: 'response';
      readonly requestId: number;
      readonly source: NodeAddress;
      readonly response: RaftResponse;
    }
  /** The state machine above does not want to lead `epoch` any more. */
  | { readonly kind: 'resign'; readonly epoch: number }
  /** The node is about to stop; a leader hands over first, and takes until `deadlineMs` for it. */
  | { readonly kind: 'shutdown'; readonly deadlineMs: number }
  /** It is time; see `nextDeadlineMs`. */
  | { readonly kind: 'tick' };
