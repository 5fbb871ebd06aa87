/**
 * What a partition remembers of one producer: its epoch, its last five batches, its open transaction.
 *
 * Source: org.apache.kafka.storage.internals.log.ProducerStateEntry and BatchMetadata.
 */
import { decrementSequence, NO_PRODUCER_EPOCH, NO_SEQUENCE, NO_TIMESTAMP } from '@skarab/records';

/** Batches remembered to recognize a repetition; a producer has at most so many requests in flight. */
export const BATCHES_TO_RETAIN = 5;

/** A batch that a producer has written. */
export interface BatchMetadata {
  readonly lastSequence: number;
  readonly lastOffset: number;
  readonly offsetDelta: number;
  readonly timestamp: number;
}

/** The sequence number of the first record of a batch. */
export function firstSequence(batch: BatchMetadata): number {
  return decrementSequence(batch.lastSequence, batch.offsetDelta);
}

export class ProducerStateEntry {
  readonly producerId: number;
  producerEpoch: number = NO_PRODUCER_EPOCH;
  coordinatorEpoch = -1;
  lastTimestamp: number = NO_TIMESTAMP;
  /** First offset of the open transaction, or null. */
  currentTxnFirstOffset: number | null = null;
  /** Oldest first. */
  batches: BatchMetadata[] = [];

  constructor(producerId: number) {
    this.producerId = producerId;
  }

  get isEmpty(): boolean {
    return this.batches.length === 0;
  }

  get lastSequence(): number {
    return this.batches.at(-1)?.lastSequence ?? NO_SEQUENCE;
  }

  /** Offset of the last record that is data; -1 without any. */
  get lastDataOffset(): number {
    return this.batches.at(-1)?.lastOffset ?? -1;
  }

  get lastOffsetDelta(): number {
    return this.batches.at(-1)?.offsetDelta ?? 0;
  }

  /** A new entry that continues this one, without its batches. */
  successor(): ProducerStateEntry {
    const next = new ProducerStateEntry(this.producerId);
    next.producerEpoch = this.producerEpoch;
    next.coordinatorEpoch = this.coordinatorEpoch;
    next.lastTimestamp = this.lastTimestamp;
    next.currentTxnFirstOffset = this.currentTxnFirstOffset;
    return next;
  }

  /** Remembers a batch of data; a new epoch forgets those of the old one. */
  addBatch(producerEpoch: number, batch: BatchMetadata): void {
    this.#enterEpoch(producerEpoch);
    this.#remember(batch);
    this.lastTimestamp = batch.timestamp;
  }

  /** A transaction marker was written. */
  endTransaction(producerEpoch: number, coordinatorEpoch: number, timestamp: number): void {
    this.#enterEpoch(producerEpoch);
    this.coordinatorEpoch = coordinatorEpoch;
    this.currentTxnFirstOffset = null;
    this.lastTimestamp = timestamp;
  }

  /** Takes over what a successor of this entry has seen. */
  update(next: ProducerStateEntry): void {
    this.#enterEpoch(next.producerEpoch);
    for (const batch of next.batches) this.#remember(batch);
    this.coordinatorEpoch = next.coordinatorEpoch;
    this.currentTxnFirstOffset = next.currentTxnFirstOffset;
    this.lastTimestamp = next.lastTimestamp;
  }

  /** The remembered batch with exactly these sequence numbers in this epoch. */
  findDuplicate(producerEpoch: number, baseSequence: number, lastSequence: number): BatchMetadata | undefined {
    if (producerEpoch !== this.producerEpoch) return undefined;
    return this.batches.find((batch) => batch.lastSequence === lastSequence && firstSequence(batch) === baseSequence);
  }

  /** Remembers batches of this epoch from before those that are known, oldest first. */
  recall(batches: readonly BatchMetadata[]): void {
    this.batches = [...batches, ...this.batches].slice(-BATCHES_TO_RETAIN);
  }

  #enterEpoch(producerEpoch: number): void {
    if (this.producerEpoch === producerEpoch) return;
    this.batches = [];
    this.producerEpoch = producerEpoch;
  }

  #remember(batch: BatchMetadata): void {
    if (this.batches.length === BATCHES_TO_RETAIN) this.batches.shift();
    this.batches.push(batch);
  }
}
