/**
 * One producer's part of an append: is it in order, and what will the producer's entry be afterwards. Changes nothing by itself.
 *
 * How strictly a batch is looked at depends on who appends: clients in full, coordinators by epoch only, replication not at all.
 * Source: org.apache.kafka.storage.internals.log.ProducerAppendInfo.
 */
import { ErrorCode } from '@skarab/protocol';
import {
  type AppendOrigin,
  ControlRecordType,
  NO_PRODUCER_EPOCH,
  NO_SEQUENCE,
  parseEndTransactionMarker,
  type RecordBatch,
} from '@skarab/records';
import type { ProducerStateEntry } from './producer-state-entry.ts';
import type { VerificationState } from './verification-state.ts';

/** "Not said": allowed for markers only when they come by replication. */
export const TRANSACTION_VERSION_UNKNOWN = -1;

const MAX_SEQUENCE = 0x7fffffff;
const MAX_EPOCH = 0x7fff;

/** Why a producer's batch is turned away. */
export interface ProducerFailure {
  readonly errorCode: ErrorCode;
  readonly message: string;
}

/** A transaction whose marker has been seen. */
export interface CompletedTxn {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the marker. */
  readonly lastOffset: number;
  readonly isAborted: boolean;
}

/** A marker to be applied. */
interface Marker {
  readonly isAbort: boolean;
  readonly coordinatorEpoch: number;
  readonly producerEpoch: number;
  readonly offset: number;
  readonly timestamp: number;
}

export class ProducerAppend {
  readonly producerId: number;
  /** The entry as it will be; to be handed to `ProducerState.update`. */
  readonly updated: ProducerStateEntry;
  /** First offsets of transactions that begin here. */
  readonly startedTxns: number[] = [];
  completedTxn: CompletedTxn | null = null;
  readonly #current: ProducerStateEntry;
  readonly #origin: AppendOrigin;
  readonly #verification: VerificationState | undefined;
  readonly #topicPartition: string;

  constructor(
    topicPartition: string,
    current: ProducerStateEntry,
    origin: AppendOrigin,
    verification: VerificationState | undefined,
  ) {
    this.#topicPartition = topicPartition;
    this.producerId = current.producerId;
    this.#current = current;
    this.updated = current.successor();
    this.#origin = origin;
    this.#verification = verification;
  }

  /** Takes the next batch of this producer; null when there is nothing against it. `completedTxn` then tells if it ended a transaction. */
  append(batch: RecordBatch, transactionVersion: number): ProducerFailure | null {
    this.completedTxn = null;
    if (!batch.isControlBatch) return this.#appendData(batch);
    const { value: record } = batch.records().next();
    // Without a record, compaction has removed the whole transaction: nothing to learn.
    if (!record) return null;
    const marker = parseEndTransactionMarker(record);
    if (marker === null) return null;
    return this.#appendMarker(
      {
        isAbort: marker.type === ControlRecordType.ABORT,
        coordinatorEpoch: marker.coordinatorEpoch,
        producerEpoch: batch.producerEpoch,
        offset: batch.baseOffset,
        timestamp: record.timestamp,
      },
      transactionVersion,
    );
  }

  #appendData(batch: RecordBatch): ProducerFailure | null {
    const { producerEpoch, baseSequence, lastSequence, baseOffset, lastOffset, isTransactional } = batch;
    const failure =
      this.#epochFailure(producerEpoch, baseOffset, TRANSACTION_VERSION_UNKNOWN) ??
      (this.#origin === 'client' ? this.#sequenceFailure(producerEpoch, baseSequence, baseOffset) : null);
    if (failure !== null) return failure;
    this.updated.addBatch(producerEpoch, {
      lastSequence,
      lastOffset,
      offsetDelta: lastOffset - baseOffset,
      timestamp: batch.maxTimestamp,
    });
    if (this.updated.currentTxnFirstOffset !== null && !isTransactional) {
      return {
        errorCode: ErrorCode.INVALID_TXN_STATE,
        message: `Expected transactional write from producer ${this.producerId} at offset ${baseOffset} in partition ${this.#topicPartition}`,
      };
    }
    if (this.updated.currentTxnFirstOffset === null && isTransactional) {
      this.updated.currentTxnFirstOffset = baseOffset;
      this.startedTxns.push(baseOffset);
    }
    return null;
  }

  #appendMarker(marker: Marker, transactionVersion: number): ProducerFailure | null {
    // The leader has looked at replicated markers by their own rule; followers do not know it and take the looser one.
    const version = transactionVersion === TRANSACTION_VERSION_UNKNOWN ? 0 : transactionVersion;
    const failure =
      this.#epochFailure(marker.producerEpoch, marker.offset, version) ?? this.#coordinatorFailure(marker);
    if (failure !== null) return failure;
    const firstOffset = this.updated.currentTxnFirstOffset;
    if (firstOffset !== null) {
      this.completedTxn = {
        producerId: this.producerId,
        firstOffset,
        lastOffset: marker.offset,
        isAborted: marker.isAbort,
      };
    }
    this.updated.endTransaction(marker.producerEpoch, marker.coordinatorEpoch, marker.timestamp);
    return null;
  }

  #epochFailure(producerEpoch: number, offset: number, transactionVersion: number): ProducerFailure | null {
    const current = this.updated.producerEpoch;
    const isBumped = transactionVersion >= 2;
    if (isBumped ? producerEpoch > current : producerEpoch >= current) return null;
    // A marker written twice, because the coordinator did not hear of the first time, is written twice.
    const isRepeated =
      isBumped &&
      producerEpoch === current &&
      (this.updated.currentTxnFirstOffset === null || producerEpoch === MAX_EPOCH);
    if (isRepeated || this.#origin === 'replication') return null;
    return {
      errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
      message:
        `Epoch of producer ${this.producerId} at offset ${offset} in ${this.#topicPartition} is ${producerEpoch}, ` +
        `which is ${isBumped ? '<=' : '<'} the last seen epoch ${current} (TV${transactionVersion})`,
    };
  }

  #coordinatorFailure({ coordinatorEpoch, offset }: Marker): ProducerFailure | null {
    if (this.updated.coordinatorEpoch <= coordinatorEpoch || this.#origin === 'replication') return null;
    return {
      errorCode: ErrorCode.TRANSACTION_COORDINATOR_FENCED,
      message:
        `Invalid coordinator epoch for producerId ${this.producerId} at offset ${offset} in partition ${this.#topicPartition}: ` +
        `${coordinatorEpoch} (zombie), ${this.updated.coordinatorEpoch} (current)`,
    };
  }

  #sequenceFailure(producerEpoch: number, sequence: number, offset: number): ProducerFailure | null {
    const verification = this.#verification;
    if (verification?.supportsEpochBump && sequence !== 0 && this.#current.isEmpty) {
      return this.#outOfOrder(
        offset,
        `${sequence} (incoming seq. number). Expected sequence 0 for transactions v2 idempotent producer with no existing state.`,
      );
    }
    if (verification !== undefined && sequence > verification.lowestSequence) {
      return this.#outOfOrder(
        offset,
        `${sequence} (incoming seq. number), ${verification.lowestSequence} (earliest seen sequence)`,
      );
    }
    const current = this.updated.producerEpoch;
    if (producerEpoch !== current) {
      if (sequence === 0 || current === NO_PRODUCER_EPOCH) return null;
      return this.#outOfOrder(
        offset,
        `${producerEpoch} (request epoch), ${sequence} (seq. number), ${current} (current producer epoch)`,
      );
    }
    const last = this.#lastSequence(producerEpoch);
    // Nothing is known of the producer when its records have all been deleted: any sequence may be next.
    if (this.#current.producerEpoch === NO_PRODUCER_EPOCH || isNext(last, sequence)) return null;
    return this.#outOfOrder(offset, `${sequence} (incoming seq. number), ${last} (current end sequence number)`);
  }

  #lastSequence(producerEpoch: number): number {
    if (!this.updated.isEmpty) return this.updated.lastSequence;
    return producerEpoch === this.#current.producerEpoch ? this.#current.lastSequence : NO_SEQUENCE;
  }

  #outOfOrder(offset: number, detail: string): ProducerFailure {
    return {
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      message:
        `Out of order sequence number for producer ${this.producerId} at offset ${offset} ` +
        `in partition ${this.#topicPartition}: ${detail}`,
    };
  }
}

function isNext(last: number, next: number): boolean {
  return next === last + 1 || (next === 0 && last === MAX_SEQUENCE);
}
