/**
 * An assignment that an assignor changes, with the order of iteration that it has on the JVM.
 *
 * Source: org.apache.kafka.coordinator.group.assignor.AssignorHelpers.deepCopyAssignment.
 */
import type { Uuid } from '@skarab/base';
import type { Assignment } from '../consumer/assignment.ts';
import { copiedSetCapacity, intHashCode, JavaHashMap, tableSizeFor, uuidHashCode } from '../java-hash-order.ts';

type PartitionSet = JavaHashMap<number, true>;

/** Partitions by topic; no topic is without partitions. */
export class MutableAssignment {
  readonly #topics: JavaHashMap<Uuid, PartitionSet>;

  /** A copy of `assignment`. */
  constructor(assignment: Assignment) {
    this.#topics = new JavaHashMap(uuidHashCode, tableSizeFor(assignment.size));
    for (const [topicId, partitions] of assignment) {
      const set = new JavaHashMap<number, true>(intHashCode, copiedSetCapacity(partitions.length));
      for (const partition of partitions) set.put(partition, true);
      this.#topics.put(topicId, set);
    }
  }

  /** `setCapacity` is that of the set which a new topic gets. */
  add(topicId: Uuid, partition: number, setCapacity = 16): void {
    let set = this.#topics.get(topicId);
    if (set === undefined) {
      set = new JavaHashMap(intHashCode, setCapacity);
      this.#topics.compute(topicId, set);
    }
    set.put(partition, true);
  }

  remove(topicId: Uuid, partition: number): void {
    const set = this.#topics.get(topicId);
    if (set === undefined) return;
    set.delete(partition);
    if (set.size === 0) this.#topics.delete(topicId);
  }

  removeTopic(topicId: Uuid): void {
    this.#topics.delete(topicId);
  }

  toAssignment(): Assignment {
    return new Map(this.#topics.keys().map((topicId) => [topicId, this.#topics.get(topicId)!.keys()]));
  }
}
