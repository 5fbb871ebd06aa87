/**
 * Finding records by time: the first one not earlier than a time, or the latest one of all.
 *
 * Source: org.apache.kafka.storage.internals.log.UnifiedLog (fetchOffsetByTimestamp), LogSegment (findOffsetByTimestamp), FileRecords.
 */
import { type DecodedRecord, NO_TIMESTAMP, RecordBatch } from '@skarab/records';
import type { BatchScan } from './batch-scan.ts';
import type { LogSegment } from './log-segment.ts';
import type { LogState } from './log-state.ts';

/** The end of the log. */
export const LATEST_TIMESTAMP = -1;
/** The start of the log. */
export const EARLIEST_TIMESTAMP = -2;
/** The record with the largest timestamp. */
export const MAX_TIMESTAMP = -3;
/** The start of what is not only in remote storage: the start of the log, since there is none. */
export const EARLIEST_LOCAL_TIMESTAMP = -4;
/** The end of what is in remote storage: nothing is. */
export const LATEST_TIERED_TIMESTAMP = -5;
/** The start of what waits to be copied to remote storage: nothing does. */
export const EARLIEST_PENDING_UPLOAD_TIMESTAMP = -6;

/** A record's time, where it is, and the leader epoch it was written in (null where unknown). */
export interface TimestampAndOffset {
  readonly timestamp: number;
  readonly offset: number;
  readonly leaderEpoch: number | null;
}

/** What a timestamp, or one of the special ones, stands for in a log; null for nothing. */
export function offsetForTimestamp(state: LogState, timestamp: number): TimestampAndOffset | null {
  const { epochs, segments, logStartOffset, logEnd } = state;
  switch (timestamp) {
    case EARLIEST_TIMESTAMP:
    case EARLIEST_LOCAL_TIMESTAMP: {
      const { earliest } = epochs;
      const leaderEpoch = earliest !== null && earliest.startOffset <= logStartOffset ? earliest.epoch : null;
      return { timestamp: NO_TIMESTAMP, offset: logStartOffset, leaderEpoch };
    }
    case LATEST_TIMESTAMP:
      return { timestamp: NO_TIMESTAMP, offset: logEnd.offset, leaderEpoch: epochs.latestEpoch };
    case LATEST_TIERED_TIMESTAMP:
    case EARLIEST_PENDING_UPLOAD_TIMESTAMP:
      return { timestamp: NO_TIMESTAMP, offset: -1, leaderEpoch: -1 };
    case MAX_TIMESTAMP:
      return findMaxTimestamp(
        segments.all().reduce((a, b) => (b.maxTimestamp.timestamp > a.maxTimestamp.timestamp ? b : a)),
      );
    default: {
      const segment = segments.all().find((candidate) => candidate.largestTimestamp >= timestamp);
      return segment === undefined ? null : findByTimestamp(segment, timestamp, logStartOffset);
    }
  }
}

/** The first record of a segment with at least this timestamp and offset, or null. */
function findByTimestamp(segment: LogSegment, timestamp: number, startOffset: number): TimestampAndOffset | null {
  const indexed = segment.timeIndex.lookup(timestamp);
  const scan = segment.scanFrom(Math.max(indexed.offset, startOffset));
  while (scan.next()) {
    if (scan.maxTimestamp < timestamp || scan.lastOffset < startOffset) continue;
    const found = findRecord(segment, scan, (record) => record.timestamp >= timestamp && record.offset >= startOffset);
    if (found !== null) return found;
  }
  return null;
}

/** The record with the largest timestamp of a segment, or null without any. */
function findMaxTimestamp(segment: LogSegment): TimestampAndOffset | null {
  const { timestamp, offset } = segment.maxTimestamp;
  const scan = segment.scanFrom(offset);
  while (scan.next()) {
    if (scan.maxTimestamp !== timestamp) continue;
    const found = findRecord(segment, scan, (record) => record.timestamp === timestamp);
    if (found !== null) return found;
  }
  return null;
}

function findRecord(
  segment: LogSegment,
  { position, size, header }: BatchScan,
  matches: (record: DecodedRecord) => boolean,
): TimestampAndOffset | null {
  if (header === null) return null;
  const epoch = header.partitionLeaderEpoch;
  const bytes = new Uint8Array(size);
  segment.log.read(bytes, position);
  for (const record of new RecordBatch(bytes).records()) {
    if (matches(record)) {
      return { timestamp: record.timestamp, offset: record.offset, leaderEpoch: epoch >= 0 ? epoch : null };
    }
  }
  return null;
}
