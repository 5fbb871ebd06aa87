/**
 * The process around logs: writer, flusher, epoch checkpoints, timers, and which log directories are offline.
 *
 * One per server; `LogManager` has one, and logs that it does not manage (KRaft's) are opened with the same.
 */
import { type Clock, type Logger, type Random, StorageError, silentLogger, systemRandom } from '@skarab/base';
import {
  defaultLogSettings,
  type LogEnvironment,
  type LogListener,
  type LogSettings,
} from '../core/log-environment.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import { RecentWrites } from '../core/recent-writes.ts';
import { DEFAULT_TAIL_CACHE_BYTES, TailCache } from '../core/tail-cache.ts';
import { mustSyncFirst } from '../core/writing.ts';
import type { Storage } from '../ports.ts';
import { EpochCheckpoints } from './epoch-checkpoints.ts';
import { LogFlusher } from './log-flusher.ts';
import { LogWriter } from './log-writer.ts';

export interface LogHostOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly random?: Random;
  readonly settings?: Partial<LogSettings>;
  readonly listener?: LogListener;
  /** Budget of the tail cache; 0 for storages in memory. Default 16 MiB. */
  readonly tailCacheBytes?: number;
  /** Written bytes that the platform probably keeps in its page cache; default 512 MiB. */
  readonly pageCacheBytes?: number;
  /** A log directory has failed and is offline; called once for each, in a turn of its own. */
  readonly onLogDirFailure?: (logDir: string, error: StorageError) => void;
}

const deafListener: LogListener = { onAppended: () => {} };

export class LogHost implements LogEnvironment {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly tailCache: TailCache;
  readonly recentWrites: RecentWrites;
  /** May be exchanged while the broker runs. */
  settings: LogSettings;
  readonly writer: LogWriter;
  /** Who hears of appends; set by those who come later than the host. */
  listener: LogListener;
  /** Called when a log was cut below what checkpoints may say. */
  onCut: (log: PartitionLog) => void = () => {};
  readonly #flusher: LogFlusher;
  readonly #epochs: EpochCheckpoints;
  readonly #offline = new Set<string>();
  readonly #failureListeners: ((logDir: string, error: StorageError) => void)[] = [];

  constructor(options: LogHostOptions) {
    this.storage = options.storage;
    this.clock = options.clock;
    this.random = options.random ?? systemRandom;
    this.logger = options.logger ?? silentLogger;
    this.settings = { ...defaultLogSettings, ...options.settings };
    this.listener = options.listener ?? deafListener;
    this.tailCache = new TailCache(options.tailCacheBytes ?? DEFAULT_TAIL_CACHE_BYTES);
    this.recentWrites = new RecentWrites(options.pageCacheBytes);
    if (options.onLogDirFailure !== undefined) this.#failureListeners.push(options.onLogDirFailure);
    this.writer = new LogWriter(this);
    this.#epochs = new EpochCheckpoints(this.storage, this.clock, (log, error) =>
      this.onStorageError(log.logDir, error),
    );
    this.#flusher = new LogFlusher(this, this.#epochs);
  }

  /** Hears of log directories that fail from now on. */
  onLogDirFailure(listener: (logDir: string, error: StorageError) => void): void {
    this.#failureListeners.push(listener);
  }

  onStaged(log: PartitionLog): void {
    this.writer.add(log);
  }

  flush(log: PartitionLog, onFlushed: (error: StorageError | null) => void): void {
    this.#flusher.flush(log, onFlushed);
  }

  /** Resolves when what is appended to a log is durable. Errors: rejects with `StorageError`. */
  flushed(log: PartitionLog): Promise<void> {
    return new Promise((resolve, reject) => {
      this.flush(log, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  onSynced(log: PartitionLog, hasMoved: boolean): void {
    if (hasMoved) this.listener.onAppended(log);
    const { state } = log;
    // What was written while the sync was under way, with flush.messages, needs the next one.
    if (!state.isClosed && state.logEnd.offset < state.writtenEndOffset && mustSyncFirst(state))
      this.writer.publish(log);
  }

  onEpochsChanged(log: PartitionLog): void {
    this.#epochs.onChanged(log);
  }

  onTruncated(log: PartitionLog): void {
    this.onCut(log);
  }

  remove(paths: readonly string[], logDir: string): void {
    Promise.all(paths.map((path) => this.storage.remove(path))).catch((error: unknown) => {
      if (!(error instanceof StorageError)) throw error;
      this.onStorageError(logDir, error);
    });
  }

  later(delayMs: number, action: () => void): void {
    this.clock.after(delayMs, action);
  }

  onStorageError(logDir: string, error: StorageError): void {
    if (this.#offline.has(logDir)) return;
    this.#offline.add(logDir);
    this.logger.error(
      { logDir, path: error.path, errno: error.errno, error: error.message },
      'log directory failed and is offline',
    );
    this.clock.soon(() => {
      for (const listener of this.#failureListeners) listener(logDir, error);
    });
  }

  isOnline(logDir: string): boolean {
    return !this.#offline.has(logDir);
  }
}
