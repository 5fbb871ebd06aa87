/**
 * A group whose members join, leave and die at random, and share what producers write.
 */
import assert from 'node:assert/strict';
import type { Admin } from '../clients/admin.ts';
import { ClassicMember } from '../clients/classic-member.ts';
import { GroupMember } from '../clients/group-member.ts';
import type { Member } from '../clients/member.ts';
import { Owners } from '../clients/owners.ts';
import { Producer } from '../clients/producer.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { allEqual } from '../cluster/validation.ts';
import { REPLICATION_FACTOR, TOPIC } from '../scenarios/scenario.ts';
import { Turnover } from './turnover.ts';
import { FIRST_CLIENT, RECOVERY_MS, type TopicConfigs, type Workload } from './workload.ts';

/** `group.consumer.session.timeout.ms` of the brokers. */
export const SESSION_TIMEOUT_MS = 6000;
/** After nobody comes or goes any more: somebody may have to be fenced who gives nothing up, because it was told so when it did not listen. */
const STABLE_MS = 60_000;
const GROUP = 'churning';
const PARTITIONS = 4;
const MAX_MEMBERS = 6;
const MAX_PAUSE_MS = 4000;
const MAX_CHANGE_MS = 10_000;
/** How many use the classic protocol. */
const CLASSIC_SHARE = 0.3;
/** Of one protocol each: in the consumer protocol nobody comes in the place of somebody who died before that one's session has ended. */
const INSTANCE_IDS: readonly string[] = ['a', 'b', 'c'];
const CLASSIC_INSTANCE_IDS: readonly string[] = ['d', 'e'];
const ASSIGNORS: readonly (string | null)[] = ['uniform', 'range', null];

export class Churn implements Workload {
  readonly #simulation: Simulation;
  readonly #admin: Admin;
  readonly #configs: TopicConfigs;
  readonly #producers: Producer[] = [];
  readonly #owners: Owners;
  readonly #turnover: Turnover<Member>;
  readonly #leaving = new Set<Promise<void>>();
  #nextProcess = FIRST_CLIENT + 11;
  readonly #isCooperative: boolean;

  constructor(simulation: Simulation, admin: Admin, configs: TopicConfigs) {
    this.#simulation = simulation;
    this.#admin = admin;
    this.#configs = configs;
    this.#isCooperative = simulation.random.int(2) === 0;
    this.#owners = new Owners(TOPIC, PARTITIONS, () => simulation.clock.monotonicMs());
    for (let i = 0; i < PARTITIONS; i++)
      this.#producers.push(new Producer(simulation, FIRST_CLIENT + 1 + i, TOPIC, i, { maxPauseMs: MAX_PAUSE_MS }));
    this.#turnover = new Turnover(simulation, {
      maxMembers: MAX_MEMBERS,
      maxPauseMs: MAX_CHANGE_MS,
      join: () => this.#join(),
      leave: (member) => this.#leave(member),
    });
  }

  get acknowledged(): number {
    return this.#producers.reduce((sum, producer) => sum + producer.acknowledged.length, 0);
  }

  async open(): Promise<void> {
    const shape = { partitions: PARTITIONS, replicationFactor: REPLICATION_FACTOR };
    const made = this.#admin.createTopic(TOPIC, shape, { 'min.insync.replicas': '2', ...this.#configs });
    await this.#simulation.run('the topic is made', made, RECOVERY_MS);
    for (const producer of this.#producers) producer.start();
    this.#turnover.start();
  }

  async close(): Promise<void> {
    const simulation = this.#simulation;
    this.#turnover.settle(2);
    await simulation.run('some leave', Promise.all(this.#leaving), RECOVERY_MS);
    const writing = this.#producers.map((producer) => producer.stop());
    await simulation.run('producers end', Promise.all(writing), RECOVERY_MS);
    // Whoever died is not missed before that.
    await simulation.pass(3 * SESSION_TIMEOUT_MS);
    await simulation.until('the group is stable', () => this.#isStable, STABLE_MS);
    await simulation.until('everything is delivered and committed', () => this.#isDone, RECOVERY_MS);
    const epoch = this.#epoch;
    await simulation.pass(2 * SESSION_TIMEOUT_MS);
    assert.ok(this.#isStable, 'the group stays stable');
    assert.equal(this.#epoch, epoch, 'its epoch stays the same');
    await simulation.run(
      'all leave',
      Promise.all([...this.#turnover.members].map((member) => member.leave(true))),
      RECOVERY_MS,
    );
    await allEqual(simulation, TOPIC, PARTITIONS, REPLICATION_FACTOR);
  }

  #join(): Member {
    const { random } = this.#simulation;
    const member = random.next() < CLASSIC_SHARE ? this.#classicMember() : this.#consumerMember();
    member.start();
    return member;
  }

  #classicMember(): ClassicMember {
    return new ClassicMember(this.#simulation, this.#nextProcess++, {
      ...this.#group,
      instanceId: this.#someInstanceId(CLASSIC_INSTANCE_IDS),
      partitions: PARTITIONS,
      isCooperative: this.#isCooperative,
    });
  }

  #consumerMember(): GroupMember {
    const { random } = this.#simulation;
    return new GroupMember(this.#simulation, this.#nextProcess++, {
      ...this.#group,
      instanceId: this.#someInstanceId(INSTANCE_IDS),
      assignor: ASSIGNORS[random.int(ASSIGNORS.length)]!,
    });
  }

  /** One that nobody has who is there; every other time none. */
  #someInstanceId(ids: readonly string[]): string | null {
    const instanceId = ids[this.#simulation.random.int(2 * ids.length)] ?? null;
    return [...this.#turnover.members].some((member) => member.instanceId === instanceId) ? null : instanceId;
  }

  get #group() {
    return { groupId: GROUP, topic: TOPIC, sessionTimeoutMs: SESSION_TIMEOUT_MS, owners: this.#owners };
  }

  #leave(member: Member): void {
    const left = member.leave(this.#simulation.random.int(2) === 0);
    this.#leaving.add(left);
    left.then(
      () => this.#leaving.delete(left),
      (error: unknown) => this.#simulation.violation(error),
    );
  }

  /** Every partition has one owner, who is in the group, and all members are in the same epoch. */
  get #isStable(): boolean {
    const members = [...this.#turnover.members];
    const owned = members.flatMap((member) => member.owned);
    return owned.length === PARTITIONS && new Set(owned).size === PARTITIONS && this.#epoch !== undefined;
  }

  /** The epoch, or generation, that all members are in. */
  get #epoch(): number | undefined {
    const epochs = new Set([...this.#turnover.members].map(({ memberEpoch }) => memberEpoch));
    return epochs.size === 1 ? [...epochs][0] : undefined;
  }

  get #isDone(): boolean {
    return this.#producers.every(({ acknowledged }, i) => {
      const last = acknowledged.at(-1)?.offset ?? -1;
      return this.#owners.deliveredEndOf(i) > last && this.#owners.committedOf(i) > last;
    });
  }
}
