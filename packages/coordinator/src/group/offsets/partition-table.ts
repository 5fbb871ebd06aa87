/**
 * Values by group, topic and partition on a timeline; no level is ever empty.
 */
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';

/** Values of one topic by partition. */
export type ByPartition<V> = TimelineMap<number, V>;
/** Values of one group by topic. */
export type ByTopic<V> = TimelineMap<string, ByPartition<V>>;

/** A value per group, topic and partition. */
export class PartitionTable<V> {
  readonly #timeline: Timeline;
  readonly #groups: TimelineMap<string, ByTopic<V>>;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#groups = new TimelineMap(timeline);
  }

  get(groupId: string, topic: string, partition: number): V | undefined {
    return this.#groups.get(groupId)?.get(topic)?.get(partition);
  }

  set(groupId: string, topic: string, partition: number, value: V): void {
    let topics = this.#groups.get(groupId);
    if (topics === undefined) {
      topics = new TimelineMap(this.#timeline);
      this.#groups.set(groupId, topics);
    }
    let partitions = topics.get(topic);
    if (partitions === undefined) {
      partitions = new TimelineMap(this.#timeline);
      topics.set(topic, partitions);
    }
    partitions.set(partition, value);
  }

  /** Returns whether there was a value. */
  delete(groupId: string, topic: string, partition: number): boolean {
    const topics = this.#groups.get(groupId);
    const partitions = topics?.get(topic);
    if (topics === undefined || partitions === undefined || !partitions.delete(partition)) return false;
    if (partitions.size === 0) topics.delete(topic);
    if (topics.size === 0) this.#groups.delete(groupId);
    return true;
  }

  /** Newest state of a group. */
  ofGroup(groupId: string): ByTopic<V> | undefined {
    return this.#groups.get(groupId);
  }

  /** A group as of the last commit; read it with the committed readers only. */
  ofGroupCommitted(groupId: string): ByTopic<V> | undefined {
    return this.#groups.getCommitted(groupId);
  }

  hasGroup(groupId: string): boolean {
    return this.#groups.has(groupId);
  }

  /** Every value of the newest state. */
  *entries(): Generator<{ groupId: string; topic: string; partition: number; value: V }> {
    for (const [groupId, topics] of this.#groups)
      for (const [topic, partitions] of topics)
        for (const [partition, value] of partitions) yield { groupId, topic, partition, value };
  }
}
