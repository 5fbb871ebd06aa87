/**
 * The state machine of one partition of `__share_group_state`: what each share group has persisted of the partitions that hash here.
 *
 * Deciders live in files of their own. All state is hard: a snapshot says everything about its key, updates are merged into it, a
 * tombstone ends it. Shape: decider and replayer. Source: org.apache.kafka.coordinator.share.ShareCoordinatorShard.
 */
import type { Uuid } from '@skarab/base';
import type { CoordinatorShard, ReplaySource, ShardEnvironment } from '../runtime/coordinator-shard.ts';
import { TimelineMap } from '../runtime/timeline-map.ts';
import type { ShareRecord, ShareSnapshotRecord, ShareUpdateRecord } from './records/share-record.ts';
import type { ShareCoordinatorConfig } from './share-coordinator-config.ts';
import { type SharePartitionKey, sharePartitionKeyText } from './share-partition-key.ts';
import { RedundantOffsets } from './state/redundant-offsets.ts';
import { offsetAfterUpdate, offsetFromSnapshot, type ShareGroupOffset } from './state/share-group-offset.ts';

/** The topics of the cluster, by id. */
export interface ShareTopicsView {
  /** How many partitions a topic has; null when there is no such topic. */
  partitionCountOf(topicId: Uuid): number | null;
}

/** Everything that is known of one key. Replaced, never changed. */
export interface SharePartitionState {
  readonly key: SharePartitionKey;
  readonly offset: ShareGroupOffset;
  /** The highest epochs seen; requests below them are fenced. The state epoch is null until a snapshot names it. */
  readonly leaderEpoch: number;
  readonly stateEpoch: number | null;
  /** Updates since the last snapshot that was written because there were too many. */
  readonly updateCount: number;
}

/** One partition's share-group state. */
export class ShareStateShard implements CoordinatorShard<ShareRecord> {
  readonly config: ShareCoordinatorConfig;
  readonly topics: ShareTopicsView;
  readonly redundantOffsets: RedundantOffsets;
  readonly #states: TimelineMap<string, SharePartitionState>;

  constructor(environment: ShardEnvironment<ShareRecord>, config: ShareCoordinatorConfig, topics: ShareTopicsView) {
    this.config = config;
    this.topics = topics;
    this.redundantOffsets = new RedundantOffsets(environment.timeline);
    this.#states = new TimelineMap(environment.timeline);
  }

  /** The state of a key, the uncommitted writes included. */
  get(key: SharePartitionKey): SharePartitionState | undefined {
    return this.#states.get(sharePartitionKeyText(key));
  }

  states(): MapIterator<SharePartitionState> {
    return this.#states.values();
  }

  replay(record: ShareRecord, source: ReplaySource): void {
    const keyText = sharePartitionKeyText(record.key);
    if (record.type === 'shareUpdate') this.#replayUpdate(keyText, record);
    else this.#replaySnapshot(keyText, record, source.offset);
  }

  #replaySnapshot(keyText: string, { key, value }: ShareSnapshotRecord, offset: number): void {
    if (value === null) this.#states.delete(keyText);
    else {
      const before = this.#states.get(keyText);
      const updateCount = before?.updateCount ?? 0;
      this.#states.set(keyText, {
        key,
        offset: offsetFromSnapshot(value),
        leaderEpoch: Math.max(before?.leaderEpoch ?? value.leaderEpoch, value.leaderEpoch),
        stateEpoch: Math.max(before?.stateEpoch ?? value.stateEpoch, value.stateEpoch),
        // A snapshot for another reason does not start the count again.
        updateCount: updateCount >= this.config.snapshotUpdateRecordsPerSnapshot ? 0 : updateCount,
      });
    }
    this.redundantOffsets.onSnapshot(keyText, offset, value === null);
  }

  #replayUpdate(keyText: string, { key, value }: ShareUpdateRecord): void {
    const before = this.#states.get(keyText);
    this.#states.set(keyText, {
      key,
      offset: offsetAfterUpdate(before?.offset, value),
      leaderEpoch: Math.max(before?.leaderEpoch ?? value.leaderEpoch, value.leaderEpoch),
      stateEpoch: before?.stateEpoch ?? null,
      updateCount: (before?.updateCount ?? 0) + 1,
    });
  }

  /** Nothing here is written in transactions. */
  replayEndTransactionMarker(): void {}

  /** No timers of its own, and nobody is parked here. */
  onLoaded(): void {}

  onUnloaded(): void {}
}
