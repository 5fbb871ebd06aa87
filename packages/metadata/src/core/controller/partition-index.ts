/**
 * What the controller must find fast about the newest image: partitions by broker, by directory, and those that need attention.
 *
 * Follows the image delta by delta; built anew from an image after a snapshot or a revert, so it never has to be undone.
 * Invariant: equal to what building it from the tip would give. Source: org.apache.kafka.controller.BrokersToIsrs, BrokersToElrs and the
 * maps of ReplicationControlManager.
 */
import type { Uuid } from '@skarab/base';
import type { TopicsDelta } from '../delta/topics-delta.ts';
import { isReservedDirectory } from '../directory-id.ts';
import type { TopicImage, TopicsImage } from '../image/topics-image.ts';
import {
  hasPreferredLeader,
  isReassigning,
  NO_LEADER,
  type PartitionRegistration,
} from '../registration/partition-registration.ts';
import { hasCollisionCharacters, unifyCollisionCharacters } from '../topic-name.ts';
import { PartitionSet, PartitionSets } from './partition-set.ts';

/** Look-ups over the newest image. */
export class PartitionIndex {
  /** By broker that is in the ISR. */
  readonly isr = new PartitionSets<number>();
  /** By broker that is in the ELR. */
  readonly elr = new PartitionSets<number>();
  /** By leader; `NO_LEADER` for partitions without one. */
  readonly led = new PartitionSets<number>();
  /** By directory of some replica. */
  readonly directory = new PartitionSets<Uuid>();
  /** Partitions whose leader is not their first replica. */
  readonly imbalanced = new PartitionSet();
  readonly reassigning = new PartitionSet();
  readonly #collidingNames = new Map<string, Set<string>>();

  /** An index of `topics`. */
  static of(topics: TopicsImage): PartitionIndex {
    const index = new PartitionIndex();
    for (const topic of topics.byId.values()) index.#addTopic(topic);
    return index;
  }

  /** A topic whose name cannot be told from `name` in metrics, if there is one. */
  collidingTopic(name: string): string | undefined {
    if (!hasCollisionCharacters(name)) return undefined;
    return this.#collidingNames.get(unifyCollisionCharacters(name))?.values().next().value;
  }

  /** Follows the image by one delta. */
  update(delta: TopicsDelta): void {
    for (const id of delta.deletedTopicIds) this.#removeTopic(delta.image.byId.get(id)!);
    for (const topicDelta of delta.changedTopics.values()) {
      const { id, name, partitions } = topicDelta.image;
      if (!delta.image.byId.has(id)) this.#addName(name);
      for (const [partition, after] of topicDelta.partitionChanges) {
        const before = partitions[partition];
        if (before !== undefined) this.#remove(id, partition, before);
        this.#add(id, partition, after);
      }
    }
  }

  #addTopic(topic: TopicImage): void {
    this.#addName(topic.name);
    for (const [partition, registration] of topic.partitions.entries()) this.#add(topic.id, partition, registration);
  }

  #removeTopic(topic: TopicImage): void {
    if (hasCollisionCharacters(topic.name)) {
      const unified = unifyCollisionCharacters(topic.name);
      const names = this.#collidingNames.get(unified);
      names?.delete(topic.name);
      if (names?.size === 0) this.#collidingNames.delete(unified);
    }
    for (const [partition, registration] of topic.partitions.entries()) this.#remove(topic.id, partition, registration);
  }

  #addName(name: string): void {
    if (!hasCollisionCharacters(name)) return;
    const unified = unifyCollisionCharacters(name);
    const names = this.#collidingNames.get(unified);
    if (names === undefined) this.#collidingNames.set(unified, new Set([name]));
    else names.add(name);
  }

  #add(topicId: Uuid, partition: number, registration: PartitionRegistration): void {
    for (const id of registration.isr) this.isr.add(id, topicId, partition);
    for (const id of registration.elr) this.elr.add(id, topicId, partition);
    this.led.add(registration.leader, topicId, partition);
    for (const id of registration.directories) {
      if (!isReservedDirectory(id)) this.directory.add(id, topicId, partition);
    }
    if (!hasPreferredLeader(registration)) this.imbalanced.add(topicId, partition);
    if (isReassigning(registration)) this.reassigning.add(topicId, partition);
  }

  #remove(topicId: Uuid, partition: number, registration: PartitionRegistration): void {
    for (const id of registration.isr) this.isr.delete(id, topicId, partition);
    for (const id of registration.elr) this.elr.delete(id, topicId, partition);
    this.led.delete(registration.leader, topicId, partition);
    for (const id of registration.directories) this.directory.delete(id, topicId, partition);
    this.imbalanced.delete(topicId, partition);
    this.reassigning.delete(topicId, partition);
  }

  /** True when the broker leads a partition. */
  hasLeaderships(brokerId: number): boolean {
    return this.led.has(brokerId);
  }

  /** True when some partition has no leader. */
  get hasLeaderless(): boolean {
    return this.led.has(NO_LEADER);
  }
}
