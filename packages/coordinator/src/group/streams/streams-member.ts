/**
 * A member of a streams group: what it said about itself, and how far it has come towards its target.
 *
 * Immutable; a change makes a new one. Source: org.apache.kafka.coordinator.group.streams.StreamsGroupMember.
 */
import type {
  StreamsGroupCurrentMemberAssignmentValueTaskIds as StoredTaskIds,
  StreamsGroupCurrentMemberAssignmentValue,
  StreamsGroupMemberMetadataValue,
} from '@skarab/protocol';
import { type EpochTaskSet, type EpochTasks, isSameEpochTasks, NO_EPOCH_TASKS, taskSetOf } from './tasks.ts';

/** How far a member is; the numbers are those of the records. */
export const StreamsMemberState = {
  /** It has what the target of its epoch gives it. */
  STABLE: 1,
  /** It was told to give tasks up and has not said that it did. */
  UNREVOKED_TASKS: 2,
  /** It waits for tasks that others have not given up. */
  UNRELEASED_TASKS: 3,
  /** A state of a later version. */
  UNKNOWN: 127,
} as const;
export type StreamsMemberState = (typeof StreamsMemberState)[keyof typeof StreamsMemberState];

/** The epoch of a member that leaves. */
export const STREAMS_LEAVE_EPOCH = -1;

/** Where other members find the stores of a process. */
export interface UserEndpoint {
  readonly host: string;
  readonly port: number;
}

/** One member. */
export interface StreamsMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: StreamsMemberState;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  /** Of the topology that the member runs; -1: it has not said. */
  readonly topologyEpoch: number;
  /** Members of one process share its stores. */
  readonly processId: string;
  readonly userEndpoint: UserEndpoint | null;
  readonly clientTags: ReadonlyMap<string, string>;
  readonly assigned: EpochTasks;
  readonly pendingRevocation: EpochTasks;
}

/** A member that nothing is known of but its id. */
export function newStreamsMember(memberId: string): StreamsMember {
  return {
    memberId,
    memberEpoch: 0,
    previousMemberEpoch: 0,
    state: StreamsMemberState.STABLE,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    topologyEpoch: -1,
    processId: '',
    userEndpoint: null,
    clientTags: new Map(),
    assigned: NO_EPOCH_TASKS,
    pendingRevocation: NO_EPOCH_TASKS,
  };
}

/** The member with what a record says about it. */
export function withStreamsMetadata(member: StreamsMember, value: StreamsGroupMemberMetadataValue): StreamsMember {
  const { userEndpoint } = value;
  return {
    ...member,
    instanceId: value.instanceId,
    rackId: value.rackId,
    clientId: value.clientId,
    clientHost: value.clientHost,
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    topologyEpoch: value.topologyEpoch,
    processId: value.processId,
    userEndpoint: userEndpoint && { host: userEndpoint.host, port: userEndpoint.port },
    clientTags: new Map(value.clientTags.map(({ key, value: tag }) => [key, tag])),
  };
}

/** The member with the tasks that a record gives it. */
export function withCurrentTasks(
  member: StreamsMember,
  value: StreamsGroupCurrentMemberAssignmentValue,
): StreamsMember {
  const { memberEpoch, previousMemberEpoch } = value;
  return {
    ...member,
    memberEpoch,
    previousMemberEpoch,
    state: memberStateOf(value.state),
    assigned: {
      active: epochTaskSetOf(value.activeTasks, memberEpoch),
      standby: taskSetOf(value.standbyTasks),
      warmup: taskSetOf(value.warmupTasks),
    },
    pendingRevocation: {
      active: epochTaskSetOf(value.activeTasksPendingRevocation, memberEpoch),
      standby: taskSetOf(value.standbyTasksPendingRevocation),
      warmup: taskSetOf(value.warmupTasksPendingRevocation),
    },
  };
}

function memberStateOf(value: number): StreamsMemberState {
  const { STABLE, UNREVOKED_TASKS, UNRELEASED_TASKS, UNKNOWN } = StreamsMemberState;
  return [STABLE, UNREVOKED_TASKS, UNRELEASED_TASKS].find((state) => state === value) ?? UNKNOWN;
}

/** Older records have no epochs: then the member's own stands for them. */
function epochTaskSetOf(taskIds: readonly StoredTaskIds[], memberEpoch: number): EpochTaskSet {
  return new Map(
    taskIds.map(({ subtopologyId, partitions, assignmentEpochs }) => {
      const epochs = assignmentEpochs?.length === partitions.length ? assignmentEpochs : null;
      return [
        subtopologyId,
        new Map(partitions.map((partition, index) => [partition, epochs?.[index] ?? memberEpoch])),
      ];
    }),
  );
}

/** Whether the member has reached the target of an epoch. */
export function isStreamsReconciledTo(member: StreamsMember, targetEpoch: number): boolean {
  return member.state === StreamsMemberState.STABLE && member.memberEpoch === targetEpoch;
}

/** Whether nothing differs between two members. */
export function isSameStreamsMember(a: StreamsMember, b: StreamsMember): boolean {
  return (
    a === b ||
    (a.memberId === b.memberId &&
      a.memberEpoch === b.memberEpoch &&
      a.previousMemberEpoch === b.previousMemberEpoch &&
      a.state === b.state &&
      a.instanceId === b.instanceId &&
      a.rackId === b.rackId &&
      a.clientId === b.clientId &&
      a.clientHost === b.clientHost &&
      a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
      a.topologyEpoch === b.topologyEpoch &&
      a.processId === b.processId &&
      a.userEndpoint?.host === b.userEndpoint?.host &&
      a.userEndpoint?.port === b.userEndpoint?.port &&
      a.clientTags.size === b.clientTags.size &&
      [...a.clientTags].every(([key, tag]) => b.clientTags.get(key) === tag) &&
      isSameEpochTasks(a.assigned, b.assigned) &&
      isSameEpochTasks(a.pendingRevocation, b.pendingRevocation))
  );
}
