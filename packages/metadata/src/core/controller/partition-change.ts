/**
 * Makes the record that changes a partition: who leads it, who is in sync or eligible, which replicas it has and where.
 *
 * The caller states targets; this file completes a reassignment that can be completed, elects a leader if one is needed, keeps the
 * eligible replicas, and decides whether the leader epoch grows. Order matters and is Kafka's.
 * Source: org.apache.kafka.controller.PartitionChangeBuilder; KIP-455, KIP-704, KIP-858, KIP-966.
 */
import type { Uuid } from '@skarab/base';
import { newPartitionChangeRecord, type PartitionChangeRecord } from '@skarab/protocol';
import {
  isDirectoryAssignmentSupported,
  isIsrShrinkWithoutEpochBump,
  partitionRecordVersion,
} from '../feature/metadata-version.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import {
  LeaderRecoveryState,
  NO_LEADER,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
  replicaDirectory,
} from '../registration/partition-registration.ts';
import { containsAll, sameReplicas, without } from '../replicas.ts';
import { tryCompleteReassignment } from './reassignment.ts';

/** `preferred`: the first replica if it is in sync. `online`: any that is in sync. `unclean`: anyone rather than no leader. */
export type Election = 'preferred' | 'online' | 'unclean';

/** What the change should lead to; absent lists stay as they are. */
export interface PartitionTargets {
  readonly isr?: readonly number[];
  readonly replicas?: readonly number[];
  readonly removing?: readonly number[];
  readonly adding?: readonly number[];
  readonly leaderRecoveryState?: LeaderRecoveryState;
  /** Replicas that may have lost data and must be neither in sync nor eligible. */
  readonly uncleanShutdown?: readonly number[];
  /** A replica's new directory. */
  readonly directory?: { readonly brokerId: number; readonly id: Uuid };
  /** Default: online. */
  readonly election?: Election;
}

/** The circumstances of a change. */
export interface PartitionChangeContext {
  readonly topicId: Uuid;
  readonly partitionId: number;
  readonly metadataVersion: number;
  readonly elrEnabled: boolean;
  /** min.insync.replicas of the topic, at most its replication factor. */
  readonly minIsr: number;
  readonly isAcceptableLeader: (brokerId: number) => boolean;
  /** The directory for a replica that had none. */
  readonly defaultDirectory: (brokerId: number) => Uuid;
}

/** The record that moves `partition` towards `targets`, or null when nothing would change. */
export function buildPartitionChange(
  partition: PartitionRegistration,
  targets: PartitionTargets,
  context: PartitionChangeContext,
): MetadataRecord | null {
  const data = new PartitionChange(partition, targets, context).build();
  if (isNoOp(data)) return null;
  return { type: 'PartitionChangeRecord', version: partitionRecordVersion(context.metadataVersion), data };
}

function isNoOp(record: PartitionChangeRecord): boolean {
  return (
    record.isr === null &&
    record.eligibleLeaderReplicas === null &&
    record.lastKnownElr === null &&
    record.leader === NO_LEADER_CHANGE &&
    record.replicas === null &&
    record.removingReplicas === null &&
    record.addingReplicas === null &&
    record.leaderRecoveryState === LeaderRecoveryState.NO_CHANGE &&
    record.directories === null
  );
}

interface ElectionResult {
  readonly leader: number;
  readonly unclean: boolean;
}

class PartitionChange {
  readonly #partition: PartitionRegistration;
  readonly #targets: PartitionTargets;
  readonly #context: PartitionChangeContext;
  readonly #record: PartitionChangeRecord;
  #isr: readonly number[];
  #replicas: readonly number[];
  #removing: readonly number[];
  #adding: readonly number[];
  #elr: readonly number[];

  constructor(partition: PartitionRegistration, targets: PartitionTargets, context: PartitionChangeContext) {
    this.#partition = partition;
    this.#targets = targets;
    this.#context = context;
    this.#record = newPartitionChangeRecord({ topicId: context.topicId, partitionId: context.partitionId });
    this.#isr = targets.isr ?? partition.isr;
    this.#replicas = targets.replicas ?? partition.replicas;
    this.#removing = targets.removing ?? partition.removingReplicas;
    this.#adding = targets.adding ?? partition.addingReplicas;
    this.#elr = partition.elr;
  }

  build(): PartitionChangeRecord {
    this.#completeReassignment();
    if (this.#context.elrEnabled) this.#populateElr();
    this.#elect();
    this.#bumpEpochWhenReplicasLeave();
    this.#recordElr();
    this.#recordIsr();
    this.#bumpEpochWhenIsrShrinks();
    if (this.#context.elrEnabled) this.#recordLastKnownLeader();
    this.#recordAssignment();
    const { leaderRecoveryState } = this.#targets;
    if (leaderRecoveryState !== undefined && leaderRecoveryState !== this.#partition.leaderRecoveryState) {
      this.#record.leaderRecoveryState = leaderRecoveryState;
    }
    return this.#record;
  }

  #completeReassignment(): void {
    const now = { removing: this.#removing, adding: this.#adding, replicas: this.#replicas };
    const completed = tryCompleteReassignment(now, this.#isr);
    if (completed === null) return;
    this.#isr = completed.isr;
    this.#replicas = completed.replicas;
    this.#removing = [];
    this.#adding = [];
  }

  /** While the ISR is below its minimum, whoever leaves it stays eligible, unless it may have lost data. */
  #populateElr(): void {
    if (this.#isr.length >= this.#context.minIsr) {
      this.#elr = [];
      return;
    }
    const candidates = new Set([...this.#elr, ...this.#partition.isr]);
    const excluded = [...this.#isr, ...(this.#targets.uncleanShutdown ?? [])];
    this.#elr = without([...candidates], excluded).sort((a, b) => a - b);
  }

  #elect(): void {
    const { leader, unclean } = this.#findLeader();
    if (leader === this.#partition.leader) return;
    if (this.#elr.includes(leader)) {
      this.#isr = [leader];
      this.#elr = without(this.#elr, [leader]);
    }
    this.#record.leader = leader;
    if (!unclean) return;
    // An unclean leader is alone in the ISR: what the others have and it has not is lost.
    this.#record.isr = [leader];
    if (this.#partition.leaderRecoveryState !== LeaderRecoveryState.RECOVERING) {
      this.#record.leaderRecoveryState = LeaderRecoveryState.RECOVERING;
    }
  }

  #findLeader(): ElectionResult {
    const election = this.#targets.election ?? 'online';
    const preferred = this.#replicas[0];
    if (election === 'preferred' && preferred !== undefined && this.#isValidLeader(preferred)) return clean(preferred);
    // Who leads and may lead goes on leading.
    if (this.#isValidLeader(this.#partition.leader)) return clean(this.#partition.leader);
    const candidates = election === 'preferred' ? this.#replicas.slice(1) : this.#replicas;
    const online = candidates.find((id) => this.#isValidLeader(id));
    if (online !== undefined) return clean(online);
    const lastKnown = this.#lastKnownLeader();
    if (lastKnown !== undefined) return { leader: lastKnown, unclean: true };
    if (election === 'unclean') {
      const anyone = this.#replicas.find((id) => this.#context.isAcceptableLeader(id));
      if (anyone !== undefined) return { leader: anyone, unclean: true };
    }
    return clean(NO_LEADER);
  }

  #isValidLeader(id: number): boolean {
    const eligible = this.#isr.includes(id) || (this.#isr.length === 0 && this.#elr.includes(id));
    return eligible && this.#context.isAcceptableLeader(id);
  }

  /** The one who led last, when nobody is in sync or eligible and it is back. */
  #lastKnownLeader(): number | undefined {
    if (!this.#context.elrEnabled || this.#elr.length > 0 || this.#isr.length > 0) return undefined;
    const [last, ...more] = this.#partition.lastKnownElr;
    if (last === undefined || more.length > 0) return undefined;
    return this.#context.isAcceptableLeader(last) ? last : undefined;
  }

  /** Naming the leader in a record makes the leader epoch grow, even when it is the same leader. */
  #bumpEpochWhenReplicasLeave(): void {
    if (this.#record.leader !== NO_LEADER_CHANGE) return;
    if (!containsAll(this.#replicas, this.#partition.replicas)) this.#record.leader = this.#partition.leader;
  }

  #bumpEpochWhenIsrShrinks(): void {
    if (isIsrShrinkWithoutEpochBump(this.#context.metadataVersion)) return;
    if (this.#record.leader !== NO_LEADER_CHANGE || this.#record.isr === null) return;
    if (!containsAll(this.#record.isr, this.#partition.isr)) this.#record.leader = this.#partition.leader;
  }

  #recordElr(): void {
    const wasUnclean = this.#record.isr !== null;
    if (wasUnclean || !this.#context.elrEnabled) this.#elr = [];
    if (!sameReplicas(this.#elr, this.#partition.elr)) this.#record.eligibleLeaderReplicas = [...this.#elr];
  }

  #recordIsr(): void {
    if (this.#record.isr !== null || sameReplicas(this.#isr, this.#partition.isr)) return;
    // Only with eligible replicas may the ISR be empty.
    if (this.#isr.length > 0 || this.#context.elrEnabled) this.#record.isr = [...this.#isr];
  }

  /** lastKnownElr holds who led last, from when the partition loses its leader until it has one again. */
  #recordLastKnownLeader(): void {
    const { leader, lastKnownElr } = this.#partition;
    if (this.#record.leader === NO_LEADER && lastKnownElr.length === 0) this.#record.lastKnownElr = [leader];
    else if (this.#record.leader >= 0 && lastKnownElr.length > 0) this.#record.lastKnownElr = [];
  }

  #recordAssignment(): void {
    const partition = this.#partition;
    if (this.#replicas.length > 0) {
      if (isDirectoryAssignmentSupported(this.#context.metadataVersion)) this.#recordDirectories();
      if (!sameReplicas(this.#replicas, partition.replicas)) this.#record.replicas = [...this.#replicas];
    }
    if (!sameReplicas(this.#removing, partition.removingReplicas)) this.#record.removingReplicas = [...this.#removing];
    if (!sameReplicas(this.#adding, partition.addingReplicas)) this.#record.addingReplicas = [...this.#adding];
  }

  #recordDirectories(): void {
    const { directory } = this.#targets;
    // Who stays, stays where he is.
    if (directory === undefined && this.#replicas === this.#partition.replicas) return;
    const directories = this.#replicas.map((id) => {
      if (directory?.brokerId === id) return directory.id;
      return replicaDirectory(this.#partition, id) ?? this.#context.defaultDirectory(id);
    });
    const { directories: before } = this.#partition;
    const isSame = directories.length === before.length && directories.every((id, index) => id === before[index]);
    if (!isSame) this.#record.directories = directories;
  }
}

const clean = (leader: number): ElectionResult => ({ leader, unclean: false });
