/**
 * Makes logs durable: at most one sync per log under way, everybody who asks meanwhile is answered by the next one.
 *
 * ```
 *  flush ─► write what is in memory only ─► epochs settled, files synced, folder synced ─► recovery point, visible end ─► callbacks
 * ```
 */
import { StorageError } from '@skarab/base';
import type { PartitionLog } from '../core/partition-log.ts';
import { completeAppend, completeFlush, type FlushPlan, planFlush } from '../core/writing.ts';
import type { Storage } from '../ports.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { EpochCheckpoints } from './epoch-checkpoints.ts';

/** Syncs under way at a time, of all logs: each holds a descriptor, and the thread pool takes only a few. */
const MAX_SYNCS = 16;

type OnFlushed = (error: StorageError | null) => void;

/** What the flusher reports to. */
export interface LogFlusherOwner {
  readonly storage: Storage;
  onStorageError(logDir: string, error: StorageError): void;
  isOnline(logDir: string): boolean;
  /** The log's durable end has moved: more may be visible. */
  onSynced(log: PartitionLog, hasMoved: boolean): void;
}

export class LogFlusher {
  readonly #owner: LogFlusherOwner;
  readonly #epochs: EpochCheckpoints;
  readonly #limit = new ConcurrencyLimit(MAX_SYNCS);
  /** Who waits for the flush after the one under way, by log; a log without a flush under way is absent. */
  readonly #waiting = new Map<PartitionLog, OnFlushed[]>();

  constructor(owner: LogFlusherOwner, epochs: EpochCheckpoints) {
    this.#owner = owner;
    this.#epochs = epochs;
  }

  /** Makes durable what is appended to a log now, then calls back, never before this returns. */
  flush(log: PartitionLog, onFlushed: OnFlushed): void {
    const waiting = this.#waiting.get(log);
    if (waiting !== undefined) {
      waiting.push(onFlushed);
      return;
    }
    this.#waiting.set(log, []);
    void this.#run(log, [onFlushed]);
  }

  async #run(log: PartitionLog, first: OnFlushed[]): Promise<void> {
    let callbacks = first;
    while (callbacks.length > 0) {
      const error = await this.#flushOnce(log);
      const answered = callbacks;
      callbacks = this.#waiting.get(log)!;
      if (callbacks.length === 0) this.#waiting.delete(log);
      else this.#waiting.set(log, []);
      for (const callback of answered) callback(error);
    }
  }

  async #flushOnce(log: PartitionLog): Promise<StorageError | null> {
    const { state } = log;
    try {
      this.#checkOnline(log);
      const plan = state.isClosed ? null : planFlush(state);
      await this.#epochs.settled(log);
      if (plan !== null) await this.#sync(plan);
      // What a failed sync should have made durable is not durable, although nobody has it in mind any more.
      this.#checkOnline(log);
      if (plan === null) return null;
      const { offset } = state.logEnd;
      completeFlush(state, plan);
      if (!state.isClosed && plan.cutCount === state.cutCount) completeAppend(state, plan.end);
      this.#owner.onSynced(log, state.logEnd.offset > offset);
      return null;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      // A log that is being deleted may lose its files under way.
      if (!state.isClosed) this.#owner.onStorageError(log.logDir, error);
      return error;
    }
  }

  #checkOnline({ logDir, state }: PartitionLog): void {
    if (state.isClosed || this.#owner.isOnline(logDir)) return;
    throw new StorageError(logDir, 'OFFLINE', `The log directory ${logDir} is offline`);
  }

  async #sync({ files, directory }: FlushPlan): Promise<void> {
    await Promise.all(files.map((file) => this.#limit.run(() => file.sync())));
    if (directory !== null) await this.#limit.run(() => this.#owner.storage.syncDirectory(directory));
  }
}
