/**
 * One producer and one consumer for each partition of a topic, and one that commits offsets.
 */
import type { Admin } from '../clients/admin.ts';
import { Committer } from '../clients/committer.ts';
import { Producer } from '../clients/producer.ts';
import { Reader } from '../clients/reader.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { allEqual, validate } from '../cluster/validation.ts';
import { PARTITIONS, REPLICATION_FACTOR, TOPIC } from '../scenarios/scenario.ts';
import { FIRST_CLIENT, RECOVERY_MS, type TopicConfigs, type Workload } from './workload.ts';

export class Ledger implements Workload {
  readonly #simulation: Simulation;
  readonly #admin: Admin;
  readonly #configs: TopicConfigs;
  readonly #producers: Producer[] = [];
  readonly #readers: Reader[] = [];
  readonly #committer: Committer;

  constructor(simulation: Simulation, admin: Admin, configs: TopicConfigs) {
    this.#simulation = simulation;
    this.#admin = admin;
    this.#configs = configs;
    for (let i = 0; i < PARTITIONS; i++) {
      this.#producers.push(new Producer(simulation, FIRST_CLIENT + 1 + i, TOPIC, i));
      this.#readers.push(new Reader(simulation, FIRST_CLIENT + 11 + i, TOPIC, i));
    }
    this.#committer = new Committer(simulation, FIRST_CLIENT + 21, TOPIC);
  }

  get acknowledged(): number {
    return this.#producers.reduce((sum, producer) => sum + producer.acknowledged.length, 0);
  }

  async open(): Promise<void> {
    const shape = { partitions: PARTITIONS, replicationFactor: REPLICATION_FACTOR };
    const configs = { 'min.insync.replicas': '2', ...this.#configs };
    await this.#simulation.run('the topic is made', this.#admin.createTopic(TOPIC, shape, configs), RECOVERY_MS);
    for (const client of [...this.#producers, ...this.#readers, this.#committer]) client.start();
  }

  async close(): Promise<void> {
    const simulation = this.#simulation;
    const producers = this.#producers;
    const readers = this.#readers;
    const counts = producers.map((producer) => producer.acknowledged.length);
    const accepts = (): boolean => producers.every((producer, i) => producer.acknowledged.length > counts[i]!);
    await simulation.until('all partitions take writes', accepts, RECOVERY_MS);
    await simulation.run('writers end', Promise.all(producers.map((producer) => producer.stop())), RECOVERY_MS);
    await allEqual(simulation, TOPIC, PARTITIONS, REPLICATION_FACTOR);
    const isRead = (): boolean =>
      readers.every(({ seen }, i) => seen.length > producers[i]!.acknowledged.at(-1)!.offset);
    await simulation.until('consumers are shown everything', isRead, RECOVERY_MS);
    await simulation.run('readers end', Promise.all(readers.map((reader) => reader.stop())), RECOVERY_MS);
    await simulation.run('the committed offset is found', this.#committer.stop(), RECOVERY_MS);
    for (const [i, producer] of producers.entries()) validate(simulation, producer, readers[i]!);
  }
}
