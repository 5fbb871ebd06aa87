/**
 * A share group whose members join, leave and die at random, and are given what producers write until they have accepted it.
 */
import type { Admin } from '../clients/admin.ts';
import { Producer } from '../clients/producer.ts';
import { ShareBook } from '../clients/share-book.ts';
import { ShareMember } from '../clients/share-member.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { allEqual } from '../cluster/validation.ts';
import { PARTITIONS, REPLICATION_FACTOR, TOPIC } from '../scenarios/scenario.ts';
import { Turnover } from './turnover.ts';
import { FIRST_CLIENT, RECOVERY_MS, type TopicConfigs, type Workload } from './workload.ts';

/** `group.share.record.lock.duration.ms` of the brokers. */
export const LOCK_DURATION_MS = 3000;
const GROUP = 'sharing';
const MAX_MEMBERS = 4;
const MAX_PAUSE_MS = 300;
const MAX_CHANGE_MS = 4000;
/** The state of a partition that could not be made is made again after 30 s only: sooner it would wipe out what is accepted already, in Kafka as well. */
const ACCEPTED_MS = 3 * RECOVERY_MS;
/** For all brokers to know of a configuration. */
const CONFIG_MS = 2000;

export class Shared implements Workload {
  readonly #simulation: Simulation;
  readonly #admin: Admin;
  readonly #configs: TopicConfigs;
  readonly #book = new ShareBook(TOPIC, PARTITIONS);
  readonly #producers: Producer[] = [];
  readonly #turnover: Turnover<ShareMember>;
  #nextProcess = FIRST_CLIENT + 11;

  constructor(simulation: Simulation, admin: Admin, configs: TopicConfigs) {
    this.#simulation = simulation;
    this.#admin = admin;
    this.#configs = configs;
    for (let i = 0; i < PARTITIONS; i++)
      this.#producers.push(new Producer(simulation, FIRST_CLIENT + 1 + i, TOPIC, i, { maxPauseMs: MAX_PAUSE_MS }));
    this.#turnover = new Turnover(simulation, {
      maxMembers: MAX_MEMBERS,
      maxPauseMs: MAX_CHANGE_MS,
      join: () => this.#join(),
      leave: (member) => void member.stop().catch((error: unknown) => simulation.violation(error)),
    });
  }

  get acknowledged(): number {
    return this.#book.accepted;
  }

  async open(): Promise<void> {
    const simulation = this.#simulation;
    const shape = { partitions: PARTITIONS, replicationFactor: REPLICATION_FACTOR };
    const configs = { 'min.insync.replicas': '2', ...this.#configs };
    await simulation.run('the topic is made', this.#admin.createTopic(TOPIC, shape, configs), RECOVERY_MS);
    const configured = this.#admin.configureGroup(GROUP, { 'share.auto.offset.reset': 'earliest' });
    await simulation.run('the group is configured', configured, RECOVERY_MS);
    await simulation.pass(CONFIG_MS);
    for (const producer of this.#producers) producer.start();
    this.#turnover.start();
  }

  async close(): Promise<void> {
    const simulation = this.#simulation;
    this.#turnover.settle(2);
    const writing = this.#producers.map((producer) => producer.stop());
    await simulation.run('producers end', Promise.all(writing), RECOVERY_MS);
    await simulation
      .until('all records are accepted', () => this.#isDone, ACCEPTED_MS)
      .catch((error: unknown) => {
        throw new Error(`${error}: ${this.#left} are left`, { cause: error });
      });
    // What is open, and was not persisted, is delivered again meanwhile; what was accepted is not.
    await simulation.pass(3 * LOCK_DURATION_MS);
    await simulation.until('all records stay accepted', () => this.#isDone, RECOVERY_MS);
    const leaving = [...this.#turnover.members].map((member) => member.stop());
    await simulation.run('all leave', Promise.all(leaving), RECOVERY_MS);
    await allEqual(simulation, TOPIC, PARTITIONS, REPLICATION_FACTOR);
  }

  #join(): ShareMember {
    const options = { groupId: GROUP, topic: TOPIC, book: this.#book };
    const member = new ShareMember(this.#simulation, this.#nextProcess++, options);
    member.start();
    return member;
  }

  get #isDone(): boolean {
    return this.#left.every((offset) => offset === undefined);
  }

  /** Of each partition the first record that is neither accepted nor open. */
  get #left(): (number | undefined)[] {
    return this.#producers.map(({ acknowledged }, i) =>
      this.#book.firstLeft(i, (acknowledged.at(-1)?.offset ?? -1) + 1),
    );
  }
}
