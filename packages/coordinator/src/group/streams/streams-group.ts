/**
 * A streams group (KIP-1071): members, the topology that they run, the target assignment and how far members are.
 *
 * Hard state: everything is on the timeline and changes in replay only, but for what can be found out again (the topology on the topics that
 * there are, the deadline of the next look at them) and what Kafka forgets, too (the epoch of endpoints, who asked to shut down).
 * Source: org.apache.kafka.coordinator.group.streams.StreamsGroup.
 */
import type { Uuid } from '@skarab/base';
import { ErrorCode, type ListedGroup, newListedGroup } from '@skarab/protocol';
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';
import { TimelineValue } from '../../runtime/timeline-value.ts';
import type { CommitOrigin, Group, RetentionBase } from '../group.ts';
import { TimelineTableOrder } from '../java-hash-order.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { type StreamsEpoch, streamsGroupTombstones } from '../records/streams-group-records.ts';
import type { ConfiguredTopology } from './configured-topology.ts';
import { isStreamsReconciledTo, type StreamsMember } from './streams-member.ts';
import { TaskProcesses } from './task-processes.ts';
import { NO_TASKS, type Tasks } from './tasks.ts';
import type { Topology } from './topology.ts';

/** The states of a streams group, by the names that are listed. */
export type StreamsGroupState = 'Empty' | 'NotReady' | 'Assigning' | 'Reconciling' | 'Stable';

/** Which group epoch the target assignment is of, and when it was computed; 0 for never. */
export interface StreamsTargetMetadata {
  readonly epoch: number;
  readonly timestampMs: number;
}

/** The target metadata of a group that is being deleted. */
export const NO_STREAMS_TARGET: StreamsTargetMetadata = { epoch: -1, timestampMs: 0 };

/** Members commit at this version or above. */
const MEMBER_EPOCH_COMMIT_MIN_VERSION = 9;

/** One streams group. */
export class StreamsGroup implements Group {
  readonly type = 'streams';
  readonly groupId: string;
  readonly members: TimelineMap<string, StreamsMember>;
  readonly targets: TimelineMap<string, Tasks>;
  readonly processes: TaskProcesses;
  readonly topology: TimelineValue<Topology | null>;
  readonly epoch: TimelineValue<StreamsEpoch>;
  readonly target: TimelineValue<StreamsTargetMetadata>;
  /** Soft: the topology on the topics of the last look. */
  configured: ConfiguredTopology | null = null;
  /** Soft: grows with every change of what is where. */
  endpointEpoch = 0;
  readonly #order = new TimelineTableOrder();
  #shutdownRequester: string | null = null;
  #metadataRefresh = { deadlineMs: 0, epoch: 0 };

  constructor(groupId: string, timeline: Timeline) {
    this.groupId = groupId;
    this.members = new TimelineMap(timeline);
    this.targets = new TimelineMap(timeline);
    this.processes = new TaskProcesses(timeline);
    this.topology = new TimelineValue<Topology | null>(timeline, null);
    this.epoch = new TimelineValue<StreamsEpoch>(timeline, {
      epoch: 1,
      metadataHash: 0n,
      validatedTopologyEpoch: 0,
      assignmentConfigs: new Map(),
    });
    this.target = new TimelineValue<StreamsTargetMetadata>(timeline, { epoch: 1, timestampMs: 0 });
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  /** As of the last commit. */
  get stateName(): StreamsGroupState {
    const members = [...this.members.committedEntries()].map(([, member]) => member);
    const { epoch, validatedTopologyEpoch } = this.epoch.getCommitted();
    const target = this.target.getCommitted();
    if (members.length === 0) return 'Empty';
    if (this.topology.getCommitted()?.epoch !== validatedTopologyEpoch) return 'NotReady';
    if (epoch > target.epoch) return 'Assigning';
    return members.every((member) => isStreamsReconciledTo(member, target.epoch)) ? 'Stable' : 'Reconciling';
  }

  /** Members in the order in which a JVM coordinator goes through them. */
  orderedMembers(): StreamsMember[] {
    return this.#order.sort([...this.members.keys()]).map((memberId) => this.members.get(memberId)!);
  }

  targetOf(memberId: string): Tasks {
    return this.targets.get(memberId) ?? NO_TASKS;
  }

  putMember(member: StreamsMember): void {
    const before = this.members.get(member.memberId);
    this.#order.onPut(this.members.size);
    this.members.set(member.memberId, member);
    this.processes.update(before, member);
  }

  removeMember(memberId: string): void {
    const before = this.members.get(memberId);
    this.members.delete(memberId);
    this.processes.update(before, undefined);
    if (this.isEmpty) this.#shutdownRequester = null;
  }

  /** Who wants the whole application to stop: the first member that said so. */
  get shutdownRequester(): string | null {
    return this.#shutdownRequester;
  }

  requestShutdown(memberId: string): void {
    this.#shutdownRequester ??= memberId;
  }

  /** The metadata need not be looked at before this, unless a write of this epoch is taken back. */
  setMetadataRefresh(deadlineMs: number, epoch: number): void {
    this.#metadataRefresh = { deadlineMs, epoch };
  }

  requestMetadataRefresh(): void {
    this.#metadataRefresh = { deadlineMs: 0, epoch: 0 };
  }

  hasMetadataExpired(nowMs: number): boolean {
    return nowMs >= this.#metadataRefresh.deadlineMs || this.epoch.get().epoch < this.#metadataRefresh.epoch;
  }

  asListedGroup(): ListedGroup {
    const { groupId, type, stateName } = this;
    return newListedGroup({ groupId, protocolType: type, groupState: stateName, groupType: type });
  }

  /** Members of any epoch may commit what they had in it; see `validatePartitionCommit`. */
  validateOffsetCommit({ memberId, groupInstanceId, ...origin }: CommitOrigin): ErrorCode {
    const { generationIdOrMemberEpoch: epoch, isTransactional, apiVersion } = origin;
    if (epoch < 0 && this.isEmpty) return ErrorCode.NONE;
    if (isTransactional && epoch === -1 && memberId === '' && groupInstanceId === null) return ErrorCode.NONE;
    const member = this.members.get(memberId);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (!isTransactional && apiVersion < MEMBER_EPOCH_COMMIT_MIN_VERSION) return ErrorCode.UNSUPPORTED_VERSION;
    return epoch > member.memberEpoch ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.NONE;
  }

  /** An older epoch than the member's must not be older than its claim to the task that reads the partition. */
  validatePartitionCommit(origin: CommitOrigin, _topicId: Uuid, partition: number, topic: string): ErrorCode {
    const { generationIdOrMemberEpoch: epoch, memberId } = origin;
    const member = this.members.get(memberId);
    if (member === undefined || epoch === member.memberEpoch) return ErrorCode.NONE;
    const subtopologyId = this.topology.get()?.subtopologyOfSource.get(topic) ?? '';
    const claimEpoch =
      member.assigned.active.get(subtopologyId)?.get(partition) ??
      member.pendingRevocation.active.get(subtopologyId)?.get(partition);
    return claimEpoch === undefined || epoch < claimEpoch ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.NONE;
  }

  validateOffsetFetch(memberId: string | null, memberEpoch: number, isCommittedRead: boolean): ErrorCode {
    if (memberId === null && memberEpoch < 0) return ErrorCode.NONE;
    const { members } = this;
    const member = isCommittedRead ? members.getCommitted(memberId ?? '') : members.get(memberId ?? '');
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return member.memberEpoch === memberEpoch ? ErrorCode.NONE : ErrorCode.STALE_MEMBER_EPOCH;
  }

  validateOffsetDelete(): ErrorCode {
    return ErrorCode.NONE;
  }

  validateDeleteGroup(): ErrorCode {
    return this.isEmpty ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  isSubscribedToTopic(topic: string): boolean {
    return !this.isEmpty && (this.topology.get()?.subtopologyOfSource.has(topic) ?? false);
  }

  retentionBase(): RetentionBase {
    return ({ commitTimestampMs }) => commitTimestampMs;
  }

  tombstones(): GroupRecord[] {
    return streamsGroupTombstones(this.groupId);
  }
}
