/**
 * What changed about one topic since an image.
 *
 * Source: org.apache.kafka.image.TopicDelta.
 */
import { CorruptDataError } from '@skarab/base';
import type { PartitionChangeRecord, PartitionRecord } from '@skarab/protocol';
import type { TopicImage } from '../image/topics-image.ts';
import {
  clearElr,
  mergePartitionChange,
  type PartitionRegistration,
  partitionFromRecord,
} from '../registration/partition-registration.ts';

/** Changed and new partitions of a topic. */
export class TopicDelta {
  /** The topic before; without partitions when it is new. */
  readonly image: TopicImage;
  /** Partitions as they are now, by id; unchanged ones are absent. */
  readonly partitionChanges = new Map<number, PartitionRegistration>();

  constructor(image: TopicImage) {
    this.image = image;
  }

  /** The partition as it is now. */
  partition(id: number): PartitionRegistration | undefined {
    return this.partitionChanges.get(id) ?? this.image.partitions[id];
  }

  replayPartition(record: PartitionRecord): void {
    this.partitionChanges.set(record.partitionId, partitionFromRecord(record));
  }

  replayPartitionChange(record: PartitionChangeRecord): void {
    const before = this.partition(record.partitionId);
    if (before === undefined) {
      throw new CorruptDataError(`Unable to find partition ${record.topicId}:${record.partitionId}`);
    }
    this.partitionChanges.set(record.partitionId, mergePartitionChange(before, record));
  }

  replayClearElr(): void {
    for (const [id, before] of this.image.partitions.entries()) {
      if (!this.partitionChanges.has(id)) this.#change(id, before, clearElr(before));
    }
    for (const [id, before] of this.partitionChanges) this.#change(id, before, clearElr(before));
  }

  #change(id: number, before: PartitionRegistration, after: PartitionRegistration): void {
    if (after !== before) this.partitionChanges.set(id, after);
  }

  /** The topic as it is now. Errors: `CorruptDataError` when partition ids leave a hole. */
  apply(): TopicImage {
    if (this.partitionChanges.size === 0) return this.image;
    const partitions = [...this.image.partitions];
    for (const [id, partition] of this.partitionChanges) partitions[id] = partition;
    for (let id = this.image.partitions.length; id < partitions.length; id++) {
      if (partitions[id] === undefined) throw new CorruptDataError(`Topic ${this.image.name} has no partition ${id}`);
    }
    return { ...this.image, partitions };
  }
}
