/**
 * Metadata as this node knows it: the image after all records it has seen (`tip`), and the image up to what is committed (`stable`).
 *
 * The active controller applies its own records before they are committed, so that the next decision sees them; standby controllers and
 * brokers apply what is committed. Either way each batch is replayed once, and its delta waits here until it may be published:
 *
 *     stable ──delta──▶ image ──delta──▶ image ═ tip
 *        ▲ commitTo(offset) moves this up and hands out the deltas it passes
 *
 * A metadata transaction (KIP-868) is one delta, from its begin to its end; an aborted one leaves no trace but its offset. When leadership
 * is lost, `revert` drops what was not committed. Images are immutable, so nothing has to be undone.
 * Shape: replayer. Source: org.apache.kafka.image.loader.MetadataBatchLoader, org.apache.kafka.controller.OffsetControlManager.
 */
import { assert, CorruptDataError, type Turns } from '@skarab/base';
import { MetadataDelta } from './delta/metadata-delta.ts';
import { EMPTY_IMAGE, type MetadataImage } from './image/metadata-image.ts';
import type { MetadataProvenance } from './image/provenance.ts';
import type { MetadataRecord } from './record/metadata-record.ts';

/** A batch of the metadata log with its decoded records; control batches have none. */
export interface MetadataBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly epoch: number;
  readonly appendTimestampMs: number;
  readonly sizeInBytes: number;
  readonly records: readonly MetadataRecord[];
}

/** A step from one image to the next, ready to be published. */
export interface MetadataUpdate {
  readonly kind: 'log' | 'snapshot';
  readonly delta: MetadataDelta;
  readonly image: MetadataImage;
  /** Log bytes behind the step; 0 for snapshots. */
  readonly sizeInBytes: number;
}

/** Records of a snapshot that are replayed in one turn. */
const RECORDS_A_TURN = 500;

/** The metadata of a node. */
export class MetadataStateMachine {
  #stable: MetadataImage = EMPTY_IMAGE;
  #tip: MetadataImage = EMPTY_IMAGE;
  /** Steps from `stable` on, oldest first. */
  #pending: MetadataUpdate[] = [];
  /** What was replayed since the last step; lives longer than one batch only within a transaction. */
  #delta = new MetadataDelta(EMPTY_IMAGE);
  #deltaBytes = 0;
  #transactionStartOffset = -1;

  /** The image after all records seen. */
  get tip(): MetadataImage {
    return this.#tip;
  }

  /** The image up to the last committed step. */
  get stable(): MetadataImage {
    return this.#stable;
  }

  /** Offset of the record that began the open transaction, or -1. */
  get transactionStartOffset(): number {
    return this.#transactionStartOffset;
  }

  /**
   * Replays a batch. Returns the delta that leads from the tip before to the tip now, or null when a transaction makes it more than one.
   * Errors: `CorruptDataError` for records that do not fit.
   */
  apply(batch: MetadataBatch): MetadataDelta | null {
    let isOneDelta = this.#transactionStartOffset === -1;
    for (const [index, record] of batch.records.entries()) {
      if (this.#replayTransaction(record, batch, index)) isOneDelta = false;
      else this.#delta.replay(record);
    }
    this.#deltaBytes += batch.sizeInBytes;
    const delta = this.#delta;
    const provenance = provenanceAt(batch, batch.lastOffset, true);
    this.#tip = delta.apply(provenance);
    if (this.#transactionStartOffset === -1) this.#completeStep();
    return isOneDelta ? delta : null;
  }

  /** Replaces everything by the contents of a snapshot, at the end of the last turn. */
  *loadSnapshot(records: Iterable<MetadataRecord>, provenance: MetadataProvenance): Turns<MetadataUpdate> {
    const delta = new MetadataDelta(this.#stable);
    let count = 0;
    for (const record of records) {
      delta.replay(record);
      if (++count % RECORDS_A_TURN === 0) yield;
    }
    delta.finishSnapshot();
    const image = delta.apply(provenance);
    this.#stable = image;
    this.revert();
    return { kind: 'snapshot', delta, image, sizeInBytes: 0 };
  }

  /** Everything up to `offset` is committed: returns the steps that are now stable, oldest first. */
  commitTo(offset: number): readonly MetadataUpdate[] {
    const count = this.#pending.findIndex(({ image }) => image.provenance.lastContainedOffset > offset);
    const committed = this.#pending.splice(0, count === -1 ? this.#pending.length : count);
    this.#stable = committed.at(-1)?.image ?? this.#stable;
    return committed;
  }

  /** Drops what is not committed. */
  revert(): void {
    this.#pending = [];
    this.#tip = this.#stable;
    this.#transactionStartOffset = -1;
    this.#startDelta();
  }

  #completeStep(): void {
    const image = this.#tip;
    this.#pending.push({ kind: 'log', delta: this.#delta, image, sizeInBytes: this.#deltaBytes });
    this.#startDelta();
  }

  #startDelta(): void {
    this.#delta = new MetadataDelta(this.#tip);
    this.#deltaBytes = 0;
  }

  /** Minds the bounds of transactions; returns true when `record` is one. */
  #replayTransaction(record: MetadataRecord, batch: MetadataBatch, index: number): boolean {
    switch (record.type) {
      case 'BeginTransactionRecord':
        if (this.#transactionStartOffset !== -1) throw new CorruptDataError('A metadata transaction begins in another');
        this.#transactionStartOffset = batch.baseOffset + index;
        // What came before in the same batch is a step of its own, at which no snapshot may be cut.
        if (index > 0) {
          this.#tip = this.#delta.apply(provenanceAt(batch, batch.baseOffset + index - 1, false));
          this.#completeStep();
        }
        return true;
      case 'EndTransactionRecord':
        this.#endTransaction('ends');
        return true;
      case 'AbortTransactionRecord':
        this.#endTransaction('aborts');
        this.#delta = new MetadataDelta(this.#delta.image);
        return true;
      default:
        return false;
    }
  }

  #endTransaction(what: string): void {
    if (this.#transactionStartOffset === -1)
      throw new CorruptDataError(`A record ${what} a metadata transaction that never began`);
    this.#transactionStartOffset = -1;
  }
}

function provenanceAt(batch: MetadataBatch, offset: number, isOffsetBatchAligned: boolean): MetadataProvenance {
  assert(offset >= batch.baseOffset - 1 && offset <= batch.lastOffset, 'an image ends within its last batch');
  return {
    lastContainedOffset: offset,
    lastContainedEpoch: batch.epoch,
    lastContainedLogTimeMs: batch.appendTimestampMs,
    isOffsetBatchAligned,
  };
}
