/**
 * One client at its partitions, and what it was told: the accounts, how long it had to wait, what it gave up.
 */

import { PartitionAccount } from './account.ts';
import { GapMeter } from './gap-meter.ts';
import type { Client, WriterTask } from './writer.ts';

const KEPT_GIVEN_UP = 10;

/** What came of a client's load. */
export interface LoadReport {
  readonly client: string;
  readonly acknowledgedRecords: number;
  /** How often it gave something up: a record, or all that was to come. */
  readonly givenUp: number;
  /** The first of them, in its words. */
  readonly firstGivenUp: readonly string[];
}

export class ClientLoad {
  readonly #client: Client;
  readonly gaps = new GapMeter();
  /** By partition; the partitions are in a row. */
  readonly accounts: ReadonlyMap<number, PartitionAccount>;
  readonly #firstGivenUp: string[] = [];
  #givenUp = 0;
  #hasEnded = false;

  constructor(client: Client, topic: string, partitions: readonly number[]) {
    this.#client = client;
    this.accounts = new Map(partitions.map((partition) => [partition, new PartitionAccount(topic, partition)]));
  }

  get name(): string {
    return this.#client.name;
  }

  /** True when a record of each partition is acknowledged, and when none will be. */
  get hasBegun(): boolean {
    return this.#hasEnded || [...this.accounts.values()].every(({ acknowledged }) => acknowledged > 0);
  }

  /** Writes to the end. Errors: rejects with Violation when a promise is broken. */
  async write(task: Omit<WriterTask, 'partitions' | 'onAcknowledged' | 'onGivenUp'>): Promise<void> {
    try {
      await this.#client.write({
        ...task,
        partitions: [...this.accounts.keys()],
        onAcknowledged: (records) => {
          this.accounts.get(records.partition)!.add(records);
          this.gaps.onAcknowledged(records.partition, performance.now());
        },
        onGivenUp: (what) => {
          this.#givenUp++;
          if (this.#firstGivenUp.length < KEPT_GIVEN_UP) this.#firstGivenUp.push(what);
        },
      });
    } finally {
      this.#hasEnded = true;
    }
  }

  report(): LoadReport {
    return {
      client: this.name,
      acknowledgedRecords: [...this.accounts.values()].reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      givenUp: this.#givenUp,
      firstGivenUp: this.#firstGivenUp,
    };
  }
}
