/**
 * Makes partition changes with the controller's view of who may lead: the part that all deciders about partitions share.
 *
 * Source: org.apache.kafka.controller.ReplicationControlManager (LeaderAcceptor, generateLeaderAndIsrUpdates).
 */
import type { MetadataImage } from '../image/metadata-image.ts';
import type { TopicIdPartition, TopicImage } from '../image/topics-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { type PartitionRegistration, replicaDirectory } from '../registration/partition-registration.ts';
import { without } from '../replicas.ts';
import type { ClusterControl } from './cluster-control.ts';
import type { ConfigurationControl } from './configuration-control.ts';
import type { ControllerState } from './controller-state.ts';
import { buildPartitionChange, type PartitionChangeContext, type PartitionTargets } from './partition-change.ts';

/** A broker whose standing changes with the records that are being made, and so is not yet visible in the image. */
export interface BrokerShift {
  /** Leaves ISRs and may not lead. */
  readonly leaving?: number;
  /** May lead already. */
  readonly joining?: number;
  /** Leaves ISRs and ELRs, because it may have lost data. */
  readonly uncleanlyStopped?: number;
}

type Terms = Pick<PartitionChangeContext, 'metadataVersion' | 'elrEnabled' | 'minIsr'>;

/** Makes changes of partitions. */
export class Leadership {
  readonly #state: ControllerState;
  readonly #cluster: ClusterControl;
  readonly #configuration: ConfigurationControl;
  #known: { readonly image: MetadataImage; readonly topic: TopicImage; readonly terms: Terms } | undefined;

  constructor(state: ControllerState, cluster: ClusterControl, configuration: ConfigurationControl) {
    this.#state = state;
    this.#cluster = cluster;
    this.#configuration = configuration;
  }

  /** The record that moves a partition towards `targets`, or null when nothing would change. */
  change(
    topic: TopicImage,
    partitionId: number,
    targets: PartitionTargets,
    isActive: (brokerId: number) => boolean = (brokerId) => this.#cluster.isActive(brokerId),
  ): MetadataRecord | null {
    const partition = topic.partitions[partitionId]!;
    return buildPartitionChange(partition, targets, {
      topicId: topic.id,
      partitionId,
      ...this.#terms(topic),
      isAcceptableLeader: (id) => isActive(id) && this.#isReplicaOnline(partition, id),
      defaultDirectory: (id) => this.#cluster.defaultDirectory(id),
    });
  }

  /** What holds for all partitions of a topic: worked out once when it is asked for one after the other. */
  #terms(topic: TopicImage): Terms {
    const { image } = this.#state;
    if (this.#known?.image === image && this.#known.topic === topic) return this.#known.terms;
    const terms = {
      metadataVersion: this.#state.metadataVersion,
      elrEnabled: this.#state.elrEnabled,
      minIsr: this.#configuration.effectiveMinIsr(topic.name),
    };
    this.#known = { image, topic, terms };
    return terms;
  }

  /** `unclean` for topics that would rather lose records than be without a leader. */
  electionOf(topicName: string): 'online' | 'unclean' {
    return this.#configuration.isUncleanElectionEnabled(topicName) ? 'unclean' : 'online';
  }

  /** The records that follow from a broker's shift for each of `partitions`. */
  shiftRecords(partitions: Iterable<TopicIdPartition>, shift: BrokerShift): MetadataRecord[] {
    const { leaving, joining, uncleanlyStopped } = shift;
    const gone = [leaving, uncleanlyStopped].filter((id) => id !== undefined);
    const isActive = (id: number): boolean => !gone.includes(id) && (id === joining || this.#cluster.isActive(id));
    const records: MetadataRecord[] = [];
    for (const { topicId, partition: partitionId } of partitions) {
      const topic = this.#state.image.topics.byId.get(topicId)!;
      const targets: PartitionTargets = {
        isr: without(topic.partitions[partitionId]!.isr, gone),
        election: this.electionOf(topic.name),
        ...(uncleanlyStopped !== undefined && { uncleanShutdown: [uncleanlyStopped] }),
      };
      const record = this.change(topic, partitionId, targets, isActive);
      if (record !== null) records.push(record);
    }
    return records;
  }

  #isReplicaOnline(partition: PartitionRegistration, brokerId: number): boolean {
    const directory = replicaDirectory(partition, brokerId);
    return directory !== undefined && this.#cluster.hasOnlineDirectory(brokerId, directory);
  }
}
