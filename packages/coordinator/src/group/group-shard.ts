/**
 * The state machine of one partition of `__consumer_offsets`: groups of every type, and their offsets.
 *
 * Deciders live in files of their own; here is what replays, what happens at loading and unloading, and the cycle that expires offsets and
 * empty groups. Shape: decider and replayer. Source: org.apache.kafka.coordinator.group.GroupCoordinatorShard.
 */
import {
  type DeletableGroupResult,
  ErrorCode,
  type GroupMetadataValue,
  newDeletableGroupResult,
  newJoinGroupResponse,
  newSyncGroupResponse,
} from '@skarab/protocol';
import type { CoordinatorShard, ReplaySource, ShardEnvironment } from '../runtime/coordinator-shard.ts';
import { type Decision, decided, decidedInParts } from '../runtime/decision.ts';
import { ClassicGroup } from './classic/classic-group.ts';
import { prepareRebalance } from './classic/rebalance.ts';
import { keepSession } from './classic/session.ts';
import { expireSession } from './classic/session-expiry.ts';
import { ConsumerGroup } from './consumer/consumer-group.ts';
import { MemberState } from './consumer/consumer-member.ts';
import { fenceOverdueMember } from './consumer/fence-members.ts';
import { replayConsumerGroupRecord } from './consumer/replay.ts';
import { awaitRevocation, keepConsumerSession } from './consumer/sessions.ts';
import { GroupRegistry } from './group-registry.ts';
import type { ClusterChange, ClusterImage } from './metadata/cluster-image.ts';
import { SubscribedTopicsIndex } from './metadata/subscribed-topics-index.ts';
import { allOffsetTombstones, type DeletedTopic, deletedTopicTombstones } from './offsets/delete-offsets.ts';
import { expireOffsets } from './offsets/expire-offsets.ts';
import { offsetFromRecord } from './offsets/offset-and-metadata.ts';
import { OffsetStore } from './offsets/offset-store.ts';
import type { GroupRecord, OffsetCommitRecord } from './records/group-record.ts';
import { isStreamsGroupRecord } from './records/streams-group-records.ts';
import type { ShardParts } from './shard-parts.ts';
import { withoutDeletedTopics } from './share/offsets.ts';
import { replayShareGroupRecord } from './share/replay.ts';
import { keepShareSession } from './share/sessions.ts';
import { ShareGroup } from './share/share-group.ts';
import { replayStreamsGroupRecord } from './streams/replay.ts';
import { resumeStreamsGroup } from './streams/sessions.ts';
import { StreamsGroup } from './streams/streams-group.ts';
import { endInitialWait } from './streams/target-tasks.ts';

const EXPIRATION_KEY = 'expire-group-metadata';

/** What all shards of a coordinator share. */
export interface ShardSettings extends Pick<ShardParts, 'config' | 'groupConfigs' | 'assignors' | 'random'> {
  /** The newest image. */
  readonly image: () => ClusterImage;
}

/** One partition's groups and offsets. */
export class GroupShard implements CoordinatorShard<GroupRecord> {
  /** What the deciders work on. */
  readonly parts: ShardParts;

  readonly #image: () => ClusterImage;

  constructor(environment: ShardEnvironment<GroupRecord>, { image, ...settings }: ShardSettings) {
    const { timeline, timers, logger } = environment;
    this.#image = image;
    this.parts = {
      ...settings,
      registry: new GroupRegistry(timeline),
      offsets: new OffsetStore(timeline),
      topics: new SubscribedTopicsIndex(timeline),
      initializationsSinceMs: new Map(),
      timeline,
      timers,
      logger,
      onClassicSessionExpired: (groupId, memberId, nowMs) => expireSession(this.parts, groupId, memberId, nowMs),
      onConsumerMemberOverdue: (...overdue) => fenceOverdueMember(this.parts, ...overdue),
    };
  }

  replay(record: GroupRecord, source: ReplaySource): void {
    switch (record.type) {
      case 'offsetCommit':
        this.#replayOffsetCommit(record, source);
        break;
      case 'groupMetadata':
        this.#replayGroupMetadata(record.key.group, record.value);
        break;
      case 'shareGroupMetadata':
      case 'shareGroupMemberMetadata':
      case 'shareGroupTargetAssignmentMetadata':
      case 'shareGroupTargetAssignmentMember':
      case 'shareGroupCurrentMemberAssignment':
      case 'shareGroupStatePartitionMetadata':
        replayShareGroupRecord(this.parts, record);
        break;
      default:
        if (isStreamsGroupRecord(record)) replayStreamsGroupRecord(this.parts, record);
        else replayConsumerGroupRecord(this.parts, record);
    }
  }

  #replayOffsetCommit({ key, value }: OffsetCommitRecord, { offset, producerId }: ReplaySource): void {
    const { group, topic, partition } = key;
    const { offsets, registry } = this.parts;
    if (value === null) {
      offsets.delete(group, topic, partition);
      return;
    }
    registry.getOrCreateSimple(group);
    const committed = offsetFromRecord(value, offset);
    if (producerId === -1) offsets.put(group, topic, partition, committed);
    else offsets.putPending(group, topic, partition, committed, producerId);
  }

  #replayGroupMetadata(groupId: string, value: GroupMetadataValue | null): void {
    if (value === null) this.parts.registry.delete(groupId);
    else this.parts.registry.put(ClassicGroup.fromRecord(groupId, value));
  }

  replayEndTransactionMarker(producerId: number, isCommit: boolean): void {
    this.parts.offsets.endTransaction(producerId, isCommit);
  }

  onLoaded(nowMs: number): void {
    this.onMetadataUpdate(this.#image(), { hasCreatedTopics: false, changedTopics: [], deletedTopics: [] });
    for (const group of this.parts.registry.values())
      if (group instanceof ClassicGroup) this.#resume(group, nowMs);
      else if (group instanceof ConsumerGroup) this.#resumeConsumers(group, nowMs);
      else if (group instanceof ShareGroup)
        for (const memberId of group.members.keys()) keepShareSession(this.parts, group.groupId, memberId, nowMs);
      else if (group instanceof StreamsGroup) resumeStreamsGroup(this.parts, group, nowMs);
    this.#scheduleExpiration(nowMs);
  }

  /** The cluster's topics have changed; groups that subscribe to some of them look at them at their next heartbeat. */
  onMetadataUpdate(image: ClusterImage, change: ClusterChange): void {
    const { topics, registry } = this.parts;
    for (const groupId of topics.update(image, change)) registry.get(groupId)?.requestMetadataRefresh();
  }

  #resumeConsumers(group: ConsumerGroup, nowMs: number): void {
    const { groupId } = group;
    const { sessionTimeoutMs } = this.parts.groupConfigs.consumer(groupId);
    for (const member of group.orderedMembers()) {
      keepConsumerSession(this.parts, groupId, member.memberId, sessionTimeoutMs, nowMs);
      if (member.state === MemberState.UNREVOKED_PARTITIONS) awaitRevocation(this.parts, groupId, member, nowMs);
    }
  }

  #resume(group: ClassicGroup, nowMs: number): void {
    const { config } = this.parts;
    for (const member of group.members.values()) keepSession(this.parts, group, member, nowMs);
    const { groupId } = group;
    const size = group.members.size;
    if (size <= config.maxSize) return;
    // The limit was lowered while the group was elsewhere. Nobody has joined, so nothing is decided yet.
    const reason = `Freshly-loaded group ${groupId} (size ${size}) is over capacity ${config.maxSize}. Rebalancing in order to give a chance for consumers to commit offsets`;
    prepareRebalance(this.parts, group, reason, nowMs);
  }

  onUnloaded(nowMs: number): void {
    const errorCode = ErrorCode.NOT_COORDINATOR;
    for (const group of this.parts.registry.values()) {
      if (!(group instanceof ClassicGroup)) continue;
      group.transitionTo('Dead', nowMs);
      for (const member of group.members.values()) {
        group.completeJoin(member, newJoinGroupResponse({ memberId: member.memberId, errorCode }));
        group.completeSync(member, newSyncGroupResponse({ errorCode }));
      }
    }
  }

  /** Decides DeleteGroups for the groups of this shard. */
  deleteGroups(groupIds: readonly string[]): Decision<DeletableGroupResult[], GroupRecord> {
    const { registry, offsets, logger } = this.parts;
    const records: GroupRecord[] = [];
    const results = groupIds.map((groupId) => {
      const group = registry.get(groupId);
      const errorCode = group?.validateDeleteGroup() ?? ErrorCode.GROUP_ID_NOT_FOUND;
      if (group !== undefined && errorCode === ErrorCode.NONE) {
        for (const record of allOffsetTombstones(offsets, groupId)) records.push(record);
        records.push(...group.tombstones());
        endInitialWait(this.parts, groupId);
        logger.info({ groupId }, 'deleting group');
      }
      return newDeletableGroupResult({ groupId, errorCode });
    });
    return decided(records, results);
  }

  /** Decides what goes with deleted topics. */
  onTopicsDeleted(topics: readonly DeletedTopic[]): Decision<null, GroupRecord> {
    const topicIds = new Set(topics.map(({ id }) => id));
    const { offsets } = this.parts;
    return decidedInParts([...deletedTopicTombstones(offsets, topics), ...withoutDeletedTopics(this.parts, topicIds)]);
  }

  #scheduleExpiration(nowMs: number): void {
    const { offsetsRetentionCheckIntervalMs: intervalMs } = this.parts.config;
    this.parts.timers.schedule(EXPIRATION_KEY, nowMs + intervalMs, intervalMs, (dueMs) => this.#expire(dueMs));
  }

  /** Offsets whose retention is over go; so does an empty group that has none left. */
  #expire(nowMs: number): Decision<null, GroupRecord> {
    const records: GroupRecord[] = [];
    for (const group of this.parts.registry.values()) {
      const { tombstones, isNothingLeft } = expireOffsets(this.parts, group, nowMs);
      for (const record of tombstones) records.push(record);
      if (!isNothingLeft || !group.isEmpty) continue;
      records.push(...group.tombstones());
      endInitialWait(this.parts, group.groupId);
    }
    if (records.length > 0) this.parts.logger.info({ count: records.length }, 'expired offsets and empty groups');
    this.#scheduleExpiration(nowMs);
    return decidedInParts(records);
  }
}
