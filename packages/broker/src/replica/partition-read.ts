/**
 * Reading from a partition: what is asked, what came of it, and the check that reader and log have the same past.
 *
 * Source: kafka.cluster.Partition.readRecords; KIP-595 (diverging epochs).
 */
import { StorageError } from '@skarab/base';
import { FileSlice, type PartitionLog, type ReadResult, type UpperBound } from '@skarab/log';
import { EMPTY_BYTES, ErrorCode } from '@skarab/protocol';

/** Where the leader's log parts from the reader's. */
export interface Divergence {
  readonly epoch: number;
  readonly endOffset: number;
}

/** The follower that reads, and what it says of itself. */
export interface ReadingFollower {
  readonly replicaId: number;
  /** -1 where it does not say. */
  readonly brokerEpoch: number;
  readonly logStartOffset: number;
  /** Whether this read tells how far the follower has got; not so when an earlier read of the same request did. */
  readonly isFirstRead: boolean;
}

/** What is to be read. */
export interface PartitionReadRequest {
  readonly fetchOffset: number;
  readonly maxBytes: number;
  readonly minOneMessage: boolean;
  readonly upperBound: UpperBound;
  /** -1 where the reader does not say. */
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  /** Only the leader may answer (KIP-392: newer consumers may read from followers). */
  readonly fromLeaderOnly: boolean;
  /** Absent for consumers. */
  readonly follower: ReadingFollower | undefined;
}

/** What a read came to; `read` is absent when nothing may be read. */
export interface PartitionReadResult {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly diverging: Divergence | undefined;
  readonly read: ReadResult | undefined;
  /** Broker that a consumer should read from instead; -1: none. */
  readonly preferredReadReplica: number;
}

const NO_REPLICA = -1;

/** Plans a read of the log; KAFKA_STORAGE_ERROR where its storage fails, or has failed and the partition does not know yet. */
export function readLog(log: PartitionLog, request: PartitionReadRequest): PartitionReadResult {
  try {
    return planRead(log, request);
  } catch (error) {
    if (error instanceof StorageError) return failedRead(ErrorCode.KAFKA_STORAGE_ERROR);
    throw error;
  }
}

function planRead(log: PartitionLog, request: PartitionReadRequest): PartitionReadResult {
  const bounds = {
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
  };
  const diverging = divergence(log, request.lastFetchedEpoch, request.fetchOffset);
  if (diverging === 'out of range') return failedRead(ErrorCode.OFFSET_OUT_OF_RANGE);
  if (diverging !== undefined)
    return { errorCode: ErrorCode.NONE, ...bounds, diverging, read: undefined, preferredReadReplica: NO_REPLICA };
  const read = log.read({
    startOffset: request.fetchOffset,
    maxBytes: request.maxBytes,
    minOneMessage: request.minOneMessage,
    upperBound: request.upperBound,
  });
  if (read.errorCode !== ErrorCode.NONE) return failedRead(read.errorCode);
  return {
    errorCode: ErrorCode.NONE,
    ...bounds,
    diverging: undefined,
    read: read.firstEntryIncomplete ? emptied(read) : read,
    preferredReadReplica: NO_REPLICA,
  };
}

/** The answer of a partition that cannot be read. */
export function failedRead(errorCode: number): PartitionReadResult {
  return {
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    diverging: undefined,
    read: undefined,
    preferredReadReplica: NO_REPLICA,
  };
}

/** The answer to a consumer that should read from another replica (KIP-392). */
export function readElsewhere(log: PartitionLog, brokerId: number): PartitionReadResult {
  return {
    errorCode: ErrorCode.NONE,
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    diverging: undefined,
    read: undefined,
    preferredReadReplica: brokerId,
  };
}

/** Bytes of the records that were read. */
export function sizeOf(result: PartitionReadResult): number {
  return result.read?.records.byteLength ?? 0;
}

/** Lets go of bytes that will not be sent. */
export function releaseRecords({ read }: PartitionReadResult): void {
  if (read?.records instanceof FileSlice) read.records.release();
}

/** The same answer without its records. */
export function withoutRecords(result: PartitionReadResult): PartitionReadResult {
  return result.read === undefined ? result : { ...result, read: emptied(result.read) };
}

function divergence(
  log: PartitionLog,
  lastFetchedEpoch: number,
  fetchOffset: number,
): Divergence | 'out of range' | undefined {
  if (lastFetchedEpoch < 0) return undefined;
  const end = log.endOffsetForEpoch(lastFetchedEpoch);
  if (end === null || fetchOffset < log.logStartOffset) return 'out of range';
  return end.epoch < lastFetchedEpoch || end.endOffset < fetchOffset ? end : undefined;
}

/** Half a batch helps nobody: a reader that cannot take the whole first one gets none. */
function emptied(read: ReadResult): ReadResult {
  if (read.records instanceof FileSlice) read.records.release();
  return { ...read, records: EMPTY_BYTES };
}
