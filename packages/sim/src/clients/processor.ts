/**
 * Reads committed records of one partition, makes other records of them, and writes those together with its position: exactly once, whenever it dies.
 *
 * Whoever comes after it has the same transactional id, which fences it.
 */
import { ErrorCode, errorName } from '@skarab/protocol';
import type { Simulation } from '../cluster/simulation.ts';
import { type CommittedRecord, committedRecords } from './committed-records.ts';
import { CoordinatorClient, KeyType } from './coordinator-client.ts';
import { GroupOffsets } from './group-offsets.ts';
import { PartitionFetcher, READ_COMMITTED } from './partition-fetcher.ts';
import { RunningClient } from './running-client.ts';
import { ProducerFencedError, TransactionalProducer } from './transactional-producer.ts';
import type { TransferBook } from './transfer-book.ts';

/** What a processor does. */
export interface Task {
  readonly inputTopic: string;
  readonly inputPartition: number;
  readonly outputTopic: string;
  /** What is made of an input record. */
  readonly process: (value: string) => readonly { readonly partition: number; readonly value: string }[];
}

/** A transaction that takes longer is ended by the coordinator. */
export const TRANSACTION_TIMEOUT_MS = 5000;
const ABORT_SHARE = 0.2;
const MAX_PAUSE_MS = 100;

export class Processor extends RunningClient {
  /** Everything before it is done; undefined until that is known. */
  position: number | undefined;
  /** Somebody else works in its place, or will soon. */
  isSuperseded = false;
  readonly #task: Task;
  readonly #book: TransferBook;
  readonly #producer: TransactionalProducer;
  readonly #fetcher: PartitionFetcher;
  readonly #offsets: GroupOffsets;
  readonly #group: string;

  constructor(
    simulation: Simulation,
    process: number,
    task: Task,
    { book, transactionVersion }: { readonly book: TransferBook; readonly transactionVersion: number },
  ) {
    const { inputTopic, inputPartition } = task;
    super(simulation, process);
    this.#task = task;
    this.#book = book;
    this.#group = `processors of ${inputTopic}-${inputPartition}`;
    this.#producer = new TransactionalProducer(this.client, this.#group, {
      timeoutMs: TRANSACTION_TIMEOUT_MS,
      transactionVersion,
    });
    this.#fetcher = new PartitionFetcher(this.client, inputTopic, inputPartition, READ_COMMITTED);
    const coordinator = new CoordinatorClient(this.client, KeyType.GROUP, this.#group);
    this.#offsets = new GroupOffsets(coordinator, inputTopic);
  }

  /** Begins, and begins anew when the coordinator has ended a transaction; ends when somebody else works in its place. */
  protected async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        await this.#work();
      } catch (error) {
        if (!(error instanceof ProducerFencedError)) throw error;
        if (this.isSuperseded) return;
      }
    }
  }

  async #work(): Promise<void> {
    const { inputTopic, inputPartition } = this.#task;
    await this.#producer.initialize();
    await this.#findCoordinatorThatWrites();
    const input = `${inputTopic}-${inputPartition}`;
    const atLeast = this.#book.committedEnd(input);
    const { errorCode, offset } = await this.#offsets.committed(inputPartition);
    if (errorCode !== ErrorCode.NONE) throw new Error(`position of ${this.#group}: ${errorName(errorCode)}`);
    let committed = Math.max(0, offset);
    if (!this.isSuperseded) this.#book.foundPosition(input, committed, atLeast);
    this.position = committed;
    while (!this.isStopped) {
      const answer = await this.#fetcher.fetch(this.position);
      if (answer === undefined) continue;
      const { records, nextOffset } = committedRecords(answer, this.position);
      if (records.length === 0) this.position = nextOffset;
      else {
        if (await this.#transact(records, committed, nextOffset)) committed = nextOffset;
        this.position = committed;
      }
      await this.client.pause(this.simulation.random.int(MAX_PAUSE_MS));
    }
  }

  /** One that was replaced and does not know it yet would tell of old positions; it cannot write. */
  async #findCoordinatorThatWrites(): Promise<void> {
    const errorCode = await this.#offsets.commit(this.#task.inputPartition === 0 ? 1 : 0, 0);
    if (errorCode !== ErrorCode.NONE) throw new Error(`commit to ${this.#group}: ${errorName(errorCode)}`);
  }

  /** Returns whether the transaction was committed. */
  async #transact(records: readonly CommittedRecord[], from: number, to: number): Promise<boolean> {
    const { inputTopic, inputPartition, outputTopic, process } = this.#task;
    const producer = this.#producer;
    await producer.begin();
    const transaction = this.#book.begin(`${inputTopic}-${inputPartition}`, from, to);
    const output = records.flatMap(({ value }) => process(value));
    for (const [partition, entries] of Map.groupBy(output, (entry) => entry.partition)) {
      const values = entries.map(({ value }) => `${transaction.id} ${value}`);
      for (const value of values) transaction.written.push(`${outputTopic}-${partition}: ${value}`);
      await producer.send(outputTopic, partition, values);
    }
    await producer.commitOffset(this.#group, inputTopic, inputPartition, to);
    if (this.simulation.random.next() < ABORT_SHARE) {
      await producer.end(false);
      return false;
    }
    transaction.outcome = 'committed or not';
    await producer.end(true);
    transaction.outcome = 'committed';
    return true;
  }
}
