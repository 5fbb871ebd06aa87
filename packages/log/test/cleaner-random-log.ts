/**
 * Random logs for the tests of compaction: keys that come again, tombstones, transactions that commit and abort, producers that change
 * their epoch, every codec. Remembers everything it wrote.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { Random } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import {
  buildBatch,
  buildEndTransactionMarkerBatch,
  type CompressionType,
  ControlRecordType,
  compressionTypes,
  type RecordHeader,
} from '@skarab/records';
import type { AppendOptions } from '../src/core/results.ts';
import type { PartitionLog } from '../src/index.ts';

/** A record as it was written. */
export interface WrittenRecord {
  readonly offset: number;
  readonly producerId: number;
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
  /** Whether it is in a transaction, and how that ended. */
  status: 'plain' | 'open' | 'committed' | 'aborted';
}

interface Producer {
  readonly producerId: number;
  readonly isTransactional: boolean;
  epoch: number;
  sequence: number;
  /** What its open transaction has written. */
  open: WrittenRecord[];
}

/** What such a log is like. */
export interface RandomLogOptions {
  readonly keyCount: number;
  readonly compressions?: readonly CompressionType[];
  /** Whether transactions may be aborted; default true. */
  readonly aborts?: boolean;
  readonly nowMs: () => number;
  /** Ends the turn of the event loop, so that what is staged is written. */
  readonly endTurn: () => void;
}

export class RandomLog {
  readonly records: WrittenRecord[] = [];
  readonly #random: Random;
  /** The log as it is open now. */
  log: PartitionLog;
  readonly #options: RandomLogOptions;
  readonly #producers: readonly Producer[];

  constructor(random: Random, log: PartitionLog, options: RandomLogOptions) {
    this.#random = random;
    this.log = log;
    this.#options = options;
    this.#producers = Array.from({ length: 6 }, (_, i) => ({
      ...{ producerId: i < 1 ? -1 : i, isTransactional: i > 2, epoch: i < 1 ? -1 : 0, sequence: 0, open: [] },
    }));
  }

  /** Writes a few batches, markers and segment ends. */
  write(steps: number): void {
    for (let i = 0; i < steps; i++) {
      const producer = this.#pick(this.#producers);
      if (producer.open.length > 0 && this.#random.int(3) === 0) this.#end(producer);
      else if (this.#random.int(40) === 0) this.log.roll();
      else if (this.#random.int(25) === 0 && producer.epoch >= 0 && producer.open.length === 0) this.#bump(producer);
      else this.#append(producer);
      this.#options.endTurn();
    }
  }

  /** Ends all transactions. */
  endAll(): void {
    for (const producer of this.#producers) if (producer.open.length > 0) this.#end(producer);
    this.#options.endTurn();
  }

  #append(producer: Producer): void {
    const { producerId, epoch, sequence, isTransactional, open } = producer;
    const count = 1 + this.#random.int(6);
    const records = Array.from({ length: count }, () => this.#record());
    const bytes = buildBatch({
      ...{ producerId, producerEpoch: epoch, baseSequence: producerId < 0 ? -1 : sequence, isTransactional },
      compression: this.#pick(this.#options.compressions ?? compressionTypes),
      records: records.map(({ key, value, ...record }) => ({
        ...record,
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
      })),
    });
    const { firstOffset, logAppendTimeMs } = this.#appendBytes(bytes);
    producer.sequence += count;
    records.forEach(({ key, value, timestamp }, i) => {
      const written: WrittenRecord = {
        ...{ offset: firstOffset + i, producerId, key, value },
        timestamp: logAppendTimeMs >= 0 ? logAppendTimeMs : timestamp,
        status: isTransactional ? 'open' : 'plain',
      };
      this.records.push(written);
      if (isTransactional) open.push(written);
    });
  }

  #end(producer: Producer): void {
    const isCommit = this.#random.int(2) === 0 || this.#options.aborts === false;
    const bytes = buildEndTransactionMarkerBatch({
      ...{ producerId: producer.producerId, producerEpoch: producer.epoch, coordinatorEpoch: 0 },
      type: isCommit ? ControlRecordType.COMMIT : ControlRecordType.ABORT,
      timestamp: this.#options.nowMs(),
    });
    this.#appendBytes(bytes, { origin: 'coordinator' });
    for (const record of producer.open) record.status = isCommit ? 'committed' : 'aborted';
    producer.open = [];
  }

  #bump(producer: Producer): void {
    producer.epoch++;
    producer.sequence = 0;
  }

  #appendBytes(bytes: Uint8Array, options: Partial<AppendOptions> = {}) {
    const result = this.log.appendAsLeader(bytes, { leaderEpoch: 3, ...options });
    assert.deepEqual([result.errorCode, result.errorMessage], [ErrorCode.NONE, null]);
    return result;
  }

  #record() {
    const random = this.#random;
    const header = (i: number): RecordHeader => ({ key: `h${i}`, value: random.int(2) === 0 ? null : random.bytes(4) });
    return {
      timestamp: this.#options.nowMs() - random.int(5000),
      key: `key ${random.int(this.#options.keyCount)}`,
      value: random.int(6) === 0 ? null : `value ${random.int(1e9)}`.repeat(1 + random.int(2 ** random.int(6))),
      headers: Array.from({ length: random.int(3) === 0 ? random.int(4) : 0 }, (_, i) => header(i)),
    };
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.int(items.length)]!;
  }
}
