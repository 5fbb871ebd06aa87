/**
 * What the raft host needs from below: the metadata log. Files (snapshots, `quorum-state`) go through `@skarab/log`'s storage port.
 */
import type { StorageError } from '@skarab/base';

/** The metadata log. Synchronous but for waiting for the device. */
export interface RaftLog {
  /** First offset that is still there. */
  readonly startOffset: number;
  /** Where the next batch goes, staged ones counted. */
  readonly endOffset: number;
  /** Epoch of the last batch; 0 for a log that never had one. */
  readonly lastEpoch: number;
  /**
   * Stages one batch, which is written with all others of the turn. The log stamps nothing: base offset and epoch are in the batch.
   * Errors: `StorageError`, or asserts when the batch does not continue the log.
   */
  append(batch: Uint8Array, epoch: number): void;
  /** Writes what is staged and calls back when it is durable, with the end it is durable up to. */
  flush(onFlushed: (error: StorageError | null, endOffset: number) => void): void;
  /** Whole batches from the one holding `offset` on, about `maxBytes` of them and at least one; empty at the end of the log. */
  read(offset: number, maxBytes: number): Uint8Array;
  /** The log is committed up to `offset`. */
  updateHighWatermark(offset: number): void;
  /** A new epoch begins at `startOffset`. */
  beginEpoch(epoch: number, startOffset: number): void;
  /** A snapshot makes everything before `offset` superfluous; whole segments are deleted. */
  deleteBefore(offset: number): void;
  /** A snapshot is ahead of the log: the log starts anew at `offset`. */
  truncateFullyAndStartAt(offset: number): void;
  /** Bytes of the log's segments. */
  readonly sizeInBytes: number;
  close(): Promise<void>;
}
