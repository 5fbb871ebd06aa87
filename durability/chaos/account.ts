/**
 * What one partition must hold: each record that its writer was told is acknowledged, once, at that offset, in the order of the numbers.
 * A record that was not acknowledged may be there once, in its place, or not at all.
 */
import type { RecordBatch } from '@skarab/records';
import { recordValue } from '../ledger.ts';
import type { Acknowledged } from './writer.ts';

/** Acknowledged records in a row, at offsets in a row. */
interface Run {
  readonly number: number;
  readonly offset: number;
  count: number;
}

export class PartitionAccount {
  readonly topic: string;
  readonly partition: number;
  readonly #runs: Run[] = [];
  #acknowledged = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** How many records are acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  add({ number, count, offset }: Acknowledged): void {
    this.#acknowledged += count;
    const last = this.#runs.at(-1);
    if (last !== undefined && number === last.number + last.count && offset === last.offset + last.count) {
      last.count += count;
    } else this.#runs.push({ number, count, offset });
  }

  /** Holds the partition's batches against the account, from offset 0 on. */
  audit(): Audit {
    const runs = [...this.#runs].sort((a, b) => a.number - b.number);
    return new Audit(this.topic, this.partition, runs);
  }
}

/** One pass over a partition. */
export class Audit {
  readonly #topic: string;
  readonly #partition: number;
  readonly #runs: readonly Run[];
  /** The next acknowledged record: its run, and its place in that. */
  #run = 0;
  #place = 0;
  #lastNumber = -1;

  constructor(topic: string, partition: number, runs: readonly Run[]) {
    this.#topic = topic;
    this.#partition = partition;
    this.#runs = runs;
  }

  /** Checks that a batch goes on at `offset`; returns the offset behind it. Errors: throws what is wrong. */
  check(batch: RecordBatch, offset: number): number {
    if (!batch.isValidCrc()) throw this.#wrong(offset, 'wrong checksum');
    let next = offset;
    for (const record of batch.records()) {
      if (record.offset !== next) throw this.#wrong(next, `offset ${record.offset} follows`);
      this.#enter(Buffer.from(record.value ?? []).toString(), next);
      next++;
    }
    return next;
  }

  /** Nothing comes any more. Errors: throws when an acknowledged record has not come. */
  end(): void {
    const next = this.#next;
    if (next !== undefined) throw this.#wrong(next.offset, `record ${next.number} was acknowledged, and is lost`);
  }

  #enter(value: string, offset: number): void {
    const number = Number(/:(\d+):/.exec(value)?.[1] ?? Number.NaN);
    if (value !== recordValue(this.#topic, this.#partition, number))
      throw this.#wrong(offset, `holds '${value.slice(0, 60)}'`);
    if (number <= this.#lastNumber) throw this.#wrong(offset, `record ${number} follows record ${this.#lastNumber}`);
    this.#lastNumber = number;
    const next = this.#next;
    if (next === undefined || next.number > number) return;
    if (next.number < number) {
      throw this.#wrong(offset, `record ${number}, but ${next.number} was acknowledged at ${next.offset}`);
    }
    if (next.offset !== offset) throw this.#wrong(offset, `record ${number}, acknowledged at ${next.offset}`);
    this.#place++;
    if (this.#place < this.#runs[this.#run]!.count) return;
    this.#run++;
    this.#place = 0;
  }

  get #next(): { readonly number: number; readonly offset: number } | undefined {
    const run = this.#runs[this.#run];
    return run && { number: run.number + this.#place, offset: run.offset + this.#place };
  }

  #wrong(offset: number, what: string): Error {
    return new Error(`${this.#topic}-${this.#partition} at ${offset}: ${what}`);
  }
}
