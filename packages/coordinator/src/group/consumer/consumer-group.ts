/**
 * A consumer group of the protocol of KIP-848: members, their subscription, the target assignment and how far members are.
 *
 * Hard state: everything is on the timeline and changes in replay only, but for the deadline of the next look at the metadata. What the log does
 * not hold (counts, owners of partitions) follows from members in `putMember` and `removeMember`.
 * Source: org.apache.kafka.coordinator.group.modern.consumer.ConsumerGroup, ModernGroup.
 */
import type { Uuid } from '@skarab/base';
import { ErrorCode, type ListedGroup, newListedGroup } from '@skarab/protocol';
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';
import { TimelineValue } from '../../runtime/timeline-value.ts';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/subscribed-topics.ts';
import type { CommitOrigin, Group, RetentionBase } from '../group.ts';
import { TimelineTableOrder } from '../java-hash-order.ts';
import { consumerGroupTombstones } from '../records/consumer-group-records.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { type Assignment, NO_PARTITIONS } from './assignment.ts';
import { type ConsumerMember, isReconciledTo, subscribedRegexOf } from './consumer-member.ts';
import { PartitionEpochs } from './partition-epochs.ts';
import { decrement, increment, TopicSubscriptions } from './subscription-counts.ts';
import { type SubscriptionType, subscriptionTypeOf } from './subscription-type.ts';
import { TargetAssignments } from './target-assignments.ts';

/** The states of a consumer group, by the names that are listed. */
export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

/** Which group epoch the target assignment is of, and when it was computed; 0 for never. */
export interface TargetMetadata {
  readonly epoch: number;
  readonly timestampMs: number;
}

/** What a regular expression matched, in which version of the metadata, and when that was found. */
export interface ResolvedRegex {
  readonly topics: readonly string[];
  readonly version: number;
  readonly timestampMs: number;
}

/** The target metadata of a group that is being deleted. */
export const NO_TARGET_EPOCH = -1;

/** One consumer group. */
export class ConsumerGroup implements Group {
  readonly type = 'consumer';
  readonly groupId: string;
  readonly members: TimelineMap<string, ConsumerMember>;
  readonly targets: TargetAssignments;
  readonly partitionEpochs: PartitionEpochs;
  readonly resolvedRegexes: TimelineMap<string, ResolvedRegex>;
  readonly subscriptions: TopicSubscriptions;
  /** Members by regular expression. */
  readonly regexCounts: TimelineMap<string, number>;
  /** Member ids by instance id. */
  readonly staticMembers: TimelineMap<string, string>;
  /** Members by the assignor that they prefer. */
  readonly assignorCounts: TimelineMap<string, number>;
  /** Whether the log holds the topics of the group in the form of versions before 4.1. */
  readonly hasSubscriptionMetadataRecord: TimelineValue<boolean>;
  readonly #groupEpoch: TimelineValue<number>;
  readonly #metadataHash: TimelineValue<bigint>;
  readonly #targetMetadata: TimelineValue<TargetMetadata>;
  readonly #subscriptionType: TimelineValue<SubscriptionType>;
  /** Classic members by the protocols that they support. */
  readonly #classicProtocolCounts: TimelineMap<string, number>;
  readonly #classicMemberCount: TimelineValue<number>;
  readonly #order = new TimelineTableOrder();
  /** Soft: the metadata is looked at anew from this time on, or when the group epoch is below this one (a write was taken back). */
  #metadataRefresh = { deadlineMs: 0, epoch: 0 };

  constructor(groupId: string, timeline: Timeline) {
    this.groupId = groupId;
    this.members = new TimelineMap(timeline);
    this.targets = new TargetAssignments(timeline);
    this.partitionEpochs = new PartitionEpochs(timeline);
    this.resolvedRegexes = new TimelineMap(timeline);
    this.subscriptions = TopicSubscriptions.onTimeline(timeline);
    this.regexCounts = new TimelineMap(timeline);
    this.staticMembers = new TimelineMap(timeline);
    this.assignorCounts = new TimelineMap(timeline);
    this.hasSubscriptionMetadataRecord = new TimelineValue(timeline, false);
    this.#groupEpoch = new TimelineValue(timeline, 1);
    this.#metadataHash = new TimelineValue(timeline, 0n);
    this.#targetMetadata = new TimelineValue(timeline, { epoch: 1, timestampMs: 0 });
    this.#subscriptionType = new TimelineValue<SubscriptionType>(timeline, 'homogeneous');
    this.#classicProtocolCounts = new TimelineMap(timeline);
    this.#classicMemberCount = new TimelineValue(timeline, 0);
  }

  get groupEpoch(): number {
    return this.#groupEpoch.get();
  }

  get metadataHash(): bigint {
    return this.#metadataHash.get();
  }

  setEpoch(groupEpoch: number, metadataHash: bigint): void {
    this.#groupEpoch.set(groupEpoch);
    this.#metadataHash.set(metadataHash);
  }

  get target(): TargetMetadata {
    return this.#targetMetadata.get();
  }

  setTarget(target: TargetMetadata): void {
    this.#targetMetadata.set(target);
  }

  get subscriptionType(): SubscriptionType {
    return this.#subscriptionType.get();
  }

  get classicMemberCount(): number {
    return this.#classicMemberCount.get();
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  /** As of the last commit. */
  get stateName(): ConsumerGroupState {
    const members = [...this.members.committedEntries()].map(([, member]) => member);
    const { epoch } = this.#targetMetadata.getCommitted();
    if (members.length === 0) return 'Empty';
    if (this.#groupEpoch.getCommitted() > epoch) return 'Assigning';
    return members.every((member) => isReconciledTo(member, epoch)) ? 'Stable' : 'Reconciling';
  }

  /** Group epoch and epoch of the target as of the last commit. */
  committedEpochs(): { groupEpoch: number; assignmentEpoch: number } {
    return { groupEpoch: this.#groupEpoch.getCommitted(), assignmentEpoch: this.#targetMetadata.getCommitted().epoch };
  }

  /** Members in the order in which a JVM coordinator goes through them. */
  orderedMembers(): ConsumerMember[] {
    return this.#order.sort([...this.members.keys()]).map((memberId) => this.members.get(memberId)!);
  }

  staticMember(instanceId: string | null): ConsumerMember | undefined {
    const memberId = instanceId === null ? undefined : this.staticMembers.get(instanceId);
    return memberId === undefined ? undefined : this.members.get(memberId);
  }

  /** The target of a member, or of whoever has its instance id now. */
  targetOf({ memberId, instanceId }: ConsumerMember): Assignment {
    const owner = instanceId === null ? memberId : this.staticMembers.get(instanceId);
    return (owner === undefined ? undefined : this.targets.get(owner)) ?? NO_PARTITIONS;
  }

  /** A member is new or has changed. Errors: `CorruptDataError` when it has what another member still owns. */
  putMember(member: ConsumerMember): void {
    const before = this.members.get(member.memberId);
    this.#order.onPut(this.members.size);
    this.members.set(member.memberId, member);
    this.#follow(before, member);
  }

  removeMember(memberId: string): void {
    const before = this.members.get(memberId);
    this.members.delete(memberId);
    this.#follow(before, undefined);
  }

  /** Everything that follows from members. */
  #follow(before: ConsumerMember | undefined, after: ConsumerMember | undefined): void {
    if (before !== undefined) this.#discount(before);
    this.partitionEpochs.update(before, after);
    if (before?.instanceId != null && after === undefined) this.staticMembers.delete(before.instanceId);
    if (after !== undefined) this.#count(after);
    const type = subscriptionTypeOf(this.regexCounts, this.subscriptions, this.members.size);
    this.#subscriptionType.set(type);
  }

  #discount(member: ConsumerMember): void {
    this.subscriptions.removeNames(member.subscribedTopicNames);
    const regex = subscribedRegexOf(member);
    if (regex !== null) decrement(this.regexCounts, regex);
    if (member.serverAssignorName !== null) decrement(this.assignorCounts, member.serverAssignorName);
    if (member.classic === null) return;
    this.#classicMemberCount.set(this.#classicMemberCount.get() - 1);
    for (const { name } of member.classic.supportedProtocols) decrement(this.#classicProtocolCounts, name);
  }

  #count(member: ConsumerMember): void {
    this.subscriptions.addNames(member.subscribedTopicNames);
    const regex = subscribedRegexOf(member);
    if (regex !== null) increment(this.regexCounts, regex);
    if (member.serverAssignorName !== null) increment(this.assignorCounts, member.serverAssignorName);
    if (member.instanceId !== null) this.staticMembers.set(member.instanceId, member.memberId);
    if (member.classic === null) return;
    this.#classicMemberCount.set(this.#classicMemberCount.get() + 1);
    for (const { name } of member.classic.supportedProtocols) increment(this.#classicProtocolCounts, name);
  }

  /** What a regular expression matches now; null: nobody asks any more. */
  setResolvedRegex(regex: string, resolved: ResolvedRegex | null): void {
    const before = this.resolvedRegexes.get(regex);
    if (before !== undefined) {
      this.resolvedRegexes.delete(regex);
      this.subscriptions.removeRegex(before.topics);
    }
    if (resolved === null) return;
    this.resolvedRegexes.set(regex, resolved);
    this.subscriptions.addRegex(resolved.topics);
  }

  /** Whether a classic member that offers these protocols can be in the group. */
  supportsClassicProtocols(protocolType: string, names: readonly string[]): boolean {
    if (protocolType !== CONSUMER_PROTOCOL_TYPE) return false;
    if (this.isEmpty) return names.length > 0;
    return names.some((name) => (this.#classicProtocolCounts.get(name) ?? 0) === this.classicMemberCount);
  }

  /** The metadata need not be looked at before this, unless a write of this epoch is taken back. */
  setMetadataRefresh(deadlineMs: number, epoch: number): void {
    this.#metadataRefresh = { deadlineMs, epoch };
  }

  /** Topics have changed: the next heartbeat looks at them. */
  requestMetadataRefresh(): void {
    this.#metadataRefresh = { deadlineMs: 0, epoch: 0 };
  }

  hasMetadataExpired(nowMs: number): boolean {
    return nowMs >= this.#metadataRefresh.deadlineMs || this.groupEpoch < this.#metadataRefresh.epoch;
  }

  asListedGroup(): ListedGroup {
    return newListedGroup({
      groupId: this.groupId,
      protocolType: CONSUMER_PROTOCOL_TYPE,
      groupState: this.stateName,
      groupType: this.type,
    });
  }

  /** Members of any epoch may commit what they had in it (KIP-1251); see `validatePartitionCommit`. */
  validateOffsetCommit({ memberId, groupInstanceId, ...origin }: CommitOrigin): ErrorCode {
    const { generationIdOrMemberEpoch: epoch, isTransactional, apiVersion } = origin;
    if (epoch < 0 && this.isEmpty) return ErrorCode.NONE;
    // Old transactional clients never say who they are.
    if (isTransactional && epoch === -1 && memberId === '' && groupInstanceId === null) return ErrorCode.NONE;
    const member = this.members.get(memberId);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (!isTransactional && member.classic === null && apiVersion < MEMBER_EPOCH_COMMIT_MIN_VERSION)
      return ErrorCode.UNSUPPORTED_VERSION;
    return epoch > member.memberEpoch ? staleEpochError(member) : ErrorCode.NONE;
  }

  /** An older epoch than the member's must not be older than its claim to the partition. */
  validatePartitionCommit(origin: CommitOrigin, topicId: Uuid, partition: number): ErrorCode {
    const { generationIdOrMemberEpoch: epoch, memberId } = origin;
    const member = this.members.get(memberId);
    if (member === undefined || epoch === member.memberEpoch) return ErrorCode.NONE;
    const assigned = member.assignedPartitions.get(topicId)?.get(partition);
    const claimEpoch = assigned ?? member.partitionsPendingRevocation.get(topicId)?.get(partition);
    return claimEpoch === undefined || epoch < claimEpoch ? staleEpochError(member) : ErrorCode.NONE;
  }

  validateOffsetFetch(memberId: string | null, memberEpoch: number, isCommittedRead: boolean): ErrorCode {
    if (memberId === null && memberEpoch < 0) return ErrorCode.NONE;
    const { members } = this;
    const member = isCommittedRead ? members.getCommitted(memberId ?? '') : members.get(memberId ?? '');
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return member.memberEpoch === memberEpoch ? ErrorCode.NONE : staleEpochError(member);
  }

  validateOffsetDelete(): ErrorCode {
    return ErrorCode.NONE;
  }

  validateDeleteGroup(): ErrorCode {
    return this.isEmpty ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  isSubscribedToTopic(topic: string): boolean {
    return this.subscriptions.has(topic);
  }

  retentionBase(): RetentionBase {
    return ({ commitTimestampMs }) => commitTimestampMs;
  }

  tombstones(): GroupRecord[] {
    return consumerGroupTombstones(this.groupId, [...this.members.keys()], [...this.resolvedRegexes.keys()]);
  }
}

/** Members of the new protocol commit at this version or above. */
const MEMBER_EPOCH_COMMIT_MIN_VERSION = 9;

function staleEpochError({ classic }: ConsumerMember): ErrorCode {
  return classic === null ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.ILLEGAL_GENERATION;
}
