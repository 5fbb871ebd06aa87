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

  has(transactionalId: string): boolean {
    return this.#byId.has(transactionalId);
  }

  /** The partitions of a transaction that have no marker yet; undefined when none is being written. */
  remaining(transactionalId: string): PartitionSet | undefined {
    return this.#byId.get(transactionalId)?.remaining;
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

  /** Takes the partitions that are done off; false when these results are of no interest any more. */
  onWritten(transactionalId: string, attempt: number, done: readonly TopicPartition[]): boolean {
    const markers = this.#byId.get(transactionalId);
    if (markers === undefined || markers.attempt !== attempt) return false;
    markers.remaining = markers.remaining.without(done);
    return true;
  }

  giveUp(transactionalId: string): void {
    const markers = this.#byId.get(transactionalId);
    if (markers !== undefined) markers.isGivenUp = true;
  }

  /** The transaction is complete. */
  end(transactionalId: string): void {
    this.#byId.delete(transactionalId);
  }
}
