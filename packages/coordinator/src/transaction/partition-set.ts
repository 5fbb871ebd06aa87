/**
 * The partitions of a transaction: an immutable set, grouped by topic.
 */

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export class PartitionSet {
  static readonly empty = new PartitionSet(new Map());
  readonly #byTopic: ReadonlyMap<string, ReadonlySet<number>>;

  private constructor(byTopic: ReadonlyMap<string, ReadonlySet<number>>) {
    this.#byTopic = byTopic;
  }

  /** The set of the given partitions. */
  static of(partitions: Iterable<TopicPartition>): PartitionSet {
    return PartitionSet.empty.with(partitions);
  }

  get isEmpty(): boolean {
    return this.#byTopic.size === 0;
  }

  has({ topic, partition }: TopicPartition): boolean {
    return this.#byTopic.get(topic)?.has(partition) ?? false;
  }

  /** This set and the given partitions. */
  with(partitions: Iterable<TopicPartition>): PartitionSet {
    const byTopic = new Map(this.#byTopic);
    const copied = new Map<string, Set<number>>();
    for (const { topic, partition } of partitions) {
      let indexes = copied.get(topic);
      if (indexes === undefined) {
        indexes = new Set(byTopic.get(topic));
        copied.set(topic, indexes);
        byTopic.set(topic, indexes);
      }
      indexes.add(partition);
    }
    return new PartitionSet(byTopic);
  }

  /** This set without the given partitions. */
  without(partitions: Iterable<TopicPartition>): PartitionSet {
    const gone = PartitionSet.of(partitions);
    return PartitionSet.of([...this].filter((partition) => !gone.has(partition)));
  }

  /** The partitions of each topic. */
  byTopic(): { readonly topic: string; readonly partitions: number[] }[] {
    return [...this.#byTopic].map(([topic, indexes]) => ({ topic, partitions: [...indexes] }));
  }

  *[Symbol.iterator](): Generator<TopicPartition> {
    for (const [topic, indexes] of this.#byTopic) for (const partition of indexes) yield { topic, partition };
  }
}
