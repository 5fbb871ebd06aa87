/**
 * What happens to all logs from time to time: retention, flushes by time, checkpoints, forgetting of producers.
 *
 * Each task is started again when it is done, so it never overlaps itself. Source: kafka.log.LogManager (startup).
 */
import { type Clock, type Logger, StorageError, type Timer } from '@skarab/base';
import type { PartitionLog } from '../core/partition-log.ts';
import type { LogDirectory } from './log-directory.ts';
import { forEachSliced } from './sliced.ts';

/** How often, with Kafka's names in comments. */
export interface UpkeepIntervals {
  /** `log.retention.check.interval.ms` */
  readonly retentionCheckMs: number;
  /** `log.flush.scheduler.interval.ms`; Kafka's default never looks, which leaves `flush.ms` without effect. */
  readonly flushCheckMs: number;
  /** `log.flush.offset.checkpoint.interval.ms` */
  readonly recoveryPointCheckpointMs: number;
  /** `log.flush.start.offset.checkpoint.interval.ms` */
  readonly logStartOffsetCheckpointMs: number;
  /** `replica.high.watermark.checkpoint.interval.ms` */
  readonly highWatermarkCheckpointMs: number;
  /** `producer.id.expiration.check.interval.ms` */
  readonly producerExpirationCheckMs: number;
  /** `log.initial.task.delay.ms` */
  readonly initialDelayMs: number;
}

/** Kafka 4.3.1's defaults, but for flushes. */
export const defaultUpkeepIntervals: UpkeepIntervals = {
  retentionCheckMs: 5 * 60_000,
  flushCheckMs: 1000,
  recoveryPointCheckpointMs: 60_000,
  logStartOffsetCheckpointMs: 60_000,
  highWatermarkCheckpointMs: 5000,
  producerExpirationCheckMs: 10 * 60_000,
  initialDelayMs: 30_000,
};

/** What there is to look after. */
export interface UpkeepOwner {
  readonly clock: Clock;
  readonly logger: Logger;
  /** All logs of directories that are online. */
  logs(): PartitionLog[];
  onlineLogDirectories(): LogDirectory[];
  onStorageError(logDir: string, error: StorageError): void;
  /** Whether compaction looks after the retention of this log, or is at work on it. */
  isLeftToCleaner(log: PartitionLog): boolean;
}

export class LogUpkeep {
  readonly #owner: UpkeepOwner;
  readonly #timers = new Map<string, Timer>();
  #isStopped = false;

  constructor(owner: UpkeepOwner, intervals: UpkeepIntervals) {
    this.#owner = owner;
    const { initialDelayMs } = intervals;
    this.#repeat('retention', initialDelayMs, intervals.retentionCheckMs, () => this.deleteOldSegments());
    this.#repeat('flush', initialDelayMs, intervals.flushCheckMs, () => this.#flushByTime());
    this.#repeat('recovery points', initialDelayMs, intervals.recoveryPointCheckpointMs, () =>
      this.#forEachDirectory((directory) => directory.recoveryPoints.write()),
    );
    this.#repeat('log start offsets', initialDelayMs, intervals.logStartOffsetCheckpointMs, () =>
      this.#forEachDirectory((directory) => directory.logStartOffsets.write()),
    );
    const { highWatermarkCheckpointMs } = intervals;
    this.#repeat('high watermarks', highWatermarkCheckpointMs, highWatermarkCheckpointMs, () =>
      this.#forEachDirectory((directory) => directory.highWatermarks.write()),
    );
    this.#repeat('producers', initialDelayMs, intervals.producerExpirationCheckMs, () =>
      this.#forEachLog((log) => log.removeExpiredProducers()),
    );
  }

  /** Deletes what retention lets go, in all logs that compaction does not look after. */
  deleteOldSegments(): Promise<void> {
    return this.#forEachLog((log) => {
      if (!this.#owner.isLeftToCleaner(log)) log.deleteOldSegments();
    });
  }

  /** Ends all of it; what is under way comes to its end by itself. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #repeat(task: string, delayMs: number, intervalMs: number, run: () => Promise<void>): void {
    if (!Number.isFinite(intervalMs)) return;
    const start = (): void => {
      run()
        .catch((error: unknown) => this.#owner.logger.error({ task, error: String(error) }, 'upkeep of logs failed'))
        .finally(() => this.#arm(task, intervalMs, start));
    };
    this.#arm(task, Math.min(delayMs, intervalMs), start);
  }

  #arm(task: string, delayMs: number, start: () => void): void {
    if (!this.#isStopped) this.#timers.set(task, this.#owner.clock.after(delayMs, start));
  }

  async #flushByTime(): Promise<void> {
    const nowMs = this.#owner.clock.nowMs();
    await this.#forEachLog((log) => {
      const { flushMs } = log.config;
      if (flushMs !== Number.POSITIVE_INFINITY && nowMs - log.lastFlushMs >= flushMs) log.flush();
    });
  }

  /** Visits logs in slices; a log whose storage fails has gone offline by that, the others are visited. */
  #forEachLog(visit: (log: PartitionLog) => void): Promise<void> {
    return forEachSliced(this.#owner.clock, this.#owner.logs(), (log) => {
      if (this.#isStopped || log.state.isClosed) return;
      try {
        visit(log);
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
      }
    });
  }

  async #forEachDirectory(visit: (directory: LogDirectory) => Promise<void>): Promise<void> {
    for (const directory of this.#owner.onlineLogDirectories()) {
      try {
        await visit(directory);
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        this.#owner.onStorageError(directory.path, error);
      }
    }
  }
}
