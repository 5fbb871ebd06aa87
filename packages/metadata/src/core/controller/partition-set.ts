/**
 * A set of partitions, kept by topic so that adding one makes no key text.
 */
import type { Uuid } from '@skarab/base';
import type { TopicIdPartition } from '../image/topics-image.ts';

/** A mutable set of partitions. */
export class PartitionSet implements Iterable<TopicIdPartition> {
  readonly #byTopic = new Map<Uuid, Set<number>>();

  get isEmpty(): boolean {
    return this.#byTopic.size === 0;
  }

  add(topicId: Uuid, partition: number): void {
    const partitions = this.#byTopic.get(topicId);
    if (partitions === undefined) this.#byTopic.set(topicId, new Set([partition]));
    else partitions.add(partition);
  }

  delete(topicId: Uuid, partition: number): void {
    const partitions = this.#byTopic.get(topicId);
    if (partitions === undefined) return;
    partitions.delete(partition);
    if (partitions.size === 0) this.#byTopic.delete(topicId);
  }

  has(topicId: Uuid, partition: number): boolean {
    return this.#byTopic.get(topicId)?.has(partition) ?? false;
  }

  *[Symbol.iterator](): Generator<TopicIdPartition> {
    for (const [topicId, partitions] of this.#byTopic) for (const partition of partitions) yield { topicId, partition };
  }
}

/** Partition sets by some key; empty ones are dropped. */
export class PartitionSets<K> {
  readonly #sets = new Map<K, PartitionSet>();

  get(key: K): Iterable<TopicIdPartition> {
    return this.#sets.get(key) ?? [];
  }

  has(key: K): boolean {
    return this.#sets.has(key);
  }

  add(key: K, topicId: Uuid, partition: number): void {
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = new PartitionSet();
      this.#sets.set(key, set);
    }
    set.add(topicId, partition);
  }

  delete(key: K, topicId: Uuid, partition: number): void {
    const set = this.#sets.get(key);
    set?.delete(topicId, partition);
    if (set?.isEmpty) this.#sets.delete(key);
  }
}
