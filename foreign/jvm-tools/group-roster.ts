/**
 * Who is in which group of a churn, by our book: what members are made of, and which `group.instance.id`s nobody has.
 */
import type { Random } from '@skarab/base';
import type { GroupEvent } from './group-events.ts';
import type { JavaProcess } from './java-process.ts';

/** Configurations of a consumer. */
export type Settings = Readonly<Record<string, string>>;

/** What the members of a group are like. */
export interface GroupShape {
  /** They take turns in being of these kinds; when there is one of each protocol, the classic one comes first. */
  readonly kinds: readonly Settings[];
  /** Members are static, each with one of these ids, while one is free. */
  readonly instanceIds?: readonly string[];
}

export interface Member {
  readonly name: string;
  readonly group: string;
  readonly home: JavaProcess;
  readonly settings: Settings;
  readonly instanceId: string | undefined;
  /** Until when it does not poll, if it was told so. */
  stallsUntilMs: number;
}

/** How a member ended, and when: `left`, `killed` or `fenced`. */
const ENDS: ReadonlySet<string> = new Set(['left', 'killed', 'fenced']);

export function isConsumerProtocol(settings: Settings): boolean {
  return settings['group.protocol'] === 'consumer';
}

export class GroupRoster {
  /** Whoever ever joined, the last one last. */
  readonly everyone: Member[] = [];
  /** Those who were not told to leave, and are not dead. */
  readonly #members = new Set<Member>();
  /** By name. */
  readonly #ends = new Map<string, GroupEvent>();
  readonly #sessionTimeoutMs: number;

  constructor(sessionTimeoutMs: number) {
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  enter(member: Member): void {
    this.everyone.push(member);
    this.#members.add(member);
  }

  /** Returns whether it was in its group until now. */
  remove(member: Member): boolean {
    return this.#members.delete(member);
  }

  onEvent(event: GroupEvent): void {
    if (ENDS.has(event.what)) this.#ends.set(event.member, event);
  }

  hasEnded({ name }: Member): boolean {
    return this.#ends.has(name);
  }

  of(group: string): Member[] {
    return [...this.#members].filter((member) => member.group === group);
  }

  /** An instance id of the group that somebody may take without being in another's way. */
  freeInstanceId(group: string, { instanceIds = [] }: GroupShape, random: Random): string | undefined {
    const free = instanceIds.filter((id) => {
      const last = this.everyone.findLast((one) => one.group === group && one.instanceId === id);
      return last === undefined || this.#hasFreed(last);
    });
    return free[random.int(Math.max(1, free.length))];
  }

  /** In the classic protocol whoever comes takes the place of a dead member; in the consumer protocol they are refused while that one's session lasts. */
  #hasFreed({ name, settings }: Member): boolean {
    const end = this.#ends.get(name);
    if (end === undefined) return false;
    return (
      end.what !== 'killed' || !isConsumerProtocol(settings) || Date.now() > end.atMs + 1.5 * this.#sessionTimeoutMs
    );
  }
}
