/**
 * Writes what all logs have staged in one turn of the event loop, one gathered write per log, then makes it visible.
 *
 * ```
 *  turn:   append a ─ append b ─ append a ─ … ─ soon: write a (both appends), write b ─ publish a, publish b
 * ```
 * Two appends to a log in one turn cost one write. Much does not wait for the end of the turn: it is written when its caller is through, while
 * the processor's cache has it and before the next request takes another buffer. If a write fails, that log directory goes offline and its other logs of the turn are
 * not tried; the rest go on.
 */
import { type Clock, StorageError } from '@skarab/base';
import type { LogListener } from '../core/log-environment.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import { completeAppend, mustSyncFirst, writeStaged } from '../core/writing.ts';

/** What the writer reports to. */
export interface LogWriterOwner {
  readonly clock: Clock;
  readonly listener: LogListener;
  flush(log: PartitionLog, onFlushed: (error: StorageError | null) => void): void;
  onStorageError(logDir: string, error: StorageError): void;
  isOnline(logDir: string): boolean;
}

/** Staged bytes of all logs that are written without waiting for more. */
const MUCH_BYTES = 256 * 1024;

export class LogWriter {
  readonly #owner: LogWriterOwner;
  /** Logs with something staged, and how much that was when they said so. */
  #staged = new Map<PartitionLog, number>();
  #stagedBytes = 0;
  #isScheduled = false;

  constructor(owner: LogWriterOwner) {
    this.#owner = owner;
  }

  /** A log has something to write; it will be written at the end of this turn, or when the caller is through. */
  add(log: PartitionLog): void {
    const { sizeInBytes } = log.state.staged;
    this.#stagedBytes += sizeInBytes - (this.#staged.get(log) ?? 0);
    this.#staged.set(log, sizeInBytes);
    if (this.#stagedBytes >= MUCH_BYTES) {
      queueMicrotask(() => this.flushStaged());
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#owner.clock.soon(() => {
      this.#isScheduled = false;
      this.flushStaged();
    });
  }

  /**
   * Writes and publishes everything that is staged, now.
   *
   * Walk: produce 8 — once at the end of the turn, for every log with something staged.
   */
  flushStaged(): void {
    if (this.#staged.size === 0) return;
    const logs = new Set(this.#staged.keys());
    this.#staged = new Map();
    this.#stagedBytes = 0;
    for (const log of logs) {
      if (!this.#write(log)) logs.delete(log);
    }
    for (const log of logs) this.publish(log);
  }

  /** Makes visible what is written, as far as the log's configuration allows without a sync. */
  publish(log: PartitionLog): void {
    const { state } = log;
    if (state.isClosed) return;
    if (mustSyncFirst(state)) {
      // The flusher publishes what it has synced.
      this.#owner.flush(log, () => {});
      return;
    }
    if (completeAppend(state, state.writtenEnd())) this.#owner.listener.onAppended(log);
  }

  #write(log: PartitionLog): boolean {
    if (log.state.isClosed || !this.#owner.isOnline(log.logDir)) return false;
    try {
      writeStaged(log.state);
      return true;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#owner.onStorageError(log.logDir, error);
      return false;
    }
  }
}
