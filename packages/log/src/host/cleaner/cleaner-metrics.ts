/**
 * What operators ask of compaction, as the numbers behind Kafka's gauges (`kafka.log:type=LogCleaner` and `LogCleanerManager`).
 */
import type { CleanerStats } from '../../core/cleaner/cleaner-stats.ts';
import type { LogToClean } from '../../core/cleaner/log-to-clean.ts';

export class CleanerMetrics {
  /** `max-dirty-percent`: of the dirtiest log at the last look. */
  maxDirtyPercent = 0;
  /** `max-compaction-delay-secs`: at the last look that found something to clean. */
  maxCompactionDelaySecs = 0;
  /** When all logs were last looked at. */
  lastRunMs: number;
  readonly #threads: () => number;
  /** Of the last cleanings, one for each thread. */
  #last: readonly CleanerStats[] = [];

  constructor(nowMs: number, threads: () => number) {
    this.lastRunMs = nowMs;
    this.#threads = threads;
  }

  /** `max-buffer-utilization-percent` */
  get maxBufferUtilizationPercent(): number {
    return Math.floor(100 * Math.max(0, ...this.#last.map((stats) => stats.bufferUtilization)));
  }

  /** `max-clean-time-secs` */
  get maxCleanTimeSecs(): number {
    return Math.floor(Math.max(0, ...this.#last.map((stats) => stats.elapsedMs)) / 1000);
  }

  /** `cleaner-recopy-percent` */
  get cleanerRecopyPercent(): number {
    const written = this.#last.reduce((sum, stats) => sum + stats.bytesWritten, 0);
    const read = this.#last.reduce((sum, stats) => sum + stats.bytesRead, 0);
    return Math.floor((100 * written) / Math.max(read, 1));
  }

  /** All logs that could be cleaned were looked at, and `chosen` is the one that will be. */
  onLook(logs: readonly LogToClean[], chosen: LogToClean | null, nowMs: number): void {
    this.lastRunMs = nowMs;
    this.maxDirtyPercent = Math.floor(100 * Math.max(0, ...logs.map((log) => log.cleanableRatio)));
    if (chosen === null) return;
    this.maxCompactionDelaySecs = Math.floor(Math.max(0, ...logs.map((log) => log.compactionDelayMs)) / 1000);
  }

  onCleaned(stats: CleanerStats): void {
    this.#last = [...this.#last, stats].slice(-Math.max(1, this.#threads()));
  }
}
