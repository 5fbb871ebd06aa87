/**
 * A share group: members that share the partitions of the topics they subscribe to (KIP-932). All of it is hard state.
 *
 * Source: org.apache.kafka.coordinator.group.modern.share.ShareGroup.
 */
import { ErrorCode, type ListedGroup, newListedGroup } from '@skarab/protocol';
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';
import { TimelineValue } from '../../runtime/timeline-value.ts';
import { type Assignment, NO_PARTITIONS } from '../consumer/assignment.ts';
import { TopicSubscriptions } from '../consumer/subscription-counts.ts';
import type { Group } from '../group.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { shareGroupTombstones } from '../records/share-group-records.ts';
import type { ShareMember } from './share-member.ts';
import { NO_STATES, type ShareStatePartitions } from './state-partitions.ts';

/** The epoch of the target assignment, and when it was made. */
export interface ShareTargetMetadata {
  readonly epoch: number;
  readonly timestampMs: number;
}

/** One share group. */
export class ShareGroup implements Group {
  readonly type = 'share';
  readonly groupId: string;
  readonly members: TimelineMap<string, ShareMember>;
  readonly targets: TimelineMap<string, Assignment>;
  readonly subscriptions: TopicSubscriptions;
  readonly epoch: TimelineValue<{ readonly groupEpoch: number; readonly metadataHash: bigint }>;
  readonly target: TimelineValue<ShareTargetMetadata>;
  /** Null: nothing was ever asked of the share coordinator. */
  readonly states: TimelineValue<ShareStatePartitions | null>;
  /** Soft: topics are looked at anew when it is set, or when the group epoch is below this one (a write was taken back). */
  #metadataEpoch: number | null = null;

  constructor(groupId: string, timeline: Timeline) {
    this.groupId = groupId;
    this.members = new TimelineMap(timeline);
    this.targets = new TimelineMap(timeline);
    this.subscriptions = TopicSubscriptions.onTimeline(timeline);
    this.epoch = new TimelineValue(timeline, { groupEpoch: 1, metadataHash: 0n });
    this.target = new TimelineValue<ShareTargetMetadata>(timeline, { epoch: 1, timestampMs: 0 });
    this.states = new TimelineValue<ShareStatePartitions | null>(timeline, null);
  }

  get groupEpoch(): number {
    return this.epoch.get().groupEpoch;
  }

  get statePartitions(): ShareStatePartitions {
    return this.states.get() ?? NO_STATES;
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  /** As of the last commit. */
  get stateName(): string {
    for (const _member of this.members.committedEntries()) return 'Stable';
    return 'Empty';
  }

  targetOf(memberId: string): Assignment {
    return this.targets.get(memberId) ?? NO_PARTITIONS;
  }

  putMember(member: ShareMember): void {
    const before = this.members.get(member.memberId);
    if (before !== undefined) this.subscriptions.removeNames(before.subscribedTopicNames);
    this.subscriptions.addNames(member.subscribedTopicNames);
    this.members.set(member.memberId, member);
  }

  removeMember(memberId: string): void {
    const before = this.members.get(memberId);
    if (before === undefined) return;
    this.subscriptions.removeNames(before.subscribedTopicNames);
    this.members.delete(memberId);
  }

  /** The metadata of `groupEpoch` was looked at. */
  onMetadataSeen(groupEpoch: number): void {
    this.#metadataEpoch = groupEpoch;
  }

  requestMetadataRefresh(): void {
    this.#metadataEpoch = null;
  }

  get hasMetadataExpired(): boolean {
    return this.#metadataEpoch === null || this.groupEpoch < this.#metadataEpoch;
  }

  asListedGroup(): ListedGroup {
    const { groupId, type, stateName } = this;
    return newListedGroup({ groupId, protocolType: type, groupState: stateName, groupType: type });
  }

  validateOffsetCommit(): ErrorCode {
    return ErrorCode.GROUP_ID_NOT_FOUND;
  }

  validatePartitionCommit(): ErrorCode {
    return ErrorCode.NONE;
  }

  validateOffsetFetch(): ErrorCode {
    return ErrorCode.GROUP_ID_NOT_FOUND;
  }

  validateOffsetDelete(): ErrorCode {
    return ErrorCode.GROUP_ID_NOT_FOUND;
  }

  validateDeleteGroup(): ErrorCode {
    return this.isEmpty ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  isSubscribedToTopic(topic: string): boolean {
    return this.subscriptions.has(topic);
  }

  /** It has no committed offsets. */
  retentionBase(): null {
    return null;
  }

  tombstones(): GroupRecord[] {
    return shareGroupTombstones(this.groupId, [...this.members.keys()]);
  }
}
