/**
 * Topics created, changed and deleted since an image.
 *
 * A topic that is created and deleted within one delta leaves no trace; one that is deleted and created anew shows up as both.
 * Source: org.apache.kafka.image.TopicsDelta.
 */
import { CorruptDataError, type Uuid } from '@skarab/base';
import type {
  ClearElrRecord,
  PartitionChangeRecord,
  PartitionRecord,
  RemoveTopicRecord,
  TopicRecord,
} from '@skarab/protocol';
import { type TopicsImage, withTopic } from '../image/topics-image.ts';
import { TopicDelta } from './topic-delta.ts';

/** Changes of topics. */
export class TopicsDelta {
  /** The topics before. */
  readonly image: TopicsImage;
  /** Topics that are new or changed, and not deleted. */
  readonly changedTopics = new Map<Uuid, TopicDelta>();
  /** Topics of the image that are gone. */
  readonly deletedTopicIds = new Set<Uuid>();
  readonly #createdTopics = new Map<string, Uuid>();

  constructor(image: TopicsImage) {
    this.image = image;
  }

  /** Ids of the topics that were created. */
  get createdTopicIds(): Iterable<Uuid> {
    return this.#createdTopics.values();
  }

  replayTopic(record: TopicRecord): void {
    this.changedTopics.set(record.topicId, new TopicDelta({ name: record.name, id: record.topicId, partitions: [] }));
    this.#createdTopics.set(record.name, record.topicId);
  }

  replayPartition(record: PartitionRecord): void {
    this.#topicDelta(record.topicId).replayPartition(record);
  }

  replayPartitionChange(record: PartitionChangeRecord): void {
    this.#topicDelta(record.topicId).replayPartitionChange(record);
  }

  replayClearElr(record: ClearElrRecord): void {
    if (record.topicName !== '') {
      const id = this.#createdTopics.get(record.topicName) ?? this.image.byName.get(record.topicName)?.id;
      if (id === undefined) throw new CorruptDataError(`Unable to clear the ELR of ${record.topicName}: no such topic`);
      if (!this.deletedTopicIds.has(id)) this.#topicDelta(id).replayClearElr();
      return;
    }
    for (const [id, topic] of this.image.byId) {
      const hasElr = topic.partitions.some(
        (partition) => partition.elr.length > 0 || partition.lastKnownElr.length > 0,
      );
      if (!this.deletedTopicIds.has(id) && (hasElr || this.changedTopics.has(id)))
        this.#topicDelta(id).replayClearElr();
    }
    for (const id of this.#createdTopics.values()) this.#topicDelta(id).replayClearElr();
  }

  /** Returns the name of the removed topic. */
  replayRemoveTopic(record: RemoveTopicRecord): string {
    const { topicId } = record;
    const name = this.changedTopics.get(topicId)?.image.name ?? this.image.byId.get(topicId)?.name;
    if (name === undefined)
      throw new CorruptDataError(`Unable to delete topic with id ${topicId}: no such topic found`);
    this.changedTopics.delete(topicId);
    if (this.#createdTopics.get(name) === topicId) this.#createdTopics.delete(name);
    if (this.image.byId.has(topicId)) this.deletedTopicIds.add(topicId);
    return name;
  }

  /** Deletes what the snapshot did not mention. */
  finishSnapshot(): void {
    for (const id of this.image.byId.keys()) if (!this.changedTopics.has(id)) this.deletedTopicIds.add(id);
  }

  /** True when a topic of this name was deleted, even if one of the same name was created since. */
  topicWasDeleted(name: string): boolean {
    const topic = this.image.byName.get(name);
    return topic !== undefined && this.deletedTopicIds.has(topic.id);
  }

  /** The topics as they are now. */
  apply(): TopicsImage {
    let { byName, byId } = this.image;
    for (const id of this.deletedTopicIds) {
      byName = byName.delete(byId.get(id)!.name);
      byId = byId.delete(id);
    }
    let topics: TopicsImage = { byName, byId };
    for (const delta of this.changedTopics.values()) topics = withTopic(topics, delta.apply());
    return topics;
  }

  #topicDelta(id: Uuid): TopicDelta {
    const known = this.changedTopics.get(id);
    if (known !== undefined) return known;
    const topic = this.image.byId.get(id);
    if (topic === undefined || this.deletedTopicIds.has(id)) throw new CorruptDataError(`No topic with id ${id}`);
    const delta = new TopicDelta(topic);
    this.changedTopics.set(id, delta);
    return delta;
  }
}
