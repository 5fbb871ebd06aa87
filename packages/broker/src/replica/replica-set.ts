/**
 * The partitions that this broker keeps, by topic and index.
 */
import type { Partition } from './partition.ts';
import { Traffic } from './traffic.ts';

export class ReplicaSet {
  /** What the partitions counted that are not kept any more. */
  readonly departed = new Traffic();
  readonly #byTopic = new Map<string, Partition[]>();

  /** The partition, or undefined when this broker does not keep it. */
  get(topic: string, index: number): Partition | undefined {
    return this.#byTopic.get(topic)?.[index];
  }

  put(partition: Partition): void {
    let partitions = this.#byTopic.get(partition.topic);
    if (partitions === undefined) {
      partitions = [];
      this.#byTopic.set(partition.topic, partitions);
    }
    partitions[partition.index] = partition;
  }

  remove(partition: Partition): void {
    const partitions = this.#byTopic.get(partition.topic);
    if (partitions?.[partition.index] !== partition) return;
    delete partitions[partition.index];
    this.departed.add(partition.traffic);
    if (partitions.every((other) => other === undefined)) this.#byTopic.delete(partition.topic);
  }

  /** Names of the topics that have partitions here. */
  topics(): string[] {
    return [...this.#byTopic.keys()];
  }

  /** The partitions of one topic. */
  ofTopic(topic: string): Partition[] {
    return (this.#byTopic.get(topic) ?? []).filter((partition) => partition !== undefined);
  }

  /** All partitions, topic by topic. */
  *all(): Generator<Partition> {
    for (const partitions of this.#byTopic.values())
      for (const partition of partitions) if (partition !== undefined) yield partition;
  }
}
