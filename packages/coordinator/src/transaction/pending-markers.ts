/**
 * The transactions of a shard whose end is decided and whose markers are being written.
 *
 * ```
 *   prepared, committed ─► 'writeMarkers' ─► results ─► all there: the transaction is complete
 *                               ▲              ├─► some must be tried again, a moment later
 *                               └──────────────┘
 * ```
 * Soft state: after a load everything that is prepared begins again, and markers may be written twice.
 * Source: kafka.coordinator.transaction.TransactionMarkerChannelManager.
 */
import type { PartitionSet, TopicPartition } from './partition-set.ts';
import type { WriteMarkersEffect } from './transaction-effects.ts';
import type { TransactionMetadata } from './transaction-metadata.ts';

/** How long to wait before markers are sent again. */
export const MARKER_RETRY_MS = 100;

/** The markers of one transaction. */
interface MarkersUnderWay {
  readonly metadata: TransactionMetadata;
  attempt: number;
  remaining: PartitionSet;
  /** A partition has refused the marker for good: the transaction waits for another coordinator. */
  isGivenUp: boolean;
}

/** What markers are made of and where they go. */
export interface PendingMarkersOptions {
  readonly partition: number;
  readonly leaderEpoch: () => number;
  readonly emit: (effect: WriteMarkersEffect) => void;
}

export class PendingMarkers {
  readonly #options: PendingMarkersOptions;
  readonly #byId = new Map<string, MarkersUnderWay>();
  #lastAttempt = 0;

  constructor(options: PendingMarkersOptions) {
    this.#options = options;
  }

  /** Whether the markers of this very transaction are being written: what is left of an earlier one of the id does not count. */
  has(transactionalId: string, metadata: TransactionMetadata): boolean {
    return this.#byId.get(transactionalId)?.metadata === metadata;
  }

  /** The partitions of a transaction that have no marker yet; all of them when none is being written. */
  remaining(transactionalId: string, metadata: TransactionMetadata): PartitionSet {
    const markers = this.#byId.get(transactionalId);
    return markers?.metadata === metadata ? markers.remaining : metadata.partitions;
  }

  /** Notes the markers of a prepared transaction. */
  begin(transactionalId: string, metadata: TransactionMetadata): void {
    this.#byId.set(transactionalId, { metadata, attempt: 0, remaining: metadata.partitions, isGivenUp: false });
  }

  /** Asks for the markers that are missing. */
  send(transactionalId: string): void {
    const markers = this.#byId.get(transactionalId);
    if (markers === undefined || markers.isGivenUp) return;
    const { metadata, remaining } = markers;
    markers.attempt = ++this.#lastAttempt;
    this.#options.emit({
      type: 'writeMarkers',
      partition: this.#options.partition,
      transactionalId,
      attempt: markers.attempt,
      end: {
        producerId: metadata.producerId,
        producerEpoch: metadata.producerEpoch,
        coordinatorEpoch: this.#options.leaderEpoch(),
        isCommit: metadata.state === 'PrepareCommit',
        transactionVersion: metadata.clientTransactionVersion,
      },
      partitions: [...remaining],
    });
  }

  /** Takes the partitions that are done off; returns the transaction, or null when these results are of no interest any more. */
  onWritten(transactionalId: string, attempt: number, done: readonly TopicPartition[]): TransactionMetadata | null {
    const markers = this.#byId.get(transactionalId);
    if (markers === undefined || markers.attempt !== attempt) return null;
    markers.remaining = markers.remaining.without(done);
    return markers.metadata;
  }

  giveUp(transactionalId: string): void {
    const markers = this.#byId.get(transactionalId);
    if (markers !== undefined) markers.isGivenUp = true;
  }

  /** The transaction is complete. */
  end(transactionalId: string, metadata: TransactionMetadata): void {
    if (this.has(transactionalId, metadata)) this.#byId.delete(transactionalId);
  }
}
