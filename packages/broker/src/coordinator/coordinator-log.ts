/**
 * The partitions of a coordinator's topic as its host sees them: append a batch, read everything, learn what is committed.
 *
 * A port, so that the host of a coordinator does not know replicas. Implemented by the replica manager's partitions.
 */
import type { VerificationGuard } from '@skarab/log';
import type { RecordBatch } from '@skarab/records';

/** One batch, and what a batch of a transaction needs beside it. */
export interface AppendedBatch {
  readonly bytes: Uint8Array;
  /** The proof that its transaction is known to the transaction coordinator. */
  readonly verificationGuard?: VerificationGuard;
  /** For the marker of a transaction. */
  readonly transactionVersion?: number;
}

export interface CoordinatorLog {
  /**
   * Appends one batch as leader of `leaderEpoch` with all in-sync replicas required.
   * Answers at once: the next offset, or the error with which nothing was appended.
   */
  append(
    partition: number,
    leaderEpoch: number,
    batch: AppendedBatch,
  ): { readonly nextOffset: number } | { readonly errorCode: number };
  /**
   * Hands every batch from the log start to the log end to `onBatch`, in pieces that leave room for other work; `onBatch` returns
   * false to stop early. Rejects when the log cannot be read.
   */
  readAll(
    partition: number,
    onBatch: (batch: RecordBatch, highWatermark: number) => boolean,
  ): Promise<{ highWatermark: number; logEndOffset: number }>;
  /** The largest batch the topic takes. */
  maxBatchBytes(): number;
}
