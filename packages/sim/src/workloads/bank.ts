/**
 * A bank: orders become transfers between accounts, and those become statements, by two rows of transactional processors that die at random.
 *
 * Both legs of a transfer and the position in the orders are one transaction, over accounts that are partitions.
 */
import assert from 'node:assert/strict';
import type { Admin } from '../clients/admin.ts';
import { CommittedReader } from '../clients/committed-reader.ts';
import { Processor, type Task } from '../clients/processor.ts';
import { Producer } from '../clients/producer.ts';
import { TransferBook } from '../clients/transfer-book.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { allEqual, areAllDecided, endOf } from '../cluster/validation.ts';
import { PARTITIONS, REPLICATION_FACTOR, TOPIC } from '../scenarios/scenario.ts';
import { FIRST_CLIENT, RECOVERY_MS, type TopicConfigs, type Workload } from './workload.ts';

export const ACCOUNTS_TOPIC = 'accounts';
const STATEMENTS_TOPIC = 'statements';
const ACCOUNTS = 3;
const MAX_ORDER_PAUSE_MS = 300;
/** How long a processor lives at most, and how long nobody works in its place. */
const MAX_LIFE_MS = 6000;
const MAX_VACANCY_MS = 2000;

export interface BankOptions {
  /** Of the cluster. */
  readonly transactionVersion: number;
  /** Whether coordinators end what takes too long: they go by wall clocks, as Kafka's do, which may go back by hours. */
  readonly hasSteadyClocks: boolean;
}

export class Bank implements Workload {
  readonly #simulation: Simulation;
  readonly #admin: Admin;
  readonly #configs: TopicConfigs;
  readonly #options: BankOptions;
  readonly #book = new TransferBook();
  readonly #tasks: readonly Task[];
  readonly #clerks: Producer[] = [];
  readonly #readers: CommittedReader[] = [];
  /** Of each task, who does it now, and some before who may not know that they do not. */
  readonly #processors: Processor[][];
  /** What readers were shown of each account: the sum of it and the last offset. */
  readonly #accounts = Array.from({ length: ACCOUNTS }, () => ({ sum: 0, lastOffset: -1 }));
  readonly #statements = Array.from({ length: ACCOUNTS }, () => 0);
  #nextProcess = FIRST_CLIENT + 31;
  #isClosing = false;

  constructor(simulation: Simulation, admin: Admin, configs: TopicConfigs, options: BankOptions) {
    this.#simulation = simulation;
    this.#admin = admin;
    this.#configs = configs;
    this.#options = options;
    const transfer: Task['process'] = (order) => this.#transfer(order);
    this.#tasks = [
      ...indexes(PARTITIONS).map((inputPartition) => ({
        inputTopic: TOPIC,
        inputPartition,
        outputTopic: ACCOUNTS_TOPIC,
        process: transfer,
      })),
      ...indexes(ACCOUNTS).map((inputPartition) => ({
        inputTopic: ACCOUNTS_TOPIC,
        inputPartition,
        outputTopic: STATEMENTS_TOPIC,
        process: (value: string) => [{ partition: inputPartition, value: value.slice(value.indexOf(' ') + 1) }],
      })),
    ];
    this.#processors = this.#tasks.map(() => []);
    for (const i of indexes(PARTITIONS))
      this.#clerks.push(new Producer(simulation, FIRST_CLIENT + 1 + i, TOPIC, i, { maxPauseMs: MAX_ORDER_PAUSE_MS }));
    for (const i of indexes(ACCOUNTS)) {
      const account = this.#accounts[i]!;
      this.#readers.push(
        new CommittedReader(simulation, FIRST_CLIENT + 11 + i, { topic: ACCOUNTS_TOPIC, partition: i }, (record) => {
          this.#book.show(`${ACCOUNTS_TOPIC}-${i}`, record.value);
          account.sum += amountOf(record.value);
          account.lastOffset = record.offset;
        }),
        new CommittedReader(simulation, FIRST_CLIENT + 21 + i, { topic: STATEMENTS_TOPIC, partition: i }, (record) => {
          this.#book.show(`${STATEMENTS_TOPIC}-${i}`, record.value);
          this.#statements[i]! += amountOf(record.value);
        }),
      );
    }
  }

  get acknowledged(): number {
    return this.#book.committed;
  }

  async open(): Promise<void> {
    const simulation = this.#simulation;
    for (const [name, partitions] of this.#topics) {
      const shape = { partitions, replicationFactor: REPLICATION_FACTOR };
      const made = this.#admin.createTopic(name, shape, { 'min.insync.replicas': '2', ...this.#configs });
      await simulation.run(`${name} is made`, made, RECOVERY_MS);
    }
    for (const client of [...this.#clerks, ...this.#readers]) client.start();
    for (const task of this.#tasks.keys()) this.#employ(task);
  }

  async close(): Promise<void> {
    const simulation = this.#simulation;
    this.#isClosing = true;
    for (const processor of this.#processors.flat()) processor.kill();
    const counts = this.#clerks.map(({ acknowledged }) => acknowledged.length);
    const accepts = (): boolean => this.#clerks.every(({ acknowledged }, i) => acknowledged.length > counts[i]!);
    await simulation.until('all partitions take orders', accepts, RECOVERY_MS);
    if (this.#options.hasSteadyClocks)
      await simulation.until('no transaction hangs', () => areAllDecided(simulation), RECOVERY_MS);
    await simulation.run('clerks end', Promise.all(this.#clerks.map((clerk) => clerk.stop())), RECOVERY_MS);
    const last = this.#tasks.map((_, task) => this.#start(task));
    await simulation.until('everything is done', () => this.#isDone(last), RECOVERY_MS);
    await simulation.run('processors end', Promise.all(last.map((processor) => processor.stop())), RECOVERY_MS);
    await simulation.until('all transactions are decided', () => areAllDecided(simulation), RECOVERY_MS);
    for (const [name, partitions] of this.#topics) await allEqual(simulation, name, partitions, REPLICATION_FACTOR);
    await simulation.until('readers are shown everything', () => this.#isShown(), RECOVERY_MS);
    await simulation.run('readers end', Promise.all(this.#readers.map((reader) => reader.stop())), RECOVERY_MS);
    this.#check();
  }

  get #topics(): readonly (readonly [string, number])[] {
    return [
      [TOPIC, PARTITIONS],
      [ACCOUNTS_TOPIC, ACCOUNTS],
      [STATEMENTS_TOPIC, ACCOUNTS],
    ];
  }

  #transfer(order: string): { partition: number; value: string }[] {
    const { random } = this.#simulation;
    const from = random.int(ACCOUNTS);
    const to = (from + 1 + random.int(ACCOUNTS - 1)) % ACCOUNTS;
    const amount = 1 + random.int(100);
    return [
      { partition: from, value: `${order} ${-amount}` },
      { partition: to, value: `${order} ${amount}` },
    ];
  }

  /** Somebody does a task until they die, or until somebody else comes whom they do not know of. */
  #employ(task: number): void {
    if (this.#isClosing) return;
    const { clock, random } = this.#simulation;
    const processor = this.#start(task);
    clock.after(random.int(MAX_LIFE_MS), () => {
      if (this.#isClosing) return;
      if (random.int(2) === 0) processor.kill();
      clock.after(random.int(MAX_VACANCY_MS), () => this.#employ(task));
    });
  }

  #start(task: number): Processor {
    const processors = this.#processors[task]!;
    for (const before of processors) before.isSuperseded = true;
    const processor = new Processor(this.#simulation, this.#nextProcess++, this.#tasks[task]!, {
      book: this.#book,
      transactionVersion: this.#options.transactionVersion,
    });
    processors.push(processor);
    processor.start();
    return processor;
  }

  /** What accounts are shown last is the last that is written to them: orders are done first. */
  #isDone(processors: readonly Processor[]): boolean {
    const hasReached = (task: number, offset: number): boolean => (processors[task]!.position ?? 0) > offset;
    return (
      this.#clerks.every(({ acknowledged }, i) => hasReached(i, acknowledged.at(-1)!.offset)) &&
      this.#accounts.every(({ lastOffset }, i) => hasReached(PARTITIONS + i, lastOffset)) &&
      this.#isShown()
    );
  }

  #isShown(): boolean {
    return this.#readers.every(
      ({ topic, partition, position }) => position >= endOf(this.#simulation, topic, partition),
    );
  }

  #check(): void {
    const orders = this.#clerks.map(
      ({ partition, acknowledged }) => [`${TOPIC}-${partition}`, acknowledged.at(-1)!.offset] as const,
    );
    const accounts = this.#accounts.map(({ lastOffset }, i) => [`${ACCOUNTS_TOPIC}-${i}`, lastOffset] as const);
    this.#book.check(new Map([...orders, ...accounts]));
    const sums = this.#accounts.map(({ sum }) => sum);
    assert.equal(
      sums.reduce((total, sum) => total + sum, 0),
      0,
      `money was made or lost: ${sums}`,
    );
    assert.deepEqual(this.#statements, sums, 'statements say what is in the accounts');
  }
}

function amountOf(value: string): number {
  return Number(value.slice(value.lastIndexOf(' ') + 1));
}

function indexes(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
