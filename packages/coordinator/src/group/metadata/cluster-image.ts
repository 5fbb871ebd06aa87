/**
 * The port through which groups see the cluster's topics, as of one moment.
 *
 * Source: org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage, CoordinatorMetadataDelta.
 */
import type { Uuid } from '@skarab/base';

/** One topic. */
export interface TopicMetadata {
  readonly id: Uuid;
  readonly name: string;
  /** Partitions are numbered from 0. */
  readonly partitionCount: number;
  /** The racks of a partition's replicas, as far as known; one per replica. */
  racksOf(partition: number): readonly string[];
}

/** The topics of one moment; never changes. */
export interface ClusterImage {
  /** Grows with every change: the offset of the metadata log. */
  readonly version: number;
  topicByName(name: string): TopicMetadata | undefined;
  topicById(id: Uuid): TopicMetadata | undefined;
  topicNames(): Iterable<string>;
}

/** What one image has that the one before had not, and the other way around; names of topics. */
export interface ClusterChange {
  readonly hasCreatedTopics: boolean;
  /** Created ones, and those whose partitions have changed in any way. */
  readonly changedTopics: readonly string[];
  readonly deletedTopics: readonly string[];
}

/** A cluster without topics. */
export const EMPTY_CLUSTER: ClusterImage = {
  version: -1,
  topicByName: () => undefined,
  topicById: () => undefined,
  topicNames: () => [],
};
