/**
 * The assignor of streams groups: tasks stay where they, or their copies, were as far as the load stays even.
 *
 * Active tasks go first: to who had them, to who had a copy, to who has the least. Copies follow the same way, never to the process that runs the
 * task. Equals are told apart by the orders of Java's hash tables and heaps.
 * Source: org.apache.kafka.coordinator.group.streams.assignor.StickyTaskAssignor.
 */
import { JavaHashMap, tableSizeFor } from '../java-hash-order.ts';
import { javaHashCode } from '../java-string.ts';
import { PriorityQueue } from './priority-queue.ts';
import { ProcessLoad, type Task } from './process-load.ts';
import { NO_TASKS, type TaskSet, type Tasks } from './tasks.ts';

/** A member and the target that it has now. */
export interface AssignedMember {
  readonly memberId: string;
  readonly processId: string;
  readonly target: Tasks;
}

/** What there is to give out, by subtopology, sorted by id. */
export interface SubtopologyTasks {
  readonly subtopologyId: string;
  readonly taskCount: number;
  readonly isStateful: boolean;
}

/** The tasks of each member; `members` in the order of the JVM's table. */
export function assignTasks(
  members: readonly AssignedMember[],
  subtopologies: readonly SubtopologyTasks[],
  standbyCount: number,
): Map<string, Tasks> {
  return new StickyAssignment(members, subtopologies, standbyCount).run();
}

/** How many tasks a member may have; shrinks to what is left as members fill up. */
class Quota {
  #tasks: number;
  #members: number;
  perMember: number;

  constructor(tasks: number, members: number) {
    this.#tasks = tasks;
    this.#members = members;
    this.perMember = this.#share();
  }

  #share(): number {
    return this.#members === 0 ? 0 : Math.ceil(this.#tasks / this.#members);
  }

  onCount(count: number): void {
    if (count !== this.perMember) return;
    this.#members--;
    this.#tasks -= count;
    this.perMember = this.#share();
  }
}

class StickyAssignment {
  readonly #members: readonly AssignedMember[];
  readonly #subtopologies: readonly SubtopologyTasks[];
  readonly #standbyCount: number;
  readonly #activeQuota: Quota;
  readonly #totalQuota: Quota;
  readonly #processes: JavaHashMap<string, ProcessLoad>;
  readonly #hadActive = new Map<string, AssignedMember>();
  readonly #hadStandby = new Map<string, AssignedMember[]>();

  constructor(members: readonly AssignedMember[], subtopologies: readonly SubtopologyTasks[], standbyCount: number) {
    this.#members = members;
    this.#subtopologies = subtopologies;
    this.#standbyCount = standbyCount;
    const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0);
    const activeCount = sum(subtopologies.map(({ taskCount }) => taskCount));
    const copies = sum(subtopologies.map(({ taskCount, isStateful }) => (isStateful ? taskCount * standbyCount : 0)));
    this.#activeQuota = new Quota(activeCount, members.length);
    this.#totalQuota = new Quota(activeCount + copies, members.length);
    this.#processes = new JavaHashMap(javaHashCode, tableSizeFor(members.length));
    for (const member of members) this.#remember(member);
  }

  #remember(member: AssignedMember): void {
    const { processId, memberId, target } = member;
    if (this.#processes.get(processId) === undefined) this.#processes.put(processId, new ProcessLoad());
    this.#processOf(member).addMember(memberId);
    for (const { key } of tasksOf(target.active)) this.#hadActive.set(key, member);
    for (const { key } of tasksOf(target.standby)) {
      const others = this.#hadStandby.get(key);
      if (others === undefined) this.#hadStandby.set(key, [member]);
      else others.push(member);
    }
  }

  #processOf({ processId }: AssignedMember): ProcessLoad {
    return this.#processes.get(processId)!;
  }

  run(): Map<string, Tasks> {
    this.#assignActive();
    if (this.#standbyCount > 0) this.#assignStandby();
    return new Map(
      this.#members.map((member) => {
        const { active, standby } = this.#processOf(member);
        const { memberId } = member;
        return [
          memberId,
          { ...NO_TASKS, active: compact(active.get(memberId)), standby: compact(standby.get(memberId)) },
        ];
      }),
    );
  }

  #assignActive(): void {
    const all = this.#subtopologies.flatMap(({ subtopologyId, taskCount }) => tasksUpTo(subtopologyId, taskCount));
    let rest = all.sort((a, b) => a.partition - b.partition || compareIds(a, b));
    rest = rest.filter((task) => !this.#giveActive(this.#hadActive.get(task.key), task));
    rest = rest.filter((task) => {
      const previous = this.#leastLoaded(this.#hadStandby.get(task.key) ?? [], null);
      return !this.#giveActive(previous, task);
    });
    rest.sort((a, b) => compareIds(a, b) || a.partition - b.partition);
    const byLoad = this.#processesByLoad();
    for (const task of rest) {
      const process = byLoad.poll()!;
      this.#count(process.addToLeastLoaded(task, true));
      byLoad.add(process);
    }
  }

  #giveActive(member: AssignedMember | undefined, task: Task): boolean {
    if (member === undefined) return false;
    const process = this.#processOf(member);
    if (process.countOf(member.memberId) >= this.#activeQuota.perMember) return false;
    this.#count(process.add(member.memberId, task, true));
    return true;
  }

  #count(count: number): void {
    this.#activeQuota.onCount(count);
    this.#totalQuota.onCount(count);
  }

  #processesByLoad(): PriorityQueue<ProcessLoad> {
    const queue = new PriorityQueue<ProcessLoad>(({ load }) => load);
    for (const processId of this.#processes.keys()) queue.add(this.#processes.get(processId)!);
    return queue;
  }

  #assignStandby(): void {
    const stateful = this.#subtopologies.filter(({ isStateful }) => isStateful);
    const all = stateful.flatMap(({ subtopologyId, taskCount }) => tasksUpTo(subtopologyId, taskCount));
    all.sort((a, b) => b.partition - a.partition || compareIds(b, a));
    const rest: { task: Task; missing: number }[] = [];
    for (const task of all) {
      let given = 0;
      while (given < this.#standbyCount && this.#giveBack(task)) given++;
      if (given < this.#standbyCount) rest.push({ task, missing: this.#standbyCount - given });
    }
    rest.sort((a, b) => compareIds(b.task, a.task) || b.task.partition - a.task.partition);
    const byLoad = this.#processesByLoad();
    for (const { task, missing } of rest)
      for (let copy = 0; copy < missing; copy++) if (!this.#giveToLeastLoaded(byLoad, task)) break;
  }

  /** A copy to a member that had the task or a copy of it. */
  #giveBack(task: Task): boolean {
    return (
      this.#giveStandby(this.#hadActive.get(task.key), task) ||
      this.#giveStandby(this.#leastLoaded(this.#hadStandby.get(task.key) ?? [], task), task)
    );
  }

  #giveStandby(member: AssignedMember | undefined, task: Task): boolean {
    if (member === undefined) return false;
    const process = this.#processOf(member);
    if (process.has(task) || process.countOf(member.memberId) >= this.#totalQuota.perMember) return false;
    this.#totalQuota.onCount(process.add(member.memberId, task, false));
    return true;
  }

  #giveToLeastLoaded(byLoad: PriorityQueue<ProcessLoad>, task: Task): boolean {
    const tried: ProcessLoad[] = [];
    let isGiven = false;
    while (!isGiven && byLoad.size > 0) {
      const process = byLoad.poll()!;
      tried.push(process);
      if (process.has(task)) continue;
      this.#totalQuota.onCount(process.addToLeastLoaded(task, false));
      isGiven = true;
    }
    // The one that was tried last goes back first.
    for (const process of tried.reverse()) byLoad.add(process);
    return isGiven;
  }

  /** The least loaded of some members; with a task, none if the first of them has that already. */
  #leastLoaded(members: readonly AssignedMember[], task: Task | null): AssignedMember | undefined {
    const [first, ...others] = members;
    if (first === undefined) return undefined;
    let candidate = first;
    let processLoad = this.#processOf(first).load;
    let memberCount = this.#processOf(first).countOf(first.memberId);
    for (const member of others) {
      const process = this.#processOf(member);
      const count = process.countOf(member.memberId);
      if (process.load >= processLoad || (task !== null && process.has(task)) || count >= memberCount) continue;
      candidate = member;
      processLoad = process.load;
      memberCount = count;
    }
    return task === null || !this.#processOf(first).has(task) ? candidate : undefined;
  }
}

function compareIds(a: Task, b: Task): number {
  return a.subtopologyId < b.subtopologyId ? -1 : Number(a.subtopologyId > b.subtopologyId);
}

function taskOf(subtopologyId: string, partition: number): Task {
  return { subtopologyId, partition, key: `${partition}:${subtopologyId}` };
}

function tasksUpTo(subtopologyId: string, count: number): Task[] {
  return Array.from({ length: count }, (_none, partition) => taskOf(subtopologyId, partition));
}

function tasksOf(tasks: TaskSet): Task[] {
  return [...tasks].flatMap(([subtopologyId, partitions]) =>
    [...partitions].map((partition) => taskOf(subtopologyId, partition)),
  );
}

function compact(tasks: readonly Task[] = []): TaskSet {
  const bySubtopology = Map.groupBy(tasks, ({ subtopologyId }) => subtopologyId);
  return new Map([...bySubtopology].map(([id, group]) => [id, new Set(group.map(({ partition }) => partition))]));
}
