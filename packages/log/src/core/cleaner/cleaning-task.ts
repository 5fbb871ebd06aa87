/**
 * The cleaning of one log as messages: what to clean, what has become of it. Plain data, which can go to another thread.
 */
import type { LogConfig } from '../log-config.ts';
import type { AbortedTxn } from '../transaction-index.ts';
import type { CleanerStats } from './cleaner-stats.ts';

/** A segment as it was when the cleaning began. */
export interface SegmentToClean {
  readonly baseOffset: number;
  readonly size: number;
  readonly modifiedMs: number;
  readonly offsetIndexSize: number;
  readonly timeIndexSize: number;
}

/** The last that is known of an active producer. */
export interface LastRecord {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Offset of its last record that is data; -1 without any. */
  readonly lastDataOffset: number;
}

/** Bounds of what a cleaning may use. */
export interface CleaningLimits {
  /** Bytes of the offset map at most. */
  readonly dedupeBufferBytes: number;
  /** `log.cleaner.io.buffer.load.factor` */
  readonly loadFactor: number;
  /** Bytes of the read buffer. */
  readonly readBufferBytes: number;
  readonly maxIoBytesPerSecond: number;
}

/** What to clean. */
export interface CleaningTask {
  /** `<topic>-<partition>` */
  readonly name: string;
  readonly directory: string;
  readonly config: LogConfig;
  readonly nowMs: number;
  /** Everything before was cleaned before. */
  readonly firstDirtyOffset: number;
  /** Where in its segment the search for it begins. */
  readonly firstDirtyPosition: number;
  /** Where the first segment begins that must not be cleaned. */
  readonly upperBoundOffset: number;
  /** All segments below the upper bound, oldest first. */
  readonly segments: readonly SegmentToClean[];
  /** All that overlap these segments. */
  readonly abortedTransactions: readonly AbortedTxn[];
  readonly lastRecords: readonly LastRecord[];
  readonly limits: CleaningLimits;
  /** For the hashes of keys. */
  readonly seed: number;
}

/** A new segment, complete and durable as `.cleaned`, and the old ones whose place it is to take. */
export interface CleanedSegment {
  readonly baseOffset: number;
  readonly size: number;
  readonly hasTxnIndex: boolean;
  /** Base offsets, in order. */
  readonly replaces: readonly number[];
}

/** How a cleaning ended. */
export interface CleaningOutcome {
  /** False when it was given up: nothing may be concluded for the checkpoint. */
  readonly isComplete: boolean;
  /** The first offset that is not clean. */
  readonly endOffset: number;
  readonly stats: CleanerStats;
}
