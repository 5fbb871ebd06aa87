/**
 * The share partitions of this broker, by group: made when a member first fetches, gone when the broker leads no more or the group is empty.
 *
 * Source: kafka.server.share.SharePartitionManager, SharePartitionCache.
 */
import type { Clock } from '@skarab/base';
import type { AcknowledgementBatch, ShareProblem } from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { ShareGroupSettings } from './share-group-settings.ts';
import { SharePartitionHost } from './share-partition-host.ts';
import type { SharePersister } from './share-persister.ts';
import { type TopicIdPartition, textOf } from './topic-id-partition.ts';

/** What the manager is made of. */
export interface SharePartitionManagerOptions {
  readonly replicas: ReplicaSet;
  readonly settings: (groupId: string) => ShareGroupSettings;
  readonly persister: SharePersister;
  readonly clock: Clock;
}

/** Errors after which a share partition is made anew. */
const FENCING: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.FENCED_STATE_EPOCH,
  ErrorCode.GROUP_ID_NOT_FOUND,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
]);
const NOT_HERE: ShareProblem = {
  error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  message: 'This server does not host this topic-partition.',
};

export class SharePartitionManager {
  readonly #options: SharePartitionManagerOptions;
  readonly #groups = new Map<string, Map<string, SharePartitionHost>>();
  /** Of share partitions that are gone, what they write still, by group and partition. */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(options: SharePartitionManagerOptions) {
    this.#options = options;
  }

  /** How many share partitions there are. */
  get size(): number {
    let size = 0;
    for (const hosts of this.#groups.values()) size += hosts.size;
    return size;
  }

  settings(groupId: string): ShareGroupSettings {
    return this.#options.settings(groupId);
  }

  /** The share partition if it is known and current. */
  get(groupId: string, at: TopicIdPartition): SharePartitionHost | undefined {
    const host = this.#groups.get(groupId)?.get(textOf(at));
    if (host === undefined || host.isCurrent) return host;
    this.#remove(host);
    return undefined;
  }

  /** The share partition, made and being filled when it was not known; or the error of a partition that is not led here. */
  getOrCreate(groupId: string, at: TopicIdPartition): SharePartitionHost | ErrorCode {
    const known = this.get(groupId, at);
    if (known !== undefined) return known;
    const { replicas, settings, persister, clock } = this.#options;
    const replica = at.topic === null ? undefined : replicas.get(at.topic, at.partition);
    if (replica === undefined || replica.topicId !== at.topicId) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
    const error = replica.checkLeaderEpoch(-1);
    if (error !== ErrorCode.NONE) return error as ErrorCode;
    const host = new SharePartitionHost({
      key: { groupId, topicId: at.topicId, partition: at.partition },
      replica,
      settings: () => settings(groupId),
      persister,
      writtenBefore: this.#writing.get(keyOf(groupId, textOf(at))) ?? Promise.resolve(),
      onFailed: (failed) => this.#remove(failed),
      clock,
    });
    let hosts = this.#groups.get(groupId);
    if (hosts === undefined) {
      hosts = new Map();
      this.#groups.set(groupId, hosts);
    }
    hosts.set(textOf(at), host);
    return host;
  }

  /** What a member says about records of one partition; null when it is persisted. */
  acknowledge(
    groupId: string,
    memberId: string,
    at: TopicIdPartition,
    batches: readonly AcknowledgementBatch[],
  ): Promise<ShareProblem | null> {
    return this.#change(groupId, at, (host, complete) =>
      host.tell((shares, nowMs) => shares.acknowledge(memberId, batches, complete, nowMs)),
    );
  }

  /** Gives back what a member has of one partition. */
  release(groupId: string, memberId: string, at: TopicIdPartition): Promise<ShareProblem | null> {
    return this.#change(groupId, at, (host, complete) => host.tell((shares) => shares.release(memberId, complete)));
  }

  #change(
    groupId: string,
    at: TopicIdPartition,
    start: (host: SharePartitionHost, complete: (problem: ShareProblem | null) => void) => void,
  ): Promise<ShareProblem | null> {
    const host = this.get(groupId, at);
    if (host === undefined) return Promise.resolve(NOT_HERE);
    return new Promise((resolve) =>
      start(host, (problem) => {
        if (problem !== null) this.onProblem(host, problem.error);
        resolve(problem);
      }),
    );
  }

  /** Makes a share partition anew at the next fetch, where an error says that it is not what it should be. */
  onProblem(host: SharePartitionHost, error: ErrorCode): void {
    if (FENCING.has(error)) this.#remove(host);
  }

  /** No member of the group is connected. */
  onGroupEmpty(groupId: string): void {
    for (const host of [...(this.#groups.get(groupId)?.values() ?? [])]) this.#remove(host);
  }

  /** Share groups are disabled, or the broker stops. */
  removeAll(): void {
    for (const groupId of [...this.#groups.keys()]) this.onGroupEmpty(groupId);
  }

  #remove(host: SharePartitionHost): void {
    const { groupId } = host.key;
    const hosts = this.#groups.get(groupId);
    const at = textOf(host.key);
    if (hosts?.get(at) !== host) return;
    hosts.delete(at);
    if (hosts.size === 0) this.#groups.delete(groupId);
    host.fence();
    this.#keepWriting(keyOf(groupId, at), host.written);
  }

  #keepWriting(key: string, written: Promise<void>): void {
    this.#writing.set(key, written);
    void written.then(() => {
      if (this.#writing.get(key) === written) this.#writing.delete(key);
    });
  }
}

const keyOf = (groupId: string, at: string): string => `${groupId}\u0000${at}`;
