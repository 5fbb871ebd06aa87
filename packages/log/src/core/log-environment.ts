/**
 * What a log has from the process it lives in; the same for all logs of a manager.
 */
import type { Clock, Logger, Random, StorageError } from '@skarab/base';
import type { Storage } from '../ports.ts';
import type { PartitionLog } from './partition-log.ts';
import type { RecentWrites } from './recent-writes.ts';
import type { TailCache } from './tail-cache.ts';

/** Kafka's broker settings that concern logs as such. */
export interface LogSettings {
  /** `producer.id.expiration.ms` */
  readonly producerIdExpirationMs: number;
  /** `transaction.max.timeout.ms` */
  readonly transactionMaxTimeoutMs: number;
  /** `transaction.partition.verification.enable` */
  readonly transactionPartitionVerificationEnable: boolean;
}

/** Kafka 4.3.1's defaults. */
export const defaultLogSettings: LogSettings = {
  producerIdExpirationMs: 24 * 60 * 60 * 1000,
  transactionMaxTimeoutMs: 15 * 60 * 1000,
  transactionPartitionVerificationEnable: true,
};

/** What happens to logs, for those who wait for it. Must not fail. */
export interface LogListener {
  /** `logEndOffset` has moved: written, and synced where the log's configuration demands it. */
  onAppended(log: PartitionLog): void;
}

/** The surroundings of a log. */
export interface LogEnvironment {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly tailCache: TailCache;
  readonly recentWrites: RecentWrites;
  readonly settings: LogSettings;
  readonly listener: LogListener;
  /** Something is staged: have `writeStaged` and `publish` called before the turn of the loop ends. */
  onStaged(log: PartitionLog): void;
  /** Makes the log durable up to what is appended now, then calls back; calls that come while one runs are answered together. */
  flush(log: PartitionLog, onFlushed: (error: StorageError | null) => void): void;
  /** The leader epochs have changed: write their checkpoint, durably, before the next flush is done. */
  onEpochsChanged(log: PartitionLog): void;
  /** The log has been cut: offsets in checkpoints may be too high now. */
  onTruncated(log: PartitionLog): void;
  /** Removes files of a log directory in the background. */
  remove(paths: readonly string[], logDir: string): void;
  /** Runs `action` after `delayMs`; the process may end before. */
  later(delayMs: number, action: () => void): void;
  /** Storage failed below this log's directory, which is offline from now on. */
  onStorageError(logDir: string, error: StorageError): void;
  /** False once a directory is offline. */
  isOnline(logDir: string): boolean;
}
