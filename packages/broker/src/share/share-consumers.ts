/**
 * What the APIs of share consumers work with: sessions, share partitions, and the end of both.
 */
import { ErrorCode } from '@skarab/protocol';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { Purgatory } from '../replica/purgatory.ts';
import type { SharePartitionManager } from './share-partition-manager.ts';
import type { ShareSession } from './share-session.ts';
import { ShareSessionCache } from './share-session-cache.ts';
import type { TopicIdPartition } from './topic-id-partition.ts';

/** What share consumers are served with. */
export interface ShareConsumersParts {
  readonly partitions: SharePartitionManager;
  readonly metadata: MetadataCache;
  readonly purgatory: Purgatory;
  /** `group.share.max.share.sessions` */
  readonly maxSessions: number;
  /** `fetch.max.bytes` */
  readonly maxBytes: () => number;
  /** Whether share groups are enabled in the cluster (`share.version`). */
  readonly isEnabled: () => boolean;
}

const MAX_MEMBER_ID_LENGTH = 36;

export class ShareConsumers {
  readonly partitions: SharePartitionManager;
  readonly sessions: ShareSessionCache;
  readonly metadata: MetadataCache;
  readonly purgatory: Purgatory;
  readonly #parts: ShareConsumersParts;

  constructor(parts: ShareConsumersParts) {
    this.#parts = parts;
    this.partitions = parts.partitions;
    this.metadata = parts.metadata;
    this.purgatory = parts.purgatory;
    this.sessions = new ShareSessionCache(parts.maxSessions, {
      onMemberGone: (session) => this.#release(session),
      onGroupEmpty: (groupId) => this.partitions.onGroupEmpty(groupId),
    });
  }

  /** Whether share groups are enabled in the cluster. */
  get isEnabled(): boolean {
    return this.#parts.isEnabled();
  }

  get maxBytes(): number {
    return this.#parts.maxBytes();
  }

  /** NONE, or why a request is not served at all. */
  refusalOf(groupId: string | null, memberId: string | null, mayRead: (groupId: string) => boolean): ErrorCode {
    if (!this.isEnabled) return ErrorCode.UNSUPPORTED_VERSION;
    if (groupId === null) return ErrorCode.INVALID_REQUEST;
    if (!mayRead(groupId)) return ErrorCode.GROUP_AUTHORIZATION_FAILED;
    const isMemberId = memberId !== null && memberId !== '' && memberId.length <= MAX_MEMBER_ID_LENGTH;
    return isMemberId ? ErrorCode.NONE : ErrorCode.INVALID_REQUEST;
  }

  /** The partition with its topic's name. */
  named(topicId: string, partition: number): TopicIdPartition {
    return { topicId, topic: this.metadata.topicById(topicId)?.name ?? null, partition };
  }

  exists({ topicId, partition }: TopicIdPartition): boolean {
    return this.metadata.topicById(topicId)?.partitions[partition] !== undefined;
  }

  /** A member ends its session: what it has goes back. */
  endSession(session: ShareSession): void {
    if (this.sessions.remove(session)) this.#release(session);
  }

  #release({ groupId, memberId, partitions }: ShareSession): void {
    for (const at of partitions) void this.partitions.release(groupId, memberId, at);
  }

  /** Share groups are enabled in the cluster, or not. */
  onFeatureChanged(isEnabled: boolean): void {
    if (isEnabled) return;
    this.sessions.clear();
    this.partitions.removeAll();
  }
}
