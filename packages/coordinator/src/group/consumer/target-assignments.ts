/**
 * The target assignments of a group: by member, and the other way around.
 *
 * Source: org.apache.kafka.coordinator.group.modern.ModernGroup (targetAssignment, invertedTargetAssignment).
 */
import type { Uuid } from '@skarab/base';
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';
import { type Assignment, NO_PARTITIONS } from './assignment.ts';

/** All target assignments of one group. */
export class TargetAssignments {
  readonly #timeline: Timeline;
  readonly #byMember: TimelineMap<string, Assignment>;
  readonly #owners: TimelineMap<Uuid, TimelineMap<number, string>>;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#byMember = new TimelineMap(timeline);
    this.#owners = new TimelineMap(timeline);
  }

  get size(): number {
    return this.#byMember.size;
  }

  has(memberId: string): boolean {
    return this.#byMember.has(memberId);
  }

  get(memberId: string): Assignment | undefined {
    return this.#byMember.get(memberId);
  }

  /** The target as of the last commit. */
  getCommitted(memberId: string): Assignment {
    return this.#byMember.getCommitted(memberId) ?? NO_PARTITIONS;
  }

  /** Whether a partition is in anybody's target. */
  isAssigned(topicId: Uuid, partition: number): boolean {
    return this.#owners.get(topicId)?.has(partition) ?? false;
  }

  set(memberId: string, assignment: Assignment): void {
    this.#invert(memberId, this.#byMember.get(memberId) ?? NO_PARTITIONS, assignment);
    this.#byMember.set(memberId, assignment);
  }

  delete(memberId: string): void {
    this.#invert(memberId, this.#byMember.get(memberId) ?? NO_PARTITIONS, NO_PARTITIONS);
    this.#byMember.delete(memberId);
  }

  /** A partition that is somebody else's already (its target came first) stays so. */
  #invert(memberId: string, before: Assignment, after: Assignment): void {
    for (const topicId of new Set([...before.keys(), ...after.keys()])) {
      const owners = this.#ownersOf(topicId);
      const old = new Set(before.get(topicId));
      const fresh = new Set(after.get(topicId));
      for (const partition of old)
        if (!fresh.has(partition) && owners.get(partition) === memberId) owners.delete(partition);
      for (const partition of fresh) if (!old.has(partition)) owners.set(partition, memberId);
      if (owners.size === 0) this.#owners.delete(topicId);
    }
  }

  #ownersOf(topicId: Uuid): TimelineMap<number, string> {
    let owners = this.#owners.get(topicId);
    if (owners === undefined) {
      owners = new TimelineMap(this.#timeline);
      this.#owners.set(topicId, owners);
    }
    return owners;
  }
}
