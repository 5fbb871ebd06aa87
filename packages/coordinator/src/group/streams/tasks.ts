/**
 * Tasks of a streams group: a subtopology and a partition of its input. Active tasks process, standby tasks keep a copy of state, warm-up tasks
 * are on their way to a copy.
 *
 * Values are replaced, not mutated. Source: org.apache.kafka.coordinator.group.streams.TasksTuple, TasksTupleWithEpochs.
 */
import { inHashOrder } from '../java-string.ts';

/** Partitions by subtopology; no entry is empty. */
export type TaskSet = ReadonlyMap<string, ReadonlySet<number>>;

/** As `TaskSet`, each partition with the epoch in which it was assigned. */
export type EpochTaskSet = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** What a member is to have, or says that it has. */
export interface Tasks {
  readonly active: TaskSet;
  readonly standby: TaskSet;
  readonly warmup: TaskSet;
}

/** What a member has. */
export interface EpochTasks {
  readonly active: EpochTaskSet;
  readonly standby: TaskSet;
  readonly warmup: TaskSet;
}

/** Partitions of one subtopology, as messages list them. */
export interface TaskIds {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

const none = new Map<never, never>();
export const NO_TASKS: Tasks = { active: none, standby: none, warmup: none };
export const NO_EPOCH_TASKS: EpochTasks = NO_TASKS as unknown as EpochTasks;

/** The tasks of a message. */
export function taskSetOf(taskIds: readonly TaskIds[]): TaskSet {
  return new Map(taskIds.map(({ subtopologyId, partitions }) => [subtopologyId, new Set(partitions)]));
}

/** The tasks without their epochs. */
export function withoutEpochs(tasks: EpochTaskSet): TaskSet {
  return new Map([...tasks].map(([subtopologyId, epochs]) => [subtopologyId, new Set(epochs.keys())]));
}

/** For a message, by subtopology and partition. */
export function sortedTaskIds(tasks: TaskSet): { subtopologyId: string; partitions: number[] }[] {
  return [...tasks.keys()].sort().map((subtopologyId) => taskIdsOf(tasks, subtopologyId));
}

/** For a message, subtopologies in the order of a `HashMap`. */
export function hashOrderedTaskIds(tasks: TaskSet): { subtopologyId: string; partitions: number[] }[] {
  return inHashOrder([...tasks.keys()]).map((subtopologyId) => taskIdsOf(tasks, subtopologyId));
}

function taskIdsOf(tasks: TaskSet, subtopologyId: string): { subtopologyId: string; partitions: number[] } {
  return { subtopologyId, partitions: [...tasks.get(subtopologyId)!].sort((a, b) => a - b) };
}

export function isSameTasks(a: Tasks, b: Tasks): boolean {
  return isSameTaskSet(a.active, b.active) && isSameTaskSet(a.standby, b.standby) && isSameTaskSet(a.warmup, b.warmup);
}

export function isSameEpochTasks(a: EpochTasks, b: EpochTasks): boolean {
  return (
    isSameEpochTaskSet(a.active, b.active) && isSameTaskSet(a.standby, b.standby) && isSameTaskSet(a.warmup, b.warmup)
  );
}

function isSameTaskSet(a: TaskSet, b: TaskSet): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  return [...a].every(([subtopologyId, partitions]) => {
    const others = b.get(subtopologyId);
    return others?.size === partitions.size && partitions.isSubsetOf(others);
  });
}

function isSameEpochTaskSet(a: EpochTaskSet, b: EpochTaskSet): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  return [...a].every(([subtopologyId, epochs]) => {
    const others = b.get(subtopologyId);
    return others?.size === epochs.size && [...epochs].every(([partition, epoch]) => others.get(partition) === epoch);
  });
}

export function hasNoTasks({ active, standby, warmup }: Tasks | EpochTasks): boolean {
  return active.size === 0 && standby.size === 0 && warmup.size === 0;
}

/** Whether a member that owns some tasks still has one of others. */
export function ownsAnyOf(owned: Tasks, others: EpochTasks): boolean {
  return (
    overlaps(owned.active, withoutEpochs(others.active)) ||
    overlaps(owned.standby, others.standby) ||
    overlaps(owned.warmup, others.warmup)
  );
}

function overlaps(a: TaskSet, b: TaskSet): boolean {
  return [...a].some(([subtopologyId, partitions]) => !partitions.isDisjointFrom(b.get(subtopologyId) ?? new Set()));
}

/** The tasks of two disjoint sets; where they are not, the epochs of the second count. */
export function mergedEpochTasks(a: EpochTasks, b: EpochTasks): EpochTasks {
  const active = new Map(a.active);
  for (const [subtopologyId, epochs] of b.active)
    active.set(subtopologyId, new Map([...(active.get(subtopologyId) ?? []), ...epochs]));
  return { active, standby: merged(a.standby, b.standby), warmup: merged(a.warmup, b.warmup) };
}

function merged(a: TaskSet, b: TaskSet): TaskSet {
  const all = new Map(a);
  for (const [subtopologyId, partitions] of b)
    all.set(subtopologyId, new Set([...(all.get(subtopologyId) ?? []), ...partitions]));
  return all;
}
