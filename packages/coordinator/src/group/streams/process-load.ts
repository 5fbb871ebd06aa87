/**
 * A process of a streams application while tasks are given out: its members, and what each of them has so far.
 *
 * Source: org.apache.kafka.coordinator.group.streams.assignor.ProcessState.
 */
import { JavaHashMap } from '../java-hash-order.ts';
import { javaHashCode } from '../java-string.ts';
import { PriorityQueue } from './priority-queue.ts';

/** A task, and the key that tells it from others. */
export interface Task {
  readonly subtopologyId: string;
  readonly partition: number;
  readonly key: string;
}

/** A member and the number of its tasks. */
interface MemberLoad {
  readonly memberId: string;
  count: number;
}

export class ProcessLoad {
  readonly active = new Map<string, Task[]>();
  readonly standby = new Map<string, Task[]>();
  readonly #counts = new JavaHashMap<string, number>(javaHashCode);
  readonly #tasks = new Set<string>();
  #taskCount = 0;
  #membersByLoad: PriorityQueue<MemberLoad> | null = null;

  addMember(memberId: string): void {
    this.#counts.put(memberId, 0);
  }

  /** Tasks per member. */
  get load(): number {
    return this.#taskCount / this.#counts.size;
  }

  countOf(memberId: string): number {
    return this.#counts.get(memberId) ?? 0;
  }

  has(task: Task): boolean {
    return this.#tasks.has(task.key);
  }

  /** Gives a task to a member; returns how many it has then. */
  add(memberId: string, task: Task, isActive: boolean): number {
    const count = this.#give(memberId, task, isActive);
    this.#membersByLoad = null;
    return count;
  }

  /** Gives a task to the member that has the fewest; returns how many it has then. */
  addToLeastLoaded(task: Task, isActive: boolean): number {
    this.#membersByLoad ??= this.#queue();
    const queue = this.#membersByLoad;
    const member = queue.poll()!;
    member.count = this.#give(member.memberId, task, isActive);
    queue.add(member);
    return member.count;
  }

  #queue(): PriorityQueue<MemberLoad> {
    const queue = new PriorityQueue<MemberLoad>(({ count }) => count);
    for (const memberId of this.#counts.keys()) queue.add({ memberId, count: this.countOf(memberId) });
    return queue;
  }

  #give(memberId: string, task: Task, isActive: boolean): number {
    this.#taskCount++;
    this.#tasks.add(task.key);
    const given = isActive ? this.active : this.standby;
    const tasks = given.get(memberId);
    if (tasks === undefined) given.set(memberId, [task]);
    else tasks.push(task);
    const count = this.countOf(memberId) + 1;
    this.#counts.put(memberId, count);
    return count;
  }
}
