/**
 * Decides about AlterPartition: a leader reports who is in sync with it.
 *
 * A leader whose epochs are ahead of ours talks to the wrong controller; one whose epochs are behind has been replaced or overtaken.
 * Source: org.apache.kafka.controller.ReplicationControlManager (alterPartition); KIP-497, KIP-704, KIP-841, KIP-903.
 */
import {
  type AlterPartitionRequest,
  type AlterPartitionRequestPartitionData,
  type AlterPartitionResponse,
  type AlterPartitionResponsePartitionData,
  type BrokerState,
  ErrorCode,
  newAlterPartitionResponse,
  newAlterPartitionResponsePartitionData,
} from '@skarab/protocol';
import type { TopicImage } from '../image/topics-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import {
  LeaderRecoveryState,
  mergePartitionChange,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
} from '../registration/partition-registration.ts';
import { isValidIsr } from '../replicas.ts';
import type { ClusterControl } from './cluster-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decide } from './decision.ts';
import type { Leadership } from './leadership.ts';

/** From which version of AlterPartition on members come with their epochs. */
const BROKER_EPOCHS_VERSION = 3;
/** A member whose epoch is not to be checked. */
const NO_BROKER_EPOCH = -1n;

/** Decider of in-sync replicas. */
export class IsrChanges {
  readonly #state: ControllerState;
  readonly #cluster: ClusterControl;
  readonly #leadership: Leadership;

  constructor(state: ControllerState, cluster: ClusterControl, leadership: Leadership) {
    this.#state = state;
    this.#cluster = cluster;
    this.#leadership = leadership;
  }

  /** Takes over the ISRs that a broker proposes for partitions it leads. */
  alterPartition(request: AlterPartitionRequest, requestVersion: number): Decision<AlterPartitionResponse> {
    const stale = this.#cluster.reasonStaleEpoch(request.brokerId, request.brokerEpoch);
    if (stale !== null) return { ok: false, error: stale };
    const records: MetadataRecord[] = [];
    const topics = request.topics.map(({ topicId, partitions }) => {
      const topic = this.#state.image.topics.byId.get(topicId);
      const results = partitions.map((proposal) => {
        if (topic === undefined) return failed(proposal, ErrorCode.UNKNOWN_TOPIC_ID);
        return this.#alter(request.brokerId, topic, proposal, membersOf(proposal, requestVersion), records);
      });
      return { topicId, partitions: results };
    });
    return decide(records, newAlterPartitionResponse({ topics }));
  }

  #alter(
    brokerId: number,
    topic: TopicImage,
    proposal: AlterPartitionRequestPartitionData,
    members: readonly BrokerState[],
    records: MetadataRecord[],
  ): AlterPartitionResponsePartitionData {
    const partition = topic.partitions[proposal.partitionIndex];
    if (partition === undefined) return failed(proposal, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    const error = this.#validate(brokerId, partition, proposal, members);
    if (error !== ErrorCode.NONE) return failed(proposal, error);
    const record = this.#leadership.change(topic, proposal.partitionIndex, {
      isr: members.map((member) => member.brokerId),
      leaderRecoveryState: proposal.leaderRecoveryState as LeaderRecoveryState,
      election: this.#leadership.electionOf(topic.name),
    });
    if (record?.type !== 'PartitionChangeRecord') return succeeded(proposal, partition);
    records.push(record);
    const { leader } = record.data;
    // A finished reassignment may give the partition to another leader; the old one learns that from an error, though its ISR was taken.
    if (leader !== brokerId && leader !== NO_LEADER_CHANGE) return failed(proposal, ErrorCode.NEW_LEADER_ELECTED);
    return succeeded(proposal, mergePartitionChange(partition, record.data));
  }

  #validate(
    brokerId: number,
    partition: PartitionRegistration,
    proposal: AlterPartitionRequestPartitionData,
    members: readonly BrokerState[],
  ): ErrorCode {
    if (proposal.leaderEpoch > partition.leaderEpoch) return ErrorCode.NOT_CONTROLLER;
    if (proposal.partitionEpoch > partition.partitionEpoch) return ErrorCode.NOT_CONTROLLER;
    if (proposal.leaderEpoch < partition.leaderEpoch) return ErrorCode.FENCED_LEADER_EPOCH;
    if (brokerId !== partition.leader) return ErrorCode.INVALID_REQUEST;
    if (proposal.partitionEpoch < partition.partitionEpoch) return ErrorCode.INVALID_UPDATE_VERSION;
    const isr = members.map((member) => member.brokerId);
    if (!isValidIsr(partition.replicas, isr) || !isr.includes(brokerId)) return ErrorCode.INVALID_REQUEST;
    const { leaderRecoveryState } = proposal;
    if (leaderRecoveryState === LeaderRecoveryState.RECOVERING) {
      // A leader that recovers from an unclean election is alone, and one that has recovered does not relapse.
      if (isr.length > 1 || partition.leaderRecoveryState === LeaderRecoveryState.RECOVERED) {
        return ErrorCode.INVALID_REQUEST;
      }
    } else if (leaderRecoveryState !== LeaderRecoveryState.RECOVERED) return ErrorCode.INVALID_REQUEST;
    return members.every((member) => this.#isEligible(member)) ? ErrorCode.NONE : ErrorCode.INELIGIBLE_REPLICA;
  }

  #isEligible({ brokerId, brokerEpoch }: BrokerState): boolean {
    if (!this.#cluster.isActive(brokerId)) return false;
    const broker = this.#state.image.cluster.brokers.get(brokerId);
    return brokerEpoch === NO_BROKER_EPOCH || BigInt(broker?.epoch ?? -1) === brokerEpoch;
  }
}

function membersOf(proposal: AlterPartitionRequestPartitionData, requestVersion: number): readonly BrokerState[] {
  if (requestVersion >= BROKER_EPOCHS_VERSION) return proposal.newIsrWithEpochs;
  return proposal.newIsr.map((brokerId) => ({ brokerId, brokerEpoch: NO_BROKER_EPOCH }));
}

function failed(
  proposal: AlterPartitionRequestPartitionData,
  errorCode: ErrorCode,
): AlterPartitionResponsePartitionData {
  return newAlterPartitionResponsePartitionData({ partitionIndex: proposal.partitionIndex, errorCode });
}

function succeeded(
  proposal: AlterPartitionRequestPartitionData,
  partition: PartitionRegistration,
): AlterPartitionResponsePartitionData {
  return newAlterPartitionResponsePartitionData({
    partitionIndex: proposal.partitionIndex,
    leaderId: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    isr: [...partition.isr],
    leaderRecoveryState: partition.leaderRecoveryState,
    partitionEpoch: partition.partitionEpoch,
  });
}
