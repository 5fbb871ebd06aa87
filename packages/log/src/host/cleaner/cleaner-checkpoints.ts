/**
 * Up to where each log is clean: `cleaner-offset-checkpoint` of every log directory.
 *
 * What is in memory counts; the files follow. A log whose entry is lost is cleaned from its start once more.
 * Source: org.apache.kafka.storage.internals.log.LogCleanerManager (updateCheckpoints).
 */
import { CorruptDataError, type Logger, StorageError } from '@skarab/base';
import type { PartitionOffset } from '../../core/checkpoint-text.ts';
import { CLEANER_OFFSET_CHECKPOINT, logDirectoryName, type TopicPartition } from '../../core/file-names.ts';
import type { PartitionLog } from '../../core/partition-log.ts';
import type { Storage } from '../../ports.ts';
import { OffsetCheckpoint } from '../offset-checkpoint.ts';

/** What the checkpoints need. */
export interface CleanerCheckpointsOwner {
  readonly storage: Storage;
  readonly logger: Logger;
  onStorageError(logDir: string, error: StorageError): void;
}

interface Directory {
  readonly file: OffsetCheckpoint;
  /** By `<topic>-<partition>`. */
  readonly offsets: Map<string, PartitionOffset>;
  /** The last write that was asked for. */
  written: Promise<void>;
}

export class CleanerCheckpoints {
  readonly #owner: CleanerCheckpointsOwner;
  readonly #directories = new Map<string, Directory>();

  /** Reads the files of these directories; one that cannot be read counts as empty. */
  constructor(owner: CleanerCheckpointsOwner, logDirs: readonly string[]) {
    this.#owner = owner;
    for (const logDir of logDirs) this.#open(logDir);
  }

  /** The first offset of a log that is not clean; null when it was never cleaned. */
  get(log: PartitionLog): number | null {
    return this.#directories.get(log.logDir)?.offsets.get(log.name)?.offset ?? null;
  }

  set(log: PartitionLog, offset: number): void {
    this.#update(log.logDir, (offsets) => offsets.set(log.name, { ...log.topicPartition, offset }));
  }

  /** Nothing from `offset` on counts as clean. */
  cap(log: PartitionLog, offset: number): void {
    if ((this.get(log) ?? 0) > offset) this.set(log, offset);
  }

  remove(topicPartition: TopicPartition, logDir: string): void {
    const name = logDirectoryName(topicPartition);
    if (this.#directories.get(logDir)?.offsets.has(name) !== true) return;
    this.#update(logDir, (offsets) => offsets.delete(name));
  }

  /** A log has moved to another directory. */
  move(topicPartition: TopicPartition, fromLogDir: string, toLogDir: string): void {
    const name = logDirectoryName(topicPartition);
    const entry = this.#directories.get(fromLogDir)?.offsets.get(name);
    if (entry === undefined) return;
    this.remove(topicPartition, fromLogDir);
    this.#update(toLogDir, (offsets) => offsets.set(name, entry));
  }

  /** A directory is offline. */
  forget(logDir: string): void {
    this.#directories.delete(logDir);
  }

  /** Drops the entries of logs that are not there. */
  retain(logs: Iterable<PartitionLog>): void {
    const known = new Set([...logs].map((log) => `${log.logDir}/${log.name}`));
    for (const [logDir, { offsets }] of this.#directories) {
      const gone = [...offsets.keys()].filter((name) => !known.has(`${logDir}/${name}`));
      for (const name of gone) this.#update(logDir, () => offsets.delete(name));
    }
  }

  /** Resolves when the files say what is true now, as far as they can be written. */
  async settled(): Promise<void> {
    await Promise.all([...this.#directories.values()].map(({ written }) => written));
  }

  #open(logDir: string): void {
    const path = `${logDir}/${CLEANER_OFFSET_CHECKPOINT}`;
    const { storage, logger } = this.#owner;
    const file = new OffsetCheckpoint(storage, path, () => [
      ...(this.#directories.get(logDir)?.offsets.values() ?? []),
    ]);
    let offsets = new Map<string, PartitionOffset>();
    try {
      offsets = file.read();
    } catch (error) {
      if (error instanceof StorageError) this.#owner.onStorageError(logDir, error);
      else if (error instanceof CorruptDataError) {
        logger.warn({ file: path, error: error.message }, 'ignoring an unreadable checkpoint');
      } else throw error;
    }
    this.#directories.set(logDir, { file, offsets, written: Promise.resolve() });
  }

  #update(logDir: string, change: (offsets: Map<string, PartitionOffset>) => void): void {
    const directory = this.#directories.get(logDir);
    if (directory === undefined) return;
    change(directory.offsets);
    directory.written = this.#write(logDir, directory.file);
  }

  async #write(logDir: string, file: OffsetCheckpoint): Promise<void> {
    try {
      await file.write();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (this.#directories.get(logDir)?.file === file) this.#owner.onStorageError(logDir, error);
    }
  }
}
