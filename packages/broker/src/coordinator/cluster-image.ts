/**
 * The metadata image as the group coordinator sees it: topics and the racks of their replicas.
 *
 * Source: org.apache.kafka.coordinator.common.runtime.KRaftCoordinatorMetadataImage, KRaftCoordinatorMetadataDelta.
 */
import type { ClusterChange, ClusterImage, TopicMetadata } from '@skarab/coordinator';
import type { MetadataDelta, MetadataImage, TopicImage } from '@skarab/metadata';

/** The topics of an image. */
export function clusterImageOf({ topics, cluster, provenance }: MetadataImage): ClusterImage {
  const metadataOf = (topic: TopicImage | undefined): TopicMetadata | undefined =>
    topic && {
      id: topic.id,
      name: topic.name,
      partitionCount: topic.partitions.length,
      racksOf: (partition) =>
        (topic.partitions[partition]?.replicas ?? []).flatMap((id) => cluster.brokers.get(id)?.rack ?? []),
    };
  return {
    version: provenance.lastContainedOffset,
    topicByName: (name) => metadataOf(topics.byName.get(name)),
    topicById: (id) => metadataOf(topics.byId.get(id)),
    topicNames: () => topics.byName.keys(),
  };
}

/** What a delta did to the topics, up to `image`. */
export function clusterChangeOf({ topics, image: before }: MetadataDelta, image: MetadataImage): ClusterChange {
  if (topics === null) return { hasCreatedTopics: false, changedTopics: [], deletedTopics: [] };
  const [created] = topics.createdTopicIds;
  return {
    hasCreatedTopics: created !== undefined,
    changedTopics: [...topics.changedTopics.keys()].flatMap((id) => image.topics.byId.get(id)?.name ?? []),
    deletedTopics: [...topics.deletedTopicIds].flatMap((id) => before.topics.byId.get(id)?.name ?? []),
  };
}
