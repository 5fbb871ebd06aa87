/**
 * Members of some groups that join, leave, stop polling and are killed at random, while somebody writes what they consume.
 *
 * Members live in a few Java processes (java/GroupMembers.java) with some of each group; a process that is killed with kill -9 takes all of its members.
 * All groups go through the same changes at the same time. What happens is kept as events, for GroupHistory to judge.
 */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@skarab/base';
import type { KafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { type GroupEvent, offsetsOf, parseGroupEvent } from './group-events.ts';
import { GroupHistory } from './group-history.ts';
import { JavaProcess } from './java-process.ts';

export const PARTITIONS = 6;
const TOPIC = 'churned';
const PROCESSES = 2;
/** Of a group. */
const MAX_MEMBERS = 4;
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 1500;
const START_TIMEOUT_MS = 60_000;

/** Groups by name: the configurations of their members. */
export type Groups = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface ChurnOptions {
  readonly jvm: KafkaJvm;
  readonly bootstrapServers: string;
  readonly groups: Groups;
  readonly random: Random;
  /** For how long a member that stalls does not poll. */
  readonly stallMs: number;
}

interface Member {
  readonly name: string;
  readonly group: string;
  readonly home: JavaProcess;
}

/** What happens in a round. */
const CHANGES = ['join', 'join', 'join', 'join', 'leave', 'leave', 'leave', 'stall', 'kill'] as const;

export class GroupChurn {
  readonly #t: TestContext;
  readonly #options: ChurnOptions;
  readonly #events: GroupEvent[] = [];
  readonly #homes: JavaProcess[] = [];
  /** Whoever ever joined. */
  readonly #everyone: Member[] = [];
  /** Those who were not told to leave, and are not dead. */
  readonly #members = new Set<Member>();
  /** Joins, leaves and deaths by group. */
  readonly #changes = new Map<string, number>();
  #feed: JavaProcess | undefined;
  #nextMember = 0;
  kills = 0;
  /** In each group. */
  stalls = 0;

  constructor(t: TestContext, options: ChurnOptions) {
    this.#t = t;
    this.#options = options;
  }

  get groups(): readonly string[] {
    return Object.keys(this.#options.groups);
  }

  /** Writes, and has the first member of each group join. */
  async open(): Promise<void> {
    this.#feed = await this.#start('GroupFeed', TOPIC, String(PARTITIONS), ...this.groups);
    while (this.#homes.length < PROCESSES) this.#homes.push(await this.#start('GroupMembers', TOPIC));
    for (const group of this.groups) this.#join(group);
  }

  /** Each change happens once, in any order; in the end there are two members at least in each group. */
  async round(): Promise<void> {
    const { random } = this.#options;
    const left = [...CHANGES];
    while (left.length > 0) {
      await sleep(MIN_PAUSE_MS + random.int(MAX_PAUSE_MS - MIN_PAUSE_MS));
      await this.#change(left.splice(random.int(left.length), 1)[0]!);
    }
    for (const group of this.groups) while (this.membersOf(group).length < 2) this.#join(group);
  }

  membersOf(group: string): string[] {
    return [...this.#members].filter((member) => member.group === group).map(({ name }) => name);
  }

  /** How many times members came or went; one that stalled, or lost what it had, went and came. */
  changesOf(group: string): number {
    return this.#changes.get(group)! + 2 * Math.max(this.stalls, this.history(group).lost);
  }

  history(group: string): GroupHistory {
    return new GroupHistory(group, this.#events);
  }

  /** Ends the writing; resolves with the ends of the partitions. */
  async stopWriting(): Promise<ReadonlyMap<number, number>> {
    this.#feed!.say('');
    const wrote = () => this.#events.find(({ what }) => what === 'wrote');
    await this.#feed!.until(async () => wrote() !== undefined, 'everything is written');
    return offsetsOf(wrote()!);
  }

  /** All leave in order. Errors: rejects when a process did not end well. */
  async close(): Promise<void> {
    for (const process of [...this.#homes, this.#feed!]) {
      const code = await process.finish();
      if (code !== 0) throw new Error(`a process ended with ${code}\n${process.output}`);
    }
  }

  async #change(change: (typeof CHANGES)[number]): Promise<void> {
    if (change === 'kill') return this.#kill();
    if (change === 'stall') this.stalls++;
    for (const group of this.groups) {
      const members = [...this.#members].filter((one) => one.group === group);
      const member = members[this.#options.random.int(members.length)];
      if (member === undefined || (change === 'join' && members.length < MAX_MEMBERS)) this.#join(group);
      else if (change === 'stall') member.home.say(`stall ${member.name} ${this.#options.stallMs}`);
      else this.#leave(member);
    }
  }

  #join(group: string): void {
    const { groups, random } = this.#options;
    const home = this.#homes[random.int(this.#homes.length)]!;
    const member = { name: `m${this.#nextMember++}`, group, home };
    const settings = Object.entries(groups[group]!).map(([name, value]) => `${name}=${value}`);
    this.#members.add(member);
    this.#everyone.push(member);
    this.#count(group, 1);
    home.say(['join', group, member.name, ...settings].join(' '));
  }

  #leave(member: Member): void {
    this.#members.delete(member);
    this.#count(member.group, 1);
    member.home.say(`leave ${member.name}`);
  }

  /** Ends a process at once, also amid the leaving of members, and starts another. */
  async #kill(): Promise<void> {
    const [home] = this.#homes.splice(this.#options.random.int(this.#homes.length), 1);
    this.kills++;
    await home!.kill();
    for (const member of this.#everyone.filter((one) => one.home === home)) {
      const { group, name } = member;
      if (this.#members.delete(member)) this.#count(group, 1);
      this.#events.push({ what: 'killed', group, member: name, atMs: Date.now(), words: [] });
    }
    this.#homes.push(await this.#start('GroupMembers', TOPIC));
  }

  #count(group: string, changes: number): void {
    this.#changes.set(group, (this.#changes.get(group) ?? 0) + changes);
  }

  async #start(program: string, ...args: readonly string[]): Promise<JavaProcess> {
    const { jvm, bootstrapServers } = this.#options;
    const classes = await jvm.compile(join(import.meta.dirname, 'java', `${program}.java`));
    const process = new JavaProcess(this.#t, jvm, 'kafka-run-class', [program, bootstrapServers, ...args], classes);
    let isReady = false;
    process.onLine((line) => {
      if (line === 'ready') isReady = true;
      const event = parseGroupEvent(line);
      if (event !== undefined) this.#events.push(event);
    });
    await process.until(async () => isReady, `${program} is ready`, START_TIMEOUT_MS);
    return process;
  }
}
