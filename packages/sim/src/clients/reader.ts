/**
 * A consumer of one partition that remembers what it was shown: once shown, a record stays where it was, and nothing is left out.
 */
import { iterateBatches } from '@skarab/records';
import type { Simulation } from '../cluster/simulation.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import { RunningClient } from './running-client.ts';

export class Reader extends RunningClient {
  /** Values by offset. */
  readonly seen: string[] = [];
  readonly topic: string;
  readonly partition: number;
  readonly #fetcher: PartitionFetcher;

  constructor(simulation: Simulation, process: number, topic: string, partition: number) {
    super(simulation, process);
    this.#fetcher = new PartitionFetcher(this.client, topic, partition);
    this.topic = topic;
    this.partition = partition;
  }

  protected async run(): Promise<void> {
    while (!this.isStopped) {
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
