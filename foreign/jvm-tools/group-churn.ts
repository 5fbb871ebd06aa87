/**
 * Members of some groups that join, leave, stop polling and are killed at random, while somebody writes what they consume.
 *
 * Members live in a few Java processes (java/GroupMembers.java) with some of each group; a process that is killed with kill -9 takes all of its members.
 * All groups go through the same changes at the same time. What happens is kept as events, for GroupHistory to judge.
 *
 * Where both protocols are in one group, nobody of the consumer protocol stalls, and the first of it waits until the group is stable: one that goes from consumer
 * to classic and back before its classic members have joined again hands out what they still have, in Kafka as well.
 */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@skarab/base';
import type { KafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { type GroupEvent, offsetsOf, parseGroupEvent } from './group-events.ts';
import { GroupHistory } from './group-history.ts';
import { GroupRoster, type GroupShape, isConsumerProtocol, type Member } from './group-roster.ts';
import { JavaProcess } from './java-process.ts';

export const PARTITIONS = 6;
const TOPIC = 'churned';
const PROCESSES = 2;
/** Of a group. */
const MAX_MEMBERS = 4;
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 1500;
const START_TIMEOUT_MS = 60_000;

/** For one who has another's instance id to be fenced, or that other. */
const FENCE_TIMEOUT_MS = 15_000;

/** Groups by name. */
export type Groups = Readonly<Record<string, GroupShape>>;

export interface ChurnOptions {
  readonly jvm: KafkaJvm;
  readonly bootstrapServers: string;
  readonly groups: Groups;
  readonly random: Random;
  /** For how long a member that stalls does not poll. */
  readonly stallMs: number;
  readonly sessionTimeoutMs: number;
}

/** What happens in a round. An intruder comes with the instance id of somebody who is there. */
const CHANGES = ['join', 'join', 'join', 'join', 'leave', 'leave', 'leave', 'stall', 'kill', 'intrude'] as const;

export class GroupChurn {
  readonly #t: TestContext;
  readonly #options: ChurnOptions;
  readonly #events: GroupEvent[] = [];
  readonly #homes: JavaProcess[] = [];
  readonly #roster: GroupRoster;
  /** Joins, leaves and deaths by group. */
  readonly #changes = new Map<string, number>();
  #feed: JavaProcess | undefined;
  #nextMember = 0;
  kills = 0;
  /** In each group. */
  stalls = 0;
  /** In all groups. */
  intruders = 0;

  constructor(t: TestContext, options: ChurnOptions) {
    this.#t = t;
    this.#options = options;
    this.#roster = new GroupRoster(options.sessionTimeoutMs);
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
    return this.#roster.of(group).map(({ name }) => name);
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
      const members = this.#roster.of(group);
      const member = members[this.#options.random.int(members.length)];
      if (member === undefined || (change === 'join' && members.length < MAX_MEMBERS)) this.#join(group);
      else if (change === 'stall') this.#stall(member);
      else if (change === 'intrude') await this.#intrude(group);
      else this.#leave(member);
    }
  }

  #join(group: string): void {
    const { groups, random } = this.#options;
    const instanceId = this.#roster.freeInstanceId(group, groups[group]!, random);
    this.#roster.enter(this.#begin(group, instanceId));
    this.#count(group, 1);
  }

  #begin(group: string, instanceId: string | undefined): Member {
    const home = this.#homes[this.#options.random.int(this.#homes.length)]!;
    const name = `m${this.#nextMember++}`;
    const settings = this.#settingsOf(group);
    const id = instanceId === undefined ? {} : { 'group.instance.id': instanceId };
    const words = Object.entries({ ...settings, ...id }).map(([key, value]) => `${key}=${value}`);
    home.say(['join', group, name, ...words].join(' '));
    return { name, group, home, settings, instanceId, stallsUntilMs: 0 };
  }

  #settingsOf(group: string): Member['settings'] {
    const { kinds } = this.#options.groups[group]!;
    const kind = kinds[this.#nextMember % kinds.length]!;
    const members = this.#roster.of(group);
    const mayChangeType = () => this.history(group).isStable(this.membersOf(group), PARTITIONS);
    const isFirst = !members.some(({ settings }) => isConsumerProtocol(settings));
    return isConsumerProtocol(kind) && isFirst && !mayChangeType() ? kinds[0]! : kind;
  }

  #stall(member: Member): void {
    const { stallMs, groups } = this.#options;
    if (groups[member.group]!.kinds.length > 1 && isConsumerProtocol(member.settings)) return;
    member.stallsUntilMs = Date.now() + stallMs;
    member.home.say(`stall ${member.name} ${stallMs}`);
  }

  /** In the classic protocol the one who was there is fenced; in the consumer protocol the one who comes. Errors: rejects when that one is not told so. */
  async #intrude(group: string): Promise<void> {
    const { generations } = this.history(group);
    const isSettled = ({ name, instanceId, stallsUntilMs }: Member): boolean =>
      instanceId !== undefined && generations.has(name) && stallsUntilMs + this.#options.sessionTimeoutMs < Date.now();
    const present = this.#roster.of(group).find(isSettled);
    if (present === undefined) return;
    this.intruders++;
    const isRefused = isConsumerProtocol(present.settings);
    if (!isRefused) this.#doom(present);
    const intruder = this.#begin(group, present.instanceId);
    if (isRefused) this.#doom(intruder);
    else {
      this.#roster.remove(present);
      this.#roster.enter(intruder);
      this.#count(group, 1);
    }
    const doomed = isRefused ? intruder : present;
    await doomed.home.until(async () => this.#roster.hasEnded(doomed), `${doomed.name} is fenced`, FENCE_TIMEOUT_MS);
  }

  #doom({ group, name }: Member): void {
    this.#onEvent({ what: 'doomed', group, member: name, atMs: Date.now(), words: [] });
  }

  #leave(member: Member): void {
    this.#roster.remove(member);
    this.#count(member.group, 1);
    member.home.say(`leave ${member.name}`);
  }

  /** Ends a process at once, also amid the leaving of members, and starts another. */
  async #kill(): Promise<void> {
    const [home] = this.#homes.splice(this.#options.random.int(this.#homes.length), 1);
    this.kills++;
    await home!.kill();
    for (const member of this.#roster.everyone.filter((one) => one.home === home && !this.#roster.hasEnded(one))) {
      const { group, name } = member;
      if (this.#roster.remove(member)) this.#count(group, 1);
      this.#onEvent({ what: 'killed', group, member: name, atMs: Date.now(), words: [] });
    }
    this.#homes.push(await this.#start('GroupMembers', TOPIC));
  }

  #onEvent(event: GroupEvent): void {
    this.#events.push(event);
    this.#roster.onEvent(event);
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
      if (event !== undefined) this.#onEvent(event);
    });
    await process.until(async () => isReady, `${program} is ready`, START_TIMEOUT_MS);
    return process;
  }
}
