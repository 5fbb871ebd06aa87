/**
 * Which partitions of a group are owned by anybody, and in which member epoch their owners got them.
 *
 * A partition that is here is not free, also while its owner has been told to give it up. Source: ConsumerGroup.currentPartitionEpoch.
 */
import { CorruptDataError, type Uuid } from '@skarab/base';
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';
import type { EpochAssignment } from './assignment.ts';
import type { ConsumerMember } from './consumer-member.ts';

/** The owned partitions of one group. */
export class PartitionEpochs {
  readonly #timeline: Timeline;
  readonly #epochs: TimelineMap<Uuid, TimelineMap<number, number>>;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#epochs = new TimelineMap(timeline);
  }

  /** The epoch of a partition's owner, or -1 when it is free. */
  get(topicId: Uuid, partition: number): number {
    return this.#epochs.get(topicId)?.get(partition) ?? -1;
  }

  /** A member is another one now, or new, or gone. Errors: `CorruptDataError` when it has what somebody else still owns. */
  update(before: ConsumerMember | undefined, after: ConsumerMember | undefined): void {
    if (before !== undefined) {
      this.#remove(before.assignedPartitions, before.memberEpoch);
      this.#remove(before.partitionsPendingRevocation, before.memberEpoch);
    }
    if (after !== undefined) {
      this.#add(after.assignedPartitions, after.memberEpoch);
      this.#add(after.partitionsPendingRevocation, after.memberEpoch);
    }
  }

  /** A partition that has a later owner by now is left to it. */
  #remove(assignment: EpochAssignment, epoch: number): void {
    for (const [topicId, partitions] of assignment) {
      const epochs = this.#epochs.get(topicId);
      if (epochs === undefined) continue;
      for (const partition of partitions.keys()) if (epochs.get(partition) === epoch) epochs.delete(partition);
      if (epochs.size === 0) this.#epochs.delete(topicId);
    }
  }

  #add(assignment: EpochAssignment, epoch: number): void {
    for (const [topicId, partitions] of assignment) {
      let epochs = this.#epochs.get(topicId);
      if (epochs === undefined) {
        epochs = new TimelineMap(this.#timeline);
        this.#epochs.set(topicId, epochs);
      }
      for (const partition of partitions.keys()) {
        const owner = epochs.get(partition);
        if (owner !== undefined && owner >= epoch)
          throw new CorruptDataError(`partition ${topicId}-${partition} has an owner of epoch ${owner}, not ${epoch}`);
        epochs.set(partition, epoch);
      }
    }
  }
}
