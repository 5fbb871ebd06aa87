/**
 * What a log manager is given, and what it tells of its progress.
 */
import type { Uuid } from '@skarab/base';
import type { CleanerSettings } from '../core/cleaner/cleaner-settings.ts';
import type { LogConfig } from '../core/log-config.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import type { LogHostOptions } from './log-host.ts';
import type { UpkeepIntervals } from './log-upkeep.ts';

export interface LogManagerOptions extends LogHostOptions {
  /** `log.dirs`. */
  readonly logDirs: readonly string[];
  /** The configuration of a topic's logs. */
  readonly configFor: (topic: string) => LogConfig;
  /** Whether a log that was found should not be here; it is set aside then. */
  readonly isStray?: (log: PartitionLog) => boolean;
  readonly intervals?: Partial<UpkeepIntervals>;
  /** `log.cleaner.…`. */
  readonly cleaner?: CleanerSettings;
  /** `log.segment.delete.delay.ms`: how long the folder of a deleted log stays; default a minute. */
  readonly fileDeleteDelayMs?: number;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** How far loading has come. */
export interface LoadProgress {
  readonly logDir: string;
  readonly logsLoaded: number;
  readonly logCount: number;
  /** Segments left to recover in the log that is being loaded. */
  readonly segmentsLeft: number;
}

/** Where a new log goes, and what it is. */
export interface CreateLogOptions {
  readonly topicId?: Uuid | null;
  /** Id or path of the wanted log directory; the one with the fewest logs when not given or not online. */
  readonly directory?: Uuid | string | null;
  /** Certainly new, so it cannot be in a directory that is offline. */
  readonly isNew?: boolean;
}
