/**
 * What the cluster knows about one partition: its replicas, who leads it, and the epochs that order changes.
 *
 * Immutable; a change is merged into a new value. Built from PartitionRecord, changed by PartitionChangeRecord, written back by snapshots.
 * Source: org.apache.kafka.metadata.PartitionRegistration.
 */
import { assert, CorruptDataError, type Uuid } from '@skarab/base';
import { newPartitionRecord, type PartitionChangeRecord, type PartitionRecord } from '@skarab/protocol';
import { MIGRATING_DIRECTORY } from '../directory-id.ts';
import { isDirectoryAssignmentSupported, partitionRecordVersion } from '../feature/metadata-version.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** The leader of a partition that has none. */
export const NO_LEADER = -1;
/** In a PartitionChangeRecord: the leader stays, and with it the leader epoch. */
export const NO_LEADER_CHANGE = -2;

/** Whether the leader still recovers from an unclean election. */
export const LeaderRecoveryState = { RECOVERED: 0, RECOVERING: 1, NO_CHANGE: -1 } as const;
/** A recovery state of a partition (`NO_CHANGE` occurs in change records only). */
export type LeaderRecoveryState = 0 | 1;

/** A partition as the metadata log describes it. */
export interface PartitionRegistration {
  readonly replicas: readonly number[];
  /** The log directory of each replica, parallel to `replicas`. */
  readonly directories: readonly Uuid[];
  readonly isr: readonly number[];
  readonly removingReplicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly elr: readonly number[];
  readonly lastKnownElr: readonly number[];
  /** Broker id, or `NO_LEADER`. */
  readonly leader: number;
  readonly leaderRecoveryState: LeaderRecoveryState;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

/** What image writers need to know to choose record versions and fields. */
export interface ImageWriterOptions {
  readonly metadataVersion: number;
  readonly elrEnabled: boolean;
}

const NONE: readonly number[] = [];
const orNone = (list: readonly number[] | null): readonly number[] =>
  list === null || list.length === 0 ? NONE : list;

function recoveryState(value: number): LeaderRecoveryState {
  if (value !== LeaderRecoveryState.RECOVERED && value !== LeaderRecoveryState.RECOVERING) {
    throw new CorruptDataError(`Value ${value} is not a valid leader recovery state`);
  }
  return value;
}

/** One directory per replica; from metadata that knows no directories as many unknown ones as there are replicas. */
function directoriesOf(directories: readonly Uuid[] | null, replicaCount: number): readonly Uuid[] {
  if (directories === null || directories.every((id) => id === MIGRATING_DIRECTORY)) {
    return Array.from({ length: replicaCount }, () => MIGRATING_DIRECTORY);
  }
  if (directories.length !== replicaCount) {
    throw new CorruptDataError(`A partition has ${replicaCount} replicas but ${directories.length} directories`);
  }
  return directories;
}

/** A new partition led by the first of `isr`. */
export function newPartition(
  replicas: readonly number[],
  directories: readonly Uuid[],
  isr: readonly number[],
): PartitionRegistration {
  const leader = isr[0];
  assert(leader !== undefined, 'a new partition needs an in-sync replica');
  return {
    replicas,
    directories,
    isr,
    removingReplicas: NONE,
    addingReplicas: NONE,
    elr: NONE,
    lastKnownElr: NONE,
    leader,
    leaderRecoveryState: LeaderRecoveryState.RECOVERED,
    leaderEpoch: 0,
    partitionEpoch: 0,
  };
}

/** The partition that `record` describes. */
export function partitionFromRecord(record: PartitionRecord): PartitionRegistration {
  return {
    replicas: record.replicas,
    directories: directoriesOf(record.directories, record.replicas.length),
    isr: record.isr,
    removingReplicas: orNone(record.removingReplicas),
    addingReplicas: orNone(record.addingReplicas),
    elr: orNone(record.eligibleLeaderReplicas),
    lastKnownElr: orNone(record.lastKnownElr),
    leader: record.leader,
    leaderRecoveryState: recoveryState(record.leaderRecoveryState),
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
  };
}

/** The partition after `change`; the partition epoch always grows, the leader epoch when the record names a leader. */
export function mergePartitionChange(
  partition: PartitionRegistration,
  change: PartitionChangeRecord,
): PartitionRegistration {
  const replicas = change.replicas ?? partition.replicas;
  const leaderChanges = change.leader !== NO_LEADER_CHANGE;
  const recoveryChanges = change.leaderRecoveryState !== LeaderRecoveryState.NO_CHANGE;
  return {
    replicas,
    directories: directoriesOf(change.directories ?? partition.directories, replicas.length),
    isr: change.isr ?? partition.isr,
    removingReplicas: change.removingReplicas === null ? partition.removingReplicas : orNone(change.removingReplicas),
    addingReplicas: change.addingReplicas === null ? partition.addingReplicas : orNone(change.addingReplicas),
    elr: change.eligibleLeaderReplicas === null ? partition.elr : orNone(change.eligibleLeaderReplicas),
    lastKnownElr: change.lastKnownElr === null ? partition.lastKnownElr : orNone(change.lastKnownElr),
    leader: leaderChanges ? change.leader : partition.leader,
    leaderRecoveryState: recoveryChanges ? recoveryState(change.leaderRecoveryState) : partition.leaderRecoveryState,
    leaderEpoch: partition.leaderEpoch + (leaderChanges ? 1 : 0),
    partitionEpoch: partition.partitionEpoch + 1,
  };
}

/** The partition without eligible leader replicas, as a ClearElrRecord leaves it; the same value when it had none. */
export function clearElr(partition: PartitionRegistration): PartitionRegistration {
  if (partition.elr.length === 0 && partition.lastKnownElr.length === 0) return partition;
  return { ...partition, elr: NONE, lastKnownElr: NONE, partitionEpoch: partition.partitionEpoch + 1 };
}

/** The record that describes `partition` whole. */
export function partitionToRecord(
  topicId: Uuid,
  partitionId: number,
  partition: PartitionRegistration,
  options: ImageWriterOptions,
): MetadataRecord {
  const data = newPartitionRecord();
  data.partitionId = partitionId;
  data.topicId = topicId;
  data.replicas = [...partition.replicas];
  data.isr = [...partition.isr];
  data.removingReplicas = [...partition.removingReplicas];
  data.addingReplicas = [...partition.addingReplicas];
  data.leader = partition.leader;
  data.leaderRecoveryState = partition.leaderRecoveryState;
  data.leaderEpoch = partition.leaderEpoch;
  data.partitionEpoch = partition.partitionEpoch;
  if (options.elrEnabled) {
    if (partition.elr.length > 0) data.eligibleLeaderReplicas = [...partition.elr];
    if (partition.lastKnownElr.length > 0) data.lastKnownElr = [...partition.lastKnownElr];
  }
  if (isDirectoryAssignmentSupported(options.metadataVersion)) data.directories = [...partition.directories];
  return { type: 'PartitionRecord', version: partitionRecordVersion(options.metadataVersion), data };
}

/** The directory of `replica`, or undefined when it is not assigned. */
export function replicaDirectory(partition: PartitionRegistration, replica: number): Uuid | undefined {
  const index = partition.replicas.indexOf(replica);
  return index === -1 ? undefined : partition.directories[index];
}

/** True when the leader is the first replica, the one that should lead. */
export function hasPreferredLeader(partition: PartitionRegistration): boolean {
  return partition.leader === (partition.replicas[0] ?? NO_LEADER);
}

/** True while replicas are being added or removed. */
export function isReassigning(partition: PartitionRegistration): boolean {
  return partition.addingReplicas.length > 0 || partition.removingReplicas.length > 0;
}
