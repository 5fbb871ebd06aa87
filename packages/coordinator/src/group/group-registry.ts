/**
 * The groups of one shard, by id and of any type.
 *
 * Which groups exist is hard state on the timeline; what is inside a classic group is not (see ClassicGroup).
 */
import type { Timeline } from '../runtime/timeline.ts';
import { TimelineMap } from '../runtime/timeline-map.ts';
import { ClassicGroup } from './classic/classic-group.ts';
import type { Group } from './group.ts';

/** All groups of one shard. */
export class GroupRegistry {
  readonly #groups: TimelineMap<string, Group>;

  constructor(timeline: Timeline) {
    this.#groups = new TimelineMap(timeline);
  }

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }

  /** The group if it exists as of the last commit. */
  getCommitted(groupId: string): Group | undefined {
    return this.#groups.getCommitted(groupId);
  }

  /** The group if it is a classic one. */
  getClassic(groupId: string): ClassicGroup | undefined {
    const group = this.#groups.get(groupId);
    return group instanceof ClassicGroup ? group : undefined;
  }

  /** The group of whatever type, or a new empty classic group: what commits without membership make. */
  getOrCreateSimple(groupId: string): Group {
    return this.get(groupId) ?? this.create(groupId, null);
  }

  /** A new empty classic group in place of none; `nowMs` is null for one that only holds offsets. */
  create(groupId: string, nowMs: number | null): ClassicGroup {
    const group = new ClassicGroup(groupId, nowMs);
    this.#groups.set(groupId, group);
    return group;
  }

  put(group: Group): void {
    this.#groups.set(group.groupId, group);
  }

  delete(groupId: string): void {
    this.#groups.delete(groupId);
  }

  ids(): string[] {
    return [...this.#groups.keys()];
  }

  values(): MapIterator<Group> {
    return this.#groups.values();
  }

  /** The groups that exist as of the last commit. */
  *committed(): Generator<Group> {
    for (const [, group] of this.#groups.committedEntries()) yield group;
  }
}
