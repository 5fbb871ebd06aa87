/**
 * The share sessions of this broker: one per member, bound to its connection, up to a limit.
 *
 * Source: org.apache.kafka.server.share.session.ShareSessionCache, SharePartitionManager.newContext and acknowledgeSessionUpdate.
 */
import { ErrorCode } from '@skarab/protocol';
import { FINAL_EPOCH, INITIAL_EPOCH, nextEpoch, ShareSession } from './share-session.ts';
import type { TopicIdPartition } from './topic-id-partition.ts';

/** What a fetch says about its session. */
export interface SessionRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly epoch: number;
  readonly connectionId: string;
  readonly partitions: readonly TopicIdPartition[];
  readonly forgotten: readonly TopicIdPartition[];
  readonly hasAcknowledgements: boolean;
}

/** What a fetch has to do with its session. */
export interface SessionFetch {
  readonly session: ShareSession;
  readonly kind: 'first' | 'next' | 'final';
}

/** Told what ends with connections. */
export interface ShareSessionListener {
  /** A member is gone without a word. */
  onMemberGone(session: ShareSession): void;
  /** The last member of a group is gone. */
  onGroupEmpty(groupId: string): void;
}

export class ShareSessionCache {
  readonly #maxSessions: number;
  readonly #listener: ShareSessionListener;
  readonly #sessions = new Map<string, ShareSession>();
  /** The last session that began on each connection; it may be over. */
  readonly #byConnection = new Map<string, ShareSession>();
  readonly #memberCounts = new Map<string, number>();

  constructor(maxSessions: number, listener: ShareSessionListener) {
    this.#maxSessions = maxSessions;
    this.#listener = listener;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The session of a fetch, begun, updated or about to end; or an error. */
  onFetch(request: SessionRequest): SessionFetch | ErrorCode {
    const { groupId, memberId, epoch } = request;
    const known = this.#sessions.get(keyOf(groupId, memberId));
    if (epoch === INITIAL_EPOCH) return this.#begin(request, known);
    if (known === undefined) return ErrorCode.SHARE_SESSION_NOT_FOUND;
    if (epoch === FINAL_EPOCH) return { session: known, kind: 'final' };
    if (known.epoch !== epoch) return ErrorCode.INVALID_SHARE_SESSION_EPOCH;
    known.update(request.partitions, request.forgotten);
    known.epoch = nextEpoch(epoch);
    return { session: known, kind: 'next' };
  }

  #begin(request: SessionRequest, known: ShareSession | undefined): SessionFetch | ErrorCode {
    if (request.hasAcknowledgements) return ErrorCode.INVALID_REQUEST;
    if (known !== undefined) this.remove(known);
    if (this.#sessions.size >= this.#maxSessions) return ErrorCode.SHARE_SESSION_LIMIT_REACHED;
    const { groupId, memberId, connectionId, partitions } = request;
    const session = new ShareSession(groupId, memberId, connectionId, partitions);
    this.#sessions.set(keyOf(groupId, memberId), session);
    this.#byConnection.set(connectionId, session);
    this.#memberCounts.set(groupId, (this.#memberCounts.get(groupId) ?? 0) + 1);
    return { session, kind: 'first' };
  }

  /** The session of an acknowledgement, or an error. */
  onAcknowledge(groupId: string, memberId: string, epoch: number): ShareSession | ErrorCode {
    if (epoch === INITIAL_EPOCH) return ErrorCode.INVALID_SHARE_SESSION_EPOCH;
    const known = this.#sessions.get(keyOf(groupId, memberId));
    if (known === undefined) return ErrorCode.SHARE_SESSION_NOT_FOUND;
    if (epoch === FINAL_EPOCH) return known;
    if (known.epoch !== epoch) return ErrorCode.INVALID_SHARE_SESSION_EPOCH;
    known.epoch = nextEpoch(epoch);
    return known;
  }

  /** Whether a session was still there to be removed. */
  remove(session: ShareSession): boolean {
    const key = keyOf(session.groupId, session.memberId);
    if (this.#sessions.get(key) !== session) return false;
    this.#sessions.delete(key);
    this.#memberCounts.set(session.groupId, (this.#memberCounts.get(session.groupId) ?? 1) - 1);
    return true;
  }

  /** A connection is over, and with it the session that began on it. */
  onDisconnected(connectionId: string): void {
    const session = this.#byConnection.get(connectionId);
    if (session === undefined) return;
    this.#byConnection.delete(connectionId);
    const { groupId } = session;
    if (this.remove(session)) this.#listener.onMemberGone(session);
    if ((this.#memberCounts.get(groupId) ?? 0) > 0) return;
    this.#memberCounts.delete(groupId);
    this.#listener.onGroupEmpty(groupId);
  }

  /** Share groups are disabled. */
  clear(): void {
    this.#sessions.clear();
    this.#memberCounts.clear();
  }
}

const keyOf = (groupId: string, memberId: string): string => `${memberId}\u0000${groupId}`;
