/**
 * A consumer of one partition that remembers what it was shown: once shown, a record stays where it was, and nothing is left out.
 */
import { iterateBatches } from '@skarab/records';
import type { Simulation } from '../cluster/simulation.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import { SimClient } from './sim-client.ts';

export class Reader {
  /** Values by offset. */
  readonly seen: string[] = [];
  readonly topic: string;
  readonly partition: number;
  readonly #client: SimClient;
  readonly #fetcher: PartitionFetcher;
  readonly #simulation: Simulation;
  #isStopped = false;
  #running: Promise<void> | undefined;

  constructor(simulation: Simulation, process: number, topic: string, partition: number) {
    this.#simulation = simulation;
    this.#client = new SimClient(simulation, process);
    this.#fetcher = new PartitionFetcher(this.#client, topic, partition);
    this.topic = topic;
    this.partition = partition;
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => this.#simulation.violation(error));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    this.#client.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const answer = await this.#fetcher.fetch(this.seen.length);
      if (answer?.records instanceof Uint8Array) this.#take(answer.records);
    }
  }

  #take(bytes: Uint8Array): void {
    for (const batch of iterateBatches(bytes)) {
      for (const { offset, value } of batch.records()) {
        if (offset < this.seen.length) continue;
        if (offset > this.seen.length)
          throw new Error(`${this.topic}-${this.partition}: ${offset} follows ${this.seen.length - 1}`);
        this.seen.push(Buffer.from(value!).toString());
      }
    }
  }
}
