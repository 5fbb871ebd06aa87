/**
 * What one cleaning of a log has read, kept and written.
 *
 * Source: org.apache.kafka.storage.internals.log.CleanerStats.
 */
export interface CleanerStats {
  /** Bytes and records read to fill the offset map. */
  mapBytesRead: number;
  mapRecordsRead: number;
  /** Bytes and records read to be copied, or not. */
  bytesRead: number;
  recordsRead: number;
  bytesWritten: number;
  recordsWritten: number;
  /** Records without a key: they are dropped. */
  invalidRecordsRead: number;
  /** The share of the offset map's bound that was in use. */
  bufferUtilization: number;
  /** Milliseconds for the offset map, and for everything. */
  mapMs: number;
  elapsedMs: number;
}

/** Nothing yet. */
export function newCleanerStats(): CleanerStats {
  return {
    mapBytesRead: 0,
    mapRecordsRead: 0,
    bytesRead: 0,
    recordsRead: 0,
    bytesWritten: 0,
    recordsWritten: 0,
    invalidRecordsRead: 0,
    bufferUtilization: 0,
    mapMs: 0,
    elapsedMs: 0,
  };
}

/** All input and output so far, as `log.cleaner.io.max.bytes.per.second` counts it. */
export function ioBytesOf(stats: CleanerStats): number {
  return stats.mapBytesRead + stats.bytesRead + stats.bytesWritten;
}
