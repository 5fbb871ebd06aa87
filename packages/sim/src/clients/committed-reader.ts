/**
 * A consumer of the committed records of one partition, that tells somebody of everything it is shown.
 */
import type { Simulation } from '../cluster/simulation.ts';
import { type CommittedRecord, committedRecords } from './committed-records.ts';
import { PartitionFetcher, READ_COMMITTED } from './partition-fetcher.ts';
import { RunningClient } from './running-client.ts';

export class CommittedReader extends RunningClient {
  readonly topic: string;
  readonly partition: number;
  /** Where it goes on. */
  position = 0;
  readonly #fetcher: PartitionFetcher;
  readonly #onRecord: (record: CommittedRecord) => void;

  constructor(
    simulation: Simulation,
    process: number,
    { topic, partition }: { readonly topic: string; readonly partition: number },
    onRecord: (record: CommittedRecord) => void,
  ) {
    super(simulation, process);
    this.#fetcher = new PartitionFetcher(this.client, topic, partition, READ_COMMITTED);
    this.#onRecord = onRecord;
    this.topic = topic;
    this.partition = partition;
  }

  protected async run(): Promise<void> {
    while (!this.isStopped) {
      const answer = await this.#fetcher.fetch(this.position);
      if (answer === undefined) continue;
      const { records, nextOffset } = committedRecords(answer, this.position);
      for (const record of records) this.#onRecord(record);
      this.position = nextOffset;
    }
  }
}
