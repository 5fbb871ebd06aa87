/**
 * Which processes run which tasks of a group now, counting those that they have not given up yet.
 *
 * Hard state that follows from members. Source: StreamsGroup (currentActiveTaskToProcessId, currentStandbyTaskToProcessIds,
 * currentWarmupTaskToProcessIds).
 */
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';
import type { StreamsMember } from './streams-member.ts';
import type { EpochTasks, TaskSet } from './tasks.ts';

const nobody: ReadonlySet<string> = new Set();

/** Processes by task. */
export class TaskProcesses {
  readonly #active: TimelineMap<string, string>;
  readonly #standby: TimelineMap<string, ReadonlySet<string>>;
  readonly #warmup: TimelineMap<string, ReadonlySet<string>>;

  constructor(timeline: Timeline) {
    this.#active = new TimelineMap(timeline);
    this.#standby = new TimelineMap(timeline);
    this.#warmup = new TimelineMap(timeline);
  }

  /** The process whose task is active. */
  active(subtopologyId: string, partition: number): string | undefined {
    return this.#active.get(keyOf(subtopologyId, partition));
  }

  standby(subtopologyId: string, partition: number): ReadonlySet<string> {
    return this.#standby.get(keyOf(subtopologyId, partition)) ?? nobody;
  }

  warmup(subtopologyId: string, partition: number): ReadonlySet<string> {
    return this.#warmup.get(keyOf(subtopologyId, partition)) ?? nobody;
  }

  /** A member has changed; undefined for one that is not there. */
  update(before: StreamsMember | undefined, after: StreamsMember | undefined): void {
    if (before !== undefined)
      for (const tasks of [before.assigned, before.pendingRevocation]) this.#remove(tasks, before.processId);
    if (after !== undefined)
      for (const tasks of [after.assigned, after.pendingRevocation]) this.#add(tasks, after.processId);
  }

  /** A task that is another process's by now stays its. */
  #remove({ active, standby, warmup }: EpochTasks, processId: string): void {
    for (const key of keysOf(active)) if (this.#active.get(key) === processId) this.#active.delete(key);
    removeFromSets(this.#standby, standby, processId);
    removeFromSets(this.#warmup, warmup, processId);
  }

  #add({ active, standby, warmup }: EpochTasks, processId: string): void {
    for (const key of keysOf(active)) this.#active.set(key, processId);
    addToSets(this.#standby, standby, processId);
    addToSets(this.#warmup, warmup, processId);
  }
}

function keyOf(subtopologyId: string, partition: number): string {
  return `${partition}:${subtopologyId}`;
}

function* keysOf(tasks: ReadonlyMap<string, { keys(): Iterable<number> }>): Generator<string> {
  for (const [subtopologyId, partitions] of tasks)
    for (const partition of partitions.keys()) yield keyOf(subtopologyId, partition);
}

function removeFromSets(sets: TimelineMap<string, ReadonlySet<string>>, tasks: TaskSet, processId: string): void {
  for (const key of keysOf(tasks)) {
    const rest = new Set(sets.get(key));
    if (!rest.delete(processId)) continue;
    if (rest.size === 0) sets.delete(key);
    else sets.set(key, rest);
  }
}

function addToSets(sets: TimelineMap<string, ReadonlySet<string>>, tasks: TaskSet, processId: string): void {
  for (const key of keysOf(tasks)) sets.set(key, new Set(sets.get(key)).add(processId));
}
