/**
 * The share coordinator of one broker: keeps what share groups persist. Every request comes in here, and every effect goes out.
 *
 * Splits requests by partition, hands each to the shard its key hashes to, and puts the answers together in the order of the request.
 * While share groups are enabled, cold states get new snapshots and the logs are pruned, each at its interval.
 * Shape: decider and replayer. Source: org.apache.kafka.coordinator.share.ShareCoordinatorService.
 */
import type { Logger, Uuid } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { writeErrorToResponse } from '../group/write-error.ts';
import { Coordinator } from '../runtime/coordinator.ts';
import { CoordinatorRuntime } from '../runtime/coordinator-runtime.ts';
import { answered } from '../runtime/decision.ts';
import type { RuntimeEffect } from '../runtime/effects.ts';
import { earliest } from '../runtime/partition-context.ts';
import { deleteStatesOf } from './deciders/delete-state.ts';
import { snapshotColdPartitions } from './deciders/snapshot-cold-partitions.ts';
import type { StateResult } from './deciders/state-result.ts';
import { shareErrorText } from './error-texts.ts';
import type { ShareRecord } from './records/share-record.ts';
import { shareRecordSerde } from './records/share-record-serde.ts';
import type { ShareCoordinatorConfig } from './share-coordinator-config.ts';
import type {
  SharePartitionRequest,
  ShareStateRequest,
  ShareStateRequestKind,
  ShareStateResponse,
} from './share-coordinator-requests.ts';
import { partitionForSharePartition, type SharePartitionKey } from './share-partition-key.ts';
import { refuseShareStateRequest, shareStateOperations } from './share-state-operations.ts';
import { ShareStateShard, type ShareTopicsView } from './share-state-shard.ts';

/** Send the response of the request with this token. */
export interface ShareRespondEffect {
  readonly type: 'respond';
  readonly token: number;
  readonly response: ShareStateResponse<ShareStateRequestKind>;
}

/** Nothing below `offset` of the partition's log is needed any more: delete it, best effort. */
export interface PruneEffect {
  readonly type: 'prune';
  readonly partition: number;
  readonly offset: number;
}

/** Everything that the host must do for the share coordinator. */
export type ShareCoordinatorEffect = RuntimeEffect | ShareRespondEffect | PruneEffect;

/** What a share coordinator is made of. */
export interface ShareCoordinatorOptions {
  readonly config: ShareCoordinatorConfig;
  /** How many partitions `__share_group_state` has; never changes. */
  readonly partitionCount: number;
  /** `max.message.bytes` of `__share_group_state` now. */
  readonly maxBatchBytes: () => number;
  readonly topics: ShareTopicsView;
  readonly logger: Logger;
}

/** The share coordinator of one broker. */
export class ShareCoordinator extends Coordinator<ShareStateShard, ShareRecord, ShareCoordinatorEffect> {
  readonly #options: ShareCoordinatorOptions;
  protected override readonly runtime: CoordinatorRuntime<ShareStateShard, ShareRecord>;
  /** The offset each partition was last pruned to. */
  readonly #pruned = new Map<number, number>();
  #nextPruneMs: number | null = null;
  #nextSnapshotMs: number | null = null;

  constructor(options: ShareCoordinatorOptions) {
    super();
    const { config, topics, maxBatchBytes, logger } = options;
    this.#options = options;
    this.runtime = new CoordinatorRuntime({
      createShard: (environment) => new ShareStateShard(environment, config, topics),
      serde: shareRecordSerde,
      writeTimeoutMs: config.writeTimeoutMs,
      appendLingerMs: config.appendLingerMs,
      maxBatchBytes,
      emit: (effect) => this.emit(effect),
      logger,
    });
  }

  /** The partition of `__share_group_state` whose leader keeps a key. */
  partitionFor(key: SharePartitionKey): number {
    return partitionForSharePartition(key, this.#options.partitionCount);
  }

  /** Takes a request; its response is an effect with the same token, now or later, exactly once. */
  handleRequest<K extends ShareStateRequestKind>(
    kind: K,
    request: ShareStateRequest<K>,
    token: number,
    nowMs: number,
  ): void {
    const respond = (response: ShareStateResponse<K>): void => {
      this.emit({ type: 'respond', token, response });
    };
    const operation = shareStateOperations[kind];
    const hasEmptyTopic =
      !operation.skipsEmptyTopics && request.topics.some(({ partitions }) => partitions.length === 0);
    if (this.isShutDown) {
      const text = 'Share coordinator is not available.';
      respond(refuseShareStateRequest(kind, request, ErrorCode.COORDINATOR_NOT_AVAILABLE, text));
    } else if (request.groupId === '' || request.topics.length === 0 || hasEmptyTopic)
      respond({ results: [] } as ShareStateResponse<K>);
    else this.#handleTopics(kind, request, respond, nowMs);
  }

  #handleTopics<K extends ShareStateRequestKind>(
    kind: K,
    request: ShareStateRequest<K>,
    respond: (response: ShareStateResponse<K>) => void,
    nowMs: number,
  ): void {
    const { newResult } = shareStateOperations[kind];
    const topics = request.topics.filter(({ partitions }) => partitions.length > 0);
    const results = topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition }) => newResult({ partition, errorCode: 0, errorMessage: null })),
    }));
    let missing = results.reduce((count, { partitions }) => count + partitions.length, 0);
    const finish = (): void => respond({ results } as ShareStateResponse<K>);
    if (missing === 0) finish();
    for (const [topicIndex, { topicId, partitions }] of topics.entries()) {
      for (const [index, data] of partitions.entries()) {
        const key = { groupId: request.groupId, topicId, partition: data.partition };
        const complete = (result: StateResult): void => {
          results[topicIndex]!.partitions[index] = newResult(result);
          if (--missing === 0) finish();
        };
        this.#handlePartition(kind, key, data, complete, nowMs);
      }
    }
  }

  #handlePartition<K extends ShareStateRequestKind>(
    kind: K,
    key: SharePartitionKey,
    data: SharePartitionRequest<K>,
    complete: (result: StateResult) => void,
    nowMs: number,
  ): void {
    const { decide, description } = shareStateOperations[kind];
    this.runtime.write(
      this.partitionFor(key),
      (shard) => decide(shard, key, data, nowMs),
      (error, result) => {
        if (result !== null) return complete(result);
        const errorMessage = `${description}: ${shareErrorText(error)}`;
        complete({ partition: key.partition, errorCode: writeErrorToResponse(error), errorMessage });
      },
      nowMs,
    );
  }

  /** Share groups are enabled in the cluster, or not: the upkeep of the logs runs only while they are. */
  onFeatureChanged(isEnabled: boolean, nowMs: number): void {
    if (isEnabled === (this.#nextPruneMs !== null)) return;
    const { pruneIntervalMs, coldPartitionSnapshotIntervalMs } = this.#options.config;
    this.#nextPruneMs = isEnabled ? nowMs + pruneIntervalMs : null;
    this.#nextSnapshotMs = isEnabled ? nowMs + coldPartitionSnapshotIntervalMs : null;
  }

  /** It no longer does as of `leaderEpoch`, or at all (null); what waits is answered NOT_COORDINATOR. */
  override onResigned(partition: number, leaderEpoch: number | null, nowMs: number): void {
    this.#pruned.delete(partition);
    super.onResigned(partition, leaderEpoch, nowMs);
  }

  /** What groups have persisted of these topics goes, in every shard here. */
  onTopicsDeleted(topicIds: ReadonlySet<Uuid>, nowMs: number): void {
    for (const partition of this.runtime.partitions())
      this.runtime.write(
        partition,
        (shard) => deleteStatesOf(shard, topicIds),
        () => {},
        nowMs,
      );
  }

  /** The time has come that `nextDeadlineMs` named. */
  override onTimer(nowMs: number): void {
    super.onTimer(nowMs);
    const { pruneIntervalMs, coldPartitionSnapshotIntervalMs } = this.#options.config;
    if (this.#nextPruneMs !== null && this.#nextPruneMs <= nowMs) {
      this.#nextPruneMs = nowMs + pruneIntervalMs;
      for (const partition of this.runtime.partitions()) this.#prune(partition, nowMs);
    }
    if (this.#nextSnapshotMs !== null && this.#nextSnapshotMs <= nowMs) {
      this.#nextSnapshotMs = nowMs + coldPartitionSnapshotIntervalMs;
      for (const partition of this.runtime.partitions())
        this.runtime.write(
          partition,
          (shard) => snapshotColdPartitions(shard, nowMs),
          () => {},
          nowMs,
        );
    }
  }

  /** Waits for what was written so far: an offset counts as redundant only when its successors are committed. */
  #prune(partition: number, nowMs: number): void {
    const complete = (_error: ErrorCode, offset: number | null): void => {
      if (offset === null || this.#pruned.get(partition) === offset) return;
      this.#pruned.set(partition, offset);
      this.emit({ type: 'prune', partition, offset });
    };
    this.runtime.write<number | null>(
      partition,
      (shard) => answered(shard.redundantOffsets.firstNeeded),
      complete,
      nowMs,
    );
  }

  /** When `onTimer` wants to be called next, or null. */
  override nextDeadlineMs(): number | null {
    return earliest(super.nextDeadlineMs(), earliest(this.#nextPruneMs, this.#nextSnapshotMs));
  }

  /** Answers everything that waits; requests after this are told COORDINATOR_NOT_AVAILABLE. */
  override shutdown(nowMs: number): void {
    this.onFeatureChanged(false, nowMs);
    super.shutdown(nowMs);
  }
}
