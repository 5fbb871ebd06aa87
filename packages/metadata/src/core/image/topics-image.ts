/**
 * Topics with their partitions, found by name and by id.
 *
 * An update shares everything but the topics it touches. Partitions of a topic are an array indexed by partition id, without holes.
 * Source: org.apache.kafka.image.TopicsImage, TopicImage.
 */
import type { Uuid } from '@skarab/base';
import { newTopicRecord } from '@skarab/protocol';
import { PersistentMap } from '../persistent-map.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import {
  type ImageWriterOptions,
  type PartitionRegistration,
  partitionToRecord,
} from '../registration/partition-registration.ts';

/** A topic. */
export interface TopicImage {
  readonly name: string;
  readonly id: Uuid;
  /** Indexed by partition id. */
  readonly partitions: readonly PartitionRegistration[];
}

/** All topics. */
export interface TopicsImage {
  readonly byName: PersistentMap<TopicImage>;
  readonly byId: PersistentMap<TopicImage>;
}

/** A partition of a topic that is known by its id. */
export interface TopicIdPartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** No topics. */
export const EMPTY_TOPICS: TopicsImage = { byName: PersistentMap.empty(), byId: PersistentMap.empty() };

/** The partition, or undefined when it or its topic does not exist. */
export function findPartition(
  topics: TopicsImage,
  topicId: Uuid,
  partition: number,
): PartitionRegistration | undefined {
  return topics.byId.get(topicId)?.partitions[partition];
}

/** The topics with `topic` added or replaced. */
export function withTopic(topics: TopicsImage, topic: TopicImage): TopicsImage {
  return { byName: topics.byName.set(topic.name, topic), byId: topics.byId.set(topic.id, topic) };
}

/** The record that creates a topic without partitions. */
export function topicRecord(name: string, topicId: Uuid): MetadataRecord {
  return { type: 'TopicRecord', version: 0, data: newTopicRecord({ name, topicId }) };
}

/** The records of the image. */
export function* topicRecords(topics: TopicsImage, options: ImageWriterOptions): Generator<MetadataRecord> {
  for (const topic of topics.byId.values()) {
    yield topicRecord(topic.name, topic.id);
    for (const [index, partition] of topic.partitions.entries()) {
      yield partitionToRecord(topic.id, index, partition, options);
    }
  }
}
