/**
 * What a load has sent and what was acknowledged, partition by partition, and what must therefore be in the log.
 *
 * Each partition has one idempotent producer that writes to it alone, so a record's sequence number is its offset: the log must hold the
 * records 0, 1, 2 … each once and in order, at least up to the last acknowledged one, at most up to the last sent one.
 */
import { type BatchOptions, buildBatch, type CompressionType, type RecordBatch } from '@skarab/records';

export interface SentBatch {
  readonly baseSequence: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

const FILLER = 'x'.repeat(200);

/** The value of a record: says where it belongs, and is as long each time it is made. */
export function recordValue(topic: string, partition: number, sequence: number): string {
  return `${topic}-${partition}:${sequence}:${FILLER.slice(0, sequence % 200)}`;
}

export class PartitionLedger {
  readonly topic: string;
  readonly partition: number;
  readonly #compression: CompressionType;
  /** Sent and not acknowledged, oldest first. */
  readonly pending: SentBatch[] = [];
  nextSequence = 0;
  /** Records below this are acknowledged. */
  acknowledged = 0;
  /** Records below this were read back after the last restart. */
  readBack = 0;
  /** Batches that the broker had, but no longer knew as duplicates. */
  forgotten = 0;

  constructor(topic: string, partition: number, compression: CompressionType) {
    this.topic = topic;
    this.partition = partition;
    this.#compression = compression;
  }

  /** A new batch, entered as sent. */
  nextBatch(count: number, producer: Pick<BatchOptions, 'producerId' | 'producerEpoch'>): SentBatch {
    const baseSequence = this.nextSequence;
    const bytes = buildBatch({
      ...producer,
      baseSequence,
      compression: this.#compression,
      records: Array.from({ length: count }, (_, i) => ({
        timestamp: Date.now(),
        key: Buffer.from(String(baseSequence + i)),
        value: Buffer.from(recordValue(this.topic, this.partition, baseSequence + i)),
      })),
    });
    const batch = { baseSequence, count, bytes };
    this.nextSequence += count;
    this.pending.push(batch);
    return batch;
  }

  /** An answer without an error. Errors: throws when it is not about the oldest batch, or the offset is not the promised one. */
  acknowledge(batch: SentBatch, baseOffset: number): void {
    const where = `${this.topic}-${this.partition}`;
    if (this.pending[0] !== batch)
      throw new Error(`${where}: sequence ${batch.baseSequence} acknowledged out of order`);
    if (baseOffset !== batch.baseSequence) {
      throw new Error(`${where}: sequence ${batch.baseSequence} was appended at offset ${baseOffset}`);
    }
    this.pending.shift();
    this.acknowledged = batch.baseSequence + batch.count;
  }

  /**
   * A batch sent again is answered OUT_OF_ORDER_SEQUENCE_NUMBER: fine if it is in the log. A producer snapshot holds one batch of each
   * producer, so a broker that loads one knows no older duplicates; it must refuse them nevertheless. Returns whether that is the case.
   */
  isForgotten(batch: SentBatch): boolean {
    if (batch.baseSequence + batch.count > this.readBack) return false;
    this.forgotten++;
    this.acknowledge(batch, batch.baseSequence);
    return true;
  }

  /** Checks that a batch of the log continues at `offset`; returns the offset behind it. Errors: throws when it does not. */
  check(batch: RecordBatch, offset: number): number {
    const where = `${this.topic}-${this.partition} at ${offset}`;
    if (!batch.isValidCrc()) throw new Error(`${where}: wrong checksum`);
    let next = offset;
    for (const record of batch.records()) {
      if (record.offset < next && next === offset) continue;
      if (record.offset !== next) throw new Error(`${where}: offset ${record.offset} where ${next} is expected`);
      const value = Buffer.from(record.value ?? []).toString();
      if (value !== recordValue(this.topic, this.partition, next)) {
        throw new Error(`${where}: offset ${next} holds '${value.slice(0, 60)}'`);
      }
      next++;
    }
    return next;
  }
}
