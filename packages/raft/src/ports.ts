/**
 * What the raft host needs from below: the metadata log, and a way to other nodes. Files (snapshots, `quorum-state`) go through
 * `@skarab/log`'s storage port.
 */
import type { StorageError } from '@skarab/base';
import type { OffsetAndEpoch } from './core/offset-and-epoch.ts';
import type { NodeAddress, RaftRequest, RaftResponse } from './core/raft-messages.ts';

/** The metadata log. Synchronous but for waiting for the device. */
export interface RaftLog {
  /** First offset that is still there. */
  readonly startOffset: number;
  /** Where the next batch goes, staged ones counted. */
  readonly endOffset: number;
  /** Epoch of the last batch, or one that began at the end; 0 for a log that never had one. */
  readonly lastEpoch: number;
  /**
   * Stages one batch, which is written with all others of the turn. The log stamps nothing: base offset and epoch are in the batch.
   * Errors: `StorageError`, or asserts when the batch does not continue the log.
   */
  append(batch: Uint8Array, epoch: number): void;
  /** Stages whole batches that were fetched from the leader of `epoch`; none is of a later epoch. Errors: as `append`. */
  appendFetched(batches: Uint8Array, epoch: number): void;
  /** Writes what is staged and calls back when it is durable, with the end it is durable up to. */
  flush(onFlushed: (error: StorageError | null, endOffset: number) => void): void;
  /** Whole batches from the one holding `offset` on, about `maxBytes` of them and at least one; empty at the end of the log. */
  read(offset: number, maxBytes: number): Uint8Array;
  /** The log is committed up to `offset`. */
  updateHighWatermark(offset: number): void;
  /** A new epoch begins at `startOffset`. */
  beginEpoch(epoch: number, startOffset: number): void;
  /** The greatest epoch that is not above `epoch`, and where it ends; null when nothing is known of it. */
  endOffsetForEpoch(epoch: number): OffsetAndEpoch | null;
  /** Removes everything from `offset` on, with the epochs that began there. */
  truncateTo(offset: number): void;
  /** A snapshot makes everything before `offset` superfluous; whole segments are deleted. */
  deleteBefore(offset: number): void;
  /** A snapshot is ahead of the log: the log starts anew at `offset`. */
  truncateFullyAndStartAt(offset: number): void;
  /** Bytes of the log's segments. */
  readonly sizeInBytes: number;
  close(): Promise<void>;
}

/** The way to other nodes, by their controller listeners. */
export interface RaftTransport {
  /**
   * Sends a request and resolves with the answer. Errors: rejects with an `ApiError` of UNSUPPORTED_VERSION when the node does not speak a
   * version that can say this (a pre-vote needs Vote 2), of NETWORK_EXCEPTION when it does not let this node in, of REQUEST_TIMED_OUT after
   * `timeoutMs`; with anything else when the node cannot be reached or the connection breaks. A request is sent at most once.
   */
  send(destination: NodeAddress, request: RaftRequest, timeoutMs: number): Promise<RaftResponse>;
}
