/**
 * All logs of a broker: in which directories they are, how they come and go, and what happens to them from time to time.
 *
 * ```
 *  open ─► lock, identify, load every directory ─► get, create, delete, move logs; upkeep by timers ─► close: flush, checkpoint, mark
 * ```
 * KRaft's metadata log is left alone. Source: kafka.log.LogManager.
 */
import { Buffer } from 'node:buffer';
import { assert, CorruptDataError, StateError, StorageError, type Uuid } from '@skarab/base';
import { defaultCleanerSettings } from '../core/cleaner/cleaner-settings.ts';
import { baseName, logDirectoryName, type TopicPartition, transientDirectoryName } from '../core/file-names.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import type { Storage } from '../ports.ts';
import { LogCleaner } from './cleaner/log-cleaner.ts';
import { loadDirectory } from './load-directory.ts';
import { LogDirectories, type LogDirectoryDescription } from './log-directories.ts';
import { LogDirectory } from './log-directory.ts';
import { LogHost } from './log-host.ts';
import type { CreateLogOptions, LogManagerOptions } from './log-manager-options.ts';
import { LogTable } from './log-table.ts';
import { defaultUpkeepIntervals, LogUpkeep, type UpkeepOwner } from './log-upkeep.ts';
import { closePartitionLog, openPartitionLogNow } from './open-log.ts';
import { forEachSliced } from './sliced.ts';

const FILE_DELETE_DELAY_MS = 60_000;

export class LogManager implements UpkeepOwner {
  readonly host: LogHost;
  readonly #options: LogManagerOptions;
  readonly #directories: LogDirectories;
  readonly #current = new LogTable();
  readonly #future = new LogTable();
  readonly #stray = new Map<string, PartitionLog>();
  #upkeep: LogUpkeep | null = null;
  #cleaner: LogCleaner | null = null;

  private constructor(options: LogManagerOptions) {
    const { onLogDirFailure: onFailure, ...hostOptions } = options;
    this.#options = options;
    this.host = new LogHost(hostOptions);
    this.host.onLogDirFailure((logDir, error) => {
      this.#abandonLogsIn(logDir);
      onFailure?.(logDir, error);
    });
    this.host.onCut = (log) => {
      const directory = this.#directories.get(log.logDir);
      directory?.recoveryPoints.writeSoon((error) => this.onStorageError(log.logDir, error));
      this.#cleaner?.onCut(log);
    };
    const directories = options.logDirs.map(
      (path) => new LogDirectory(path, options.storage, this.host.logger, () => this.logsIn(path)),
    );
    this.#directories = new LogDirectories(directories, (path) => this.isOnline(path));
  }

  /**
   * Takes the log directories, loads all logs and begins the upkeep. A directory that fails goes offline.
   *
   * Errors: rejects with `StateError` when a directory is in use or a log is in two of them, with `StorageError` when no directory is left.
   */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const manager = new LogManager(options);
    try {
      await manager.#load();
    } catch (error) {
      for (const directory of manager.#directories.all) directory.release();
      throw error;
    }
    const settings = options.cleaner ?? defaultCleanerSettings;
    manager.#upkeep = new LogUpkeep(manager, { ...defaultUpkeepIntervals, ...options.intervals });
    if (settings.enable) {
      manager.#cleaner = new LogCleaner(manager, { settings, random: manager.host.random });
      manager.#cleaner.start();
    }
    return manager;
  }

  get clock(): LogHost['clock'] {
    return this.host.clock;
  }

  get logger(): LogHost['logger'] {
    return this.host.logger;
  }

  get storage(): Storage {
    return this.host.storage;
  }

  /** Compaction; null when `log.cleaner.enable` is off. */
  get cleaner(): LogCleaner | null {
    return this.#cleaner;
  }

  /** The log of a partition, or undefined. */
  get(topicPartition: TopicPartition): PartitionLog | undefined {
    return this.#current.get(logDirectoryName(topicPartition));
  }

  /** The copy of a partition's log that is being made in another directory. */
  getFuture(topicPartition: TopicPartition): PartitionLog | undefined {
    return this.#future.get(logDirectoryName(topicPartition));
  }

  /** All logs, future ones included. */
  logs(): PartitionLog[] {
    return [...this.#current.values(), ...this.#future.values()];
  }

  /** The logs in a directory, future ones included. */
  logsIn(logDir: string): PartitionLog[] {
    return this.logs().filter((log) => log.logDir === logDir);
  }

  /** Logs that should not be here and were set aside. */
  strayLogs(): PartitionLog[] {
    return [...this.#stray.values()];
  }

  /** The log of a partition; makes one when there is none. Errors: `StorageError`. */
  getOrCreate(topicPartition: TopicPartition, options: CreateLogOptions = {}): PartitionLog {
    const name = logDirectoryName(topicPartition);
    const known = this.#current.get(name);
    if (known !== undefined) return known;
    const log = this.#create(topicPartition, name, options);
    this.#current.set(name, log);
    return log;
  }

  /** Begins a copy of a partition's log in another directory. Errors: `StateError`, `StorageError`. */
  createFuture(topicPartition: TopicPartition, directory: Uuid | string): PartitionLog {
    const current = this.get(topicPartition);
    const target = this.#directories.find(directory);
    const known = this.getFuture(topicPartition);
    if (known !== undefined) return known;
    if (current === undefined) throw new StateError(`No current log for ${logDirectoryName(topicPartition)}`);
    if (target === undefined) throw new StateError(`Log directory ${directory} is not online`);
    if (current.logDir === target.path) {
      throw new StateError(`The log ${current.name} is in ${target.path} already`);
    }
    const folder = transientDirectoryName(topicPartition, 'future', this.#uniqueId());
    const log = this.#create(topicPartition, folder, { topicId: current.topicId, directory: target.path, isNew: true });
    this.#future.set(current.name, log);
    return log;
  }

  /** The copy has caught up: it becomes the log, and the log before it is deleted. Errors: `StateError`, `StorageError`. */
  replaceCurrentWithFuture(topicPartition: TopicPartition): PartitionLog {
    const name = logDirectoryName(topicPartition);
    const current = this.#current.get(name);
    const future = this.#future.get(name);
    if (current === undefined || future === undefined) throw new StateError(`No current and future log for ${name}`);
    this.#move(future, name);
    future.updateHighWatermark(current.highWatermark);
    this.#cleaner?.onMoved(topicPartition, current.logDir, future.logDir);
    this.#future.delete(name);
    this.#current.set(name, future);
    this.#setAsideForDeletion(current);
    return future;
  }

  /** Takes a partition's log away; its folder is removed later. Returns whether there was one. Errors: `StorageError`. */
  delete(topicPartition: TopicPartition): boolean {
    const name = logDirectoryName(topicPartition);
    const found = [this.#current.get(name), this.#future.get(name)].filter((log) => log !== undefined);
    this.#current.delete(name);
    this.#future.delete(name);
    for (const log of found) {
      if (!log.isFuture) this.#cleaner?.onRemoved(topicPartition, log.logDir);
      this.#setAsideForDeletion(log);
    }
    return found.length > 0;
  }

  /** Gives up the copy of a partition's log that is being made. Returns whether there was one. Errors: `StorageError`. */
  deleteFuture(topicPartition: TopicPartition): boolean {
    const log = this.getFuture(topicPartition);
    if (log === undefined) return false;
    this.#future.delete(log.name);
    this.#setAsideForDeletion(log);
    return true;
  }

  /** Takes a log that should not be here out of service, without deleting it. Errors: `StorageError`. */
  setAsideStray(log: PartitionLog): void {
    this.#current.delete(log.name);
    this.#cleaner?.onRemoved(log.topicPartition, log.logDir);
    this.#move(log, transientDirectoryName(log.topicPartition, 'stray', this.#uniqueId()));
    log.abandon();
    this.#stray.set(log.name, log);
    this.logger.warn({ log: log.name, directory: log.directory }, 'set a stray log aside');
  }

  /** All log directories as configured. */
  directories(): LogDirectoryDescription[] {
    return this.#directories.describe();
  }

  onlineDirectories(): string[] {
    return this.onlineLogDirectories().map(({ path }) => path);
  }

  onlineLogDirectories(): LogDirectory[] {
    return this.#directories.online();
  }

  isOnline(logDir: string): boolean {
    return this.host.isOnline(logDir);
  }

  /** Ids of the directories that are online and have one. */
  directoryIds(): Uuid[] {
    return this.#directories.ids(true);
  }

  /** Ids of the directories that are offline, as far as they were read before. */
  offlineDirectoryIds(): Uuid[] {
    return this.#directories.ids(false);
  }

  /** The id of a directory, null when it has none. */
  directoryId(logDir: string): Uuid | null {
    return this.#directories.get(logDir)?.id ?? null;
  }

  /** Total and usable bytes of a directory's volume. Errors: `StorageError`. */
  space(logDir: string): { readonly totalBytes: number; readonly usableBytes: number } {
    return this.storage.space(logDir);
  }

  /** These directories get no new logs, as long as there are others. */
  cordon(logDirs: readonly string[]): void {
    this.#directories.cordon(logDirs);
  }

  /** The broker epoch of an orderly stop that all directories agree on; null otherwise. */
  get previousBrokerEpoch(): number | null {
    return this.#directories.previousBrokerEpoch;
  }

  isLeftToCleaner(log: PartitionLog): boolean {
    return log.config.compact || this.#cleaner?.isCleaning(log) === true;
  }

  onStorageError(logDir: string, error: StorageError): void {
    this.host.onStorageError(logDir, error);
  }

  /** Deletes now what retention lets go. */
  async deleteOldSegments(): Promise<void> {
    await this.#upkeep?.deleteOldSegments();
  }

  /** Writes the checkpoints of all directories now. */
  async checkpoint(): Promise<void> {
    await Promise.all(this.onlineLogDirectories().map((directory) => directory.writeCheckpoints()));
  }

  /** Closes all logs in order: flushed, with checkpoints, and marked so that the next start need not recover. */
  async close(brokerEpoch = -1): Promise<void> {
    this.#upkeep?.stop();
    await this.#cleaner?.stop();
    this.host.writer.flushStaged();
    await Promise.all(this.onlineLogDirectories().map((directory) => this.#closeDirectory(directory, brokerEpoch)));
    for (const directory of this.#directories.all) directory.release();
    this.storage.close();
  }

  async #load(): Promise<void> {
    for (const directory of this.#directories.all) this.#onDirectory(directory, () => directory.open());
    const loads = this.onlineLogDirectories().map(async (directory) => {
      try {
        await this.#loadDirectory(directory);
      } catch (error) {
        if (error instanceof StorageError) this.onStorageError(directory.path, error);
        else if (error instanceof CorruptDataError) {
          this.onStorageError(directory.path, new StorageError(error.file, 'CORRUPT', error.message, error));
        } else throw error;
      }
    });
    await Promise.all(loads);
    if (this.onlineDirectories().length > 0) return;
    throw new StorageError(this.#options.logDirs.join(','), 'OFFLINE', 'None of the log directories can be used');
  }

  async #loadDirectory(directory: LogDirectory): Promise<void> {
    const { fileDeleteDelayMs = FILE_DELETE_DELAY_MS, configFor, onProgress } = this.#options;
    const found = await loadDirectory(this.host, directory, { configFor, onProgress });
    for (const log of found.logs) {
      const logs = log.isFuture ? this.#future : this.#current;
      const other = logs.get(log.name);
      if (other !== undefined) {
        throw new StateError(`Duplicate log directories found: ${log.directory}, ${other.directory}`);
      }
      logs.set(log.name, log);
    }
    for (const path of found.deleted) {
      this.host.later(fileDeleteDelayMs, () => this.host.remove([path], directory.path));
    }
    const { isStray } = this.#options;
    if (isStray === undefined) return;
    for (const log of found.logs) {
      if (!log.isFuture && isStray(log)) this.setAsideStray(log);
    }
  }

  #create(topicPartition: TopicPartition, folder: string, options: CreateLogOptions): PartitionLog {
    const offline = this.#directories.firstOffline();
    if (options.isNew !== true && offline !== undefined) {
      throw new StorageError(
        offline.path,
        'OFFLINE',
        `Can not create log for ${folder} because log directory ${offline.path} is offline`,
      );
    }
    const directory =
      (options.directory && this.#directories.find(options.directory)) ||
      this.#directories.emptiest((path) => this.#current.countIn(path) + this.#future.countIn(path));
    return this.#onDirectory(directory, () =>
      openPartitionLogNow(this.host, `${directory.path}/${folder}`, {
        config: this.#options.configFor(topicPartition.topic),
        topicId: options.topicId ?? null,
      }),
    )!;
  }

  /** Has checkpoints forget a log that is gone, before another of its name can come. */
  #checkpointSoon(logDir: string): void {
    this.#directories
      .get(logDir)
      ?.writeCheckpoints()
      .catch((error: unknown) => {
        if (!(error instanceof StorageError)) throw error;
        this.onStorageError(logDir, error);
      });
  }

  /** Renames a log's folder within its directory. */
  #move(log: PartitionLog, folder: string): void {
    const { logDir, directory } = log;
    try {
      this.storage.rename(directory, `${logDir}/${folder}`);
    } catch (error) {
      if (error instanceof StorageError) this.onStorageError(logDir, error);
      throw error;
    }
    log.relocate(`${logDir}/${folder}`);
    assert(baseName(log.directory) === folder, 'a moved log knows where it is');
  }

  #setAsideForDeletion(log: PartitionLog): void {
    if (!this.isOnline(log.logDir)) return;
    this.#move(log, transientDirectoryName(log.topicPartition, 'delete', this.#uniqueId()));
    log.abandon();
    const { directory, logDir } = log;
    this.#checkpointSoon(logDir);
    const { fileDeleteDelayMs = FILE_DELETE_DELAY_MS } = this.#options;
    this.host.later(fileDeleteDelayMs, () => this.host.remove([directory], logDir));
  }

  async #closeDirectory(directory: LogDirectory, brokerEpoch: number): Promise<void> {
    try {
      const closing: Promise<void>[] = [];
      await forEachSliced(this.host.clock, this.logsIn(directory.path), (log) => {
        closing.push(closePartitionLog(this.host, log));
      });
      await Promise.all(closing);
      await directory.writeCheckpoints();
      if (directory.wasClean || directory.isLoaded) await directory.markClean(brokerEpoch);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.onStorageError(directory.path, error);
    }
  }

  #abandonLogsIn(logDir: string): void {
    for (const log of this.logsIn(logDir)) {
      log.abandon();
      (log.isFuture ? this.#future : this.#current).delete(log.name);
    }
    this.#directories.get(logDir)?.release();
    this.#cleaner?.onLogDirFailure(logDir);
  }

  /** Runs what may fail with its directory; undefined when it did before there was anybody to tell. */
  #onDirectory<Result>({ path }: LogDirectory, run: () => Result): Result | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.onStorageError(path, error);
      if (this.#upkeep !== null) throw error;
      return undefined;
    }
  }

  #uniqueId(): string {
    return Buffer.from(this.host.random.bytes(16)).toString('hex');
  }
}
