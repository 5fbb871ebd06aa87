/**
 * A set of partitions, kept by topic so that adding one makes no key text, with a bit for each: there may be ten thousands in many sets.
 */
import type { Uuid } from '@skarab/base';
import type { TopicIdPartition } from '../image/topics-image.ts';

/** A mutable set of partitions; those of a topic come in the order of their numbers. */
export class PartitionSet implements Iterable<TopicIdPartition> {
  readonly #byTopic = new Map<Uuid, Bits>();

  get isEmpty(): boolean {
    return this.#byTopic.size === 0;
  }

  add(topicId: Uuid, partition: number): void {
    let partitions = this.#byTopic.get(topicId);
    if (partitions === undefined) {
      partitions = new Bits();
      this.#byTopic.set(topicId, partitions);
    }
    partitions.add(partition);
  }

  delete(topicId: Uuid, partition: number): void {
    const partitions = this.#byTopic.get(topicId);
    if (partitions === undefined) return;
    partitions.delete(partition);
    if (partitions.isEmpty) this.#byTopic.delete(topicId);
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

const BITS = 32;

/** A set of small numbers; grows with the largest. */
class Bits implements Iterable<number> {
  #words = new Uint32Array(1);
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  has(number: number): boolean {
    return ((this.#words[Math.floor(number / BITS)] ?? 0) & maskOf(number)) !== 0;
  }

  add(number: number): void {
    if (this.has(number)) return;
    const index = Math.floor(number / BITS);
    if (index >= this.#words.length) {
      const grown = new Uint32Array(Math.max(index + 1, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[index]! |= maskOf(number);
    this.#count++;
  }

  delete(number: number): void {
    if (!this.has(number)) return;
    this.#words[Math.floor(number / BITS)]! &= ~maskOf(number);
    this.#count--;
  }

  /** Minds what is added and deleted meanwhile, as a Set does. */
  *[Symbol.iterator](): Generator<number> {
    for (let index = 0; index < this.#words.length; index++) {
      if (this.#words[index] === 0) continue;
      for (let number = index * BITS; number < (index + 1) * BITS; number++) if (this.has(number)) yield number;
    }
  }
}

const maskOf = (number: number): number => 1 << (number % BITS);
