/**
 * A member of a consumer group: what it said about itself, and how far it has come towards its target.
 *
 * Immutable; a change makes a new one. A member that speaks the classic protocol has `classic`.
 * Source: org.apache.kafka.coordinator.group.modern.consumer.ConsumerGroupMember.
 */
import { Buffer } from 'node:buffer';
import type {
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataValue,
  ConsumerGroupCurrentMemberAssignmentValueTopicPartitions as StoredTopicPartitions,
} from '@skarab/protocol';
import { stringSetOrder } from '../java-hash-order.ts';
import { type EpochAssignment, isSameEpochAssignment, NO_PARTITIONS } from './assignment.ts';

/** How far a member is; the numbers are those of the records. */
export const MemberState = {
  /** It has what the target of its epoch gives it. */
  STABLE: 0,
  /** It was told to give partitions up and has not said that it did. */
  UNREVOKED_PARTITIONS: 1,
  /** It waits for partitions that others have not given up. */
  UNRELEASED_PARTITIONS: 2,
  /** A state of a later version. */
  UNKNOWN: 127,
} as const;
export type MemberState = (typeof MemberState)[keyof typeof MemberState];

/** A static member with this epoch is away and will come back. */
export const STATIC_LEAVE_EPOCH = -2;
/** The epoch of a member that leaves for good. */
export const LEAVE_EPOCH = -1;

/** A protocol of a classic member, with what it says in it. */
export interface ClassicProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

/** What only members that speak the classic protocol have. */
export interface ClassicMemberMetadata {
  readonly sessionTimeoutMs: number;
  readonly supportedProtocols: readonly ClassicProtocol[];
}

/** One member. */
export interface ConsumerMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: MemberState;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Distinct, in the order of `stringSetOrder`. */
  readonly subscribedTopicNames: readonly string[];
  readonly subscribedTopicRegex: string | null;
  readonly serverAssignorName: string | null;
  readonly assignedPartitions: EpochAssignment;
  readonly partitionsPendingRevocation: EpochAssignment;
  readonly classic: ClassicMemberMetadata | null;
}

/** A member that nothing is known of but its id. */
export function newConsumerMember(memberId: string): ConsumerMember {
  return {
    memberId,
    memberEpoch: 0,
    previousMemberEpoch: -1,
    state: MemberState.STABLE,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: -1,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: [],
    subscribedTopicRegex: '',
    serverAssignorName: null,
    assignedPartitions: NO_PARTITIONS,
    partitionsPendingRevocation: NO_PARTITIONS,
    classic: null,
  };
}

/** The member with what a record says about it. */
export function withMetadata(member: ConsumerMember, value: ConsumerGroupMemberMetadataValue): ConsumerMember {
  return {
    ...member,
    instanceId: value.instanceId,
    rackId: value.rackId,
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    clientId: value.clientId,
    clientHost: value.clientHost,
    subscribedTopicNames: stringSetOrder(value.subscribedTopicNames),
    subscribedTopicRegex: value.subscribedTopicRegex,
    serverAssignorName: value.serverAssignor,
    classic: value.classicMemberMetadata && copyClassic(value.classicMemberMetadata),
  };
}

/** Bytes of the log are not kept. */
function copyClassic({ sessionTimeoutMs, supportedProtocols }: ClassicMemberMetadata): ClassicMemberMetadata {
  const protocols = supportedProtocols.map(({ name, metadata }) => ({ name, metadata: Uint8Array.from(metadata) }));
  return { sessionTimeoutMs, supportedProtocols: protocols };
}

/** The member with the assignment that a record gives it. */
export function withCurrentAssignment(
  member: ConsumerMember,
  value: ConsumerGroupCurrentMemberAssignmentValue,
): ConsumerMember {
  const { memberEpoch, previousMemberEpoch } = value;
  return {
    ...member,
    memberEpoch,
    previousMemberEpoch,
    state: memberStateOf(value.state),
    assignedPartitions: epochAssignmentOf(value.assignedPartitions, memberEpoch),
    partitionsPendingRevocation: epochAssignmentOf(value.partitionsPendingRevocation, memberEpoch),
  };
}

function memberStateOf(value: number): MemberState {
  const { STABLE, UNREVOKED_PARTITIONS, UNRELEASED_PARTITIONS, UNKNOWN } = MemberState;
  return [STABLE, UNREVOKED_PARTITIONS, UNRELEASED_PARTITIONS].find((state) => state === value) ?? UNKNOWN;
}

/** Stored as nothing, which reconciliation tells from never stored. */
const NOTHING_STORED: EpochAssignment = new Map();

/** Records before 4.2 have no epochs: then the member's own stands for them. */
function epochAssignmentOf(topics: readonly StoredTopicPartitions[], memberEpoch: number): EpochAssignment {
  if (topics.length === 0) return NOTHING_STORED;
  return new Map(
    topics.map(({ topicId, partitions, assignmentEpochs }) => {
      const epochs = assignmentEpochs?.length === partitions.length ? assignmentEpochs : null;
      const byPartition = partitions.map((partition, index): [number, number] => [
        partition,
        epochs?.[index] ?? Math.max(memberEpoch, 0),
      ]);
      return [topicId, new Map(byPartition)];
    }),
  );
}

/** The regular expression that the member subscribes to, or null. */
export function subscribedRegexOf(member: ConsumerMember | undefined): string | null {
  const regex = member?.subscribedTopicRegex ?? '';
  return regex === '' ? null : regex;
}

/** Whether the member has reached the target of an epoch. */
export function isReconciledTo(member: ConsumerMember, targetEpoch: number): boolean {
  return member.state === MemberState.STABLE && member.memberEpoch === targetEpoch;
}

/** Whether two lists of distinct strings hold the same ones. */
export function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const set = new Set(a);
  return b.every((text) => set.has(text));
}

/** Whether nothing differs between two members. */
export function isSameMember(a: ConsumerMember, b: ConsumerMember): boolean {
  return (
    a === b ||
    (a.memberId === b.memberId &&
      a.memberEpoch === b.memberEpoch &&
      a.previousMemberEpoch === b.previousMemberEpoch &&
      a.state === b.state &&
      a.instanceId === b.instanceId &&
      a.rackId === b.rackId &&
      a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
      a.clientId === b.clientId &&
      a.clientHost === b.clientHost &&
      isSameSet(a.subscribedTopicNames, b.subscribedTopicNames) &&
      a.subscribedTopicRegex === b.subscribedTopicRegex &&
      a.serverAssignorName === b.serverAssignorName &&
      isSameEpochAssignment(a.assignedPartitions, b.assignedPartitions) &&
      isSameEpochAssignment(a.partitionsPendingRevocation, b.partitionsPendingRevocation) &&
      isSameClassic(a.classic, b.classic))
  );
}

function isSameClassic(a: ClassicMemberMetadata | null, b: ClassicMemberMetadata | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.sessionTimeoutMs !== b.sessionTimeoutMs || a.supportedProtocols.length !== b.supportedProtocols.length)
    return false;
  return a.supportedProtocols.every(({ name, metadata }, index) => {
    const other = b.supportedProtocols[index]!;
    return other.name === name && Buffer.compare(other.metadata, metadata) === 0;
  });
}
