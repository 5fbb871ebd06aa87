/**
 * One of the directories of `log.dirs`: its lock, its identity, its checkpoints, and whether the process before left it in order.
 *
 * Source: kafka.log.LogManager (the parts about directories).
 */
import { CorruptDataError, type Logger, StateError, type Turns, type Uuid } from '@skarab/base';
import { decodeCleanShutdown, encodeCleanShutdown, type PartitionOffset } from '../core/checkpoint-text.ts';
import {
  CLEAN_SHUTDOWN_FILE,
  LOCK_FILE,
  LOG_START_OFFSET_CHECKPOINT,
  META_PROPERTIES,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_OFFSET_CHECKPOINT,
  type TopicPartition,
} from '../core/file-names.ts';
import { decodeMetaProperties } from '../core/meta-properties.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import type { Storage } from '../ports.ts';
import { OffsetCheckpoint } from './offset-checkpoint.ts';

/** What checkpoints say of one log. */
export interface CheckpointedOffsets {
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  /** Null when unknown. */
  readonly highWatermark: number | null;
}

/** Lines of checkpoints that are read in one turn, at least. */
const LOGS_A_TURN = 1000;

export class LogDirectory {
  readonly path: string;
  readonly recoveryPoints: OffsetCheckpoint;
  readonly logStartOffsets: OffsetCheckpoint;
  readonly highWatermarks: OffsetCheckpoint;
  /** From `meta.properties`; null without. */
  id: Uuid | null = null;
  /** The process before this one stopped in order. */
  wasClean = false;
  /** Its broker epoch, where it said so. */
  previousBrokerEpoch: number | null = null;
  /** All logs have been loaded: the next stop may be called orderly. */
  isLoaded = false;
  readonly #storage: Storage;
  readonly #logger: Logger;
  #release: (() => void) | null = null;

  /** `logs`: the logs that are in this directory now. */
  constructor(path: string, storage: Storage, logger: Logger, logs: () => Iterable<PartitionLog>) {
    this.path = path;
    this.#storage = storage;
    this.#logger = logger;
    const checkpoint = (name: string, offsetOf: (log: PartitionLog) => number | null): OffsetCheckpoint =>
      new OffsetCheckpoint(storage, `${path}/${name}`, () => offsetsOf(logs(), offsetOf));
    this.recoveryPoints = checkpoint(RECOVERY_POINT_CHECKPOINT, (log) => log.recoveryPoint);
    this.logStartOffsets = checkpoint(LOG_START_OFFSET_CHECKPOINT, startOffsetToKeep);
    this.highWatermarks = checkpoint(REPLICATION_OFFSET_CHECKPOINT, (log) => (log.isFuture ? null : log.highWatermark));
  }

  /**
   * Takes the directory for this process, creating it if need be, and reads what it says of itself.
   *
   * Errors: `StateError` when another process has it, `StorageError`, `CorruptDataError`.
   */
  open(): void {
    this.#storage.makeDirectory(this.path);
    this.#release = this.#storage.lock(this.path, LOCK_FILE);
    if (this.#release === null) {
      throw new StateError(
        `Failed to acquire lock on file .lock in ${this.path}. A Kafka instance in another process or thread is using this directory.`,
      );
    }
    const metaPath = `${this.path}/${META_PROPERTIES}`;
    const meta = this.#storage.readFile(metaPath);
    if (meta !== null) this.id = decodeMetaProperties(meta, metaPath).directoryId;
    const marker = this.#storage.readFile(`${this.path}/${CLEAN_SHUTDOWN_FILE}`);
    this.wasClean = marker !== null;
    this.previousBrokerEpoch = marker === null ? null : decodeCleanShutdown(marker);
  }

  /** What follows is not in order until `markClean`: a crash while loading must be one. */
  unmarkClean(): void {
    this.#storage.delete(`${this.path}/${CLEAN_SHUTDOWN_FILE}`);
  }

  /** Says that all logs were closed in order. Errors: rejects with `StorageError`. */
  async markClean(brokerEpoch: number): Promise<void> {
    await this.#storage.replaceFileDurably(`${this.path}/${CLEAN_SHUTDOWN_FILE}`, encodeCleanShutdown(brokerEpoch));
  }

  /** What the checkpoints say of each log; an unreadable one says nothing, and then everything is recovered. */
  *readCheckpoints(): Turns<(log: string) => CheckpointedOffsets> {
    const recoveryPoints = this.#read(this.recoveryPoints);
    if (recoveryPoints.size > LOGS_A_TURN) yield;
    const logStartOffsets = this.#read(this.logStartOffsets);
    if (recoveryPoints.size > LOGS_A_TURN) yield;
    const highWatermarks = this.#read(this.highWatermarks);
    return (log) => ({
      recoveryPoint: recoveryPoints.get(log)?.offset ?? 0,
      logStartOffset: logStartOffsets.get(log)?.offset ?? 0,
      highWatermark: highWatermarks.get(log)?.offset ?? null,
    });
  }

  /** Writes all three checkpoints. Errors: rejects with `StorageError`. */
  async writeCheckpoints(): Promise<void> {
    await Promise.all([this.recoveryPoints.write(), this.logStartOffsets.write(), this.highWatermarks.write()]);
  }

  /** Lets the directory go. */
  release(): void {
    this.#release?.();
    this.#release = null;
  }

  #read(checkpoint: OffsetCheckpoint): Map<string, PartitionOffset> {
    try {
      return checkpoint.read();
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#logger.warn({ file: checkpoint.path, error: error.message }, 'ignoring an unreadable checkpoint');
      return new Map();
    }
  }
}

/** A start that the segments do not tell by themselves. */
function startOffsetToKeep(log: PartitionLog): number | null {
  return log.logStartOffset > (log.segmentBaseOffsets[0] ?? 0) ? log.logStartOffset : null;
}

function offsetsOf(logs: Iterable<PartitionLog>, offsetOf: (log: PartitionLog) => number | null): PartitionOffset[] {
  const offsets: PartitionOffset[] = [];
  for (const log of logs) {
    const offset = offsetOf(log);
    const { topic, partition }: TopicPartition = log.topicPartition;
    if (offset !== null) offsets.push({ topic, partition, offset });
  }
  return offsets;
}
