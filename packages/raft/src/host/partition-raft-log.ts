/**
 * The metadata log on a partition log: the same files as any partition's, never cut by size or time, but only behind a snapshot.
 *
 * Source: org.apache.kafka.raft.internals.KafkaRaftLog.
 */
import { assert, METADATA_TOPIC_ID, type StorageError } from '@skarab/base';
import { closePartitionLog, defaultLogConfig, type LogHost, openPartitionLog, type PartitionLog } from '@skarab/log';
import { ErrorCode } from '@skarab/protocol';
import { CLUSTER_METADATA_TOPIC } from '../core/describe-quorum.ts';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import { MAX_BATCH_SIZE_BYTES } from '../core/snapshot-batches.ts';
import type { RaftLog } from '../ports.ts';

/** Sizes of the metadata log. */
export interface RaftLogOptions {
  /** `metadata.log.segment.bytes`; default 1 GiB. */
  readonly segmentBytes?: number;
  /** `metadata.log.segment.ms`; default a week. */
  readonly segmentMs?: number;
  /** `log.segment.delete.delay.ms`; default a minute. */
  readonly fileDeleteDelayMs?: number;
}

/** The folder of the metadata log below its log directory. */
export function raftLogDirectory(logDir: string): string {
  return `${logDir}/${CLUSTER_METADATA_TOPIC}-0`;
}

/** Opens the metadata log below `logDir`, or makes it; everything is checked. Errors: rejects with `StorageError`, `CorruptDataError`. */
export async function openRaftLog(host: LogHost, logDir: string, options: RaftLogOptions = {}): Promise<RaftLog> {
  const config = {
    ...defaultLogConfig,
    maxMessageBytes: MAX_BATCH_SIZE_BYTES,
    retentionMs: -1,
    retentionBytes: -1,
    ...options,
  };
  // No checkpoint of the log directory speaks of this log, so all of it is looked through.
  const log = await openPartitionLog(host, raftLogDirectory(logDir), {
    config,
    isClean: false,
    topicId: METADATA_TOPIC_ID,
  });
  return new PartitionRaftLog(host, log);
}

class PartitionRaftLog implements RaftLog {
  readonly #host: LogHost;
  readonly #log: PartitionLog;
  #endOffset: number;

  constructor(host: LogHost, log: PartitionLog) {
    this.#host = host;
    this.#log = log;
    this.#endOffset = log.logEndOffset;
  }

  get startOffset(): number {
    return this.#log.logStartOffset;
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  get lastEpoch(): number {
    return this.#log.latestEpoch ?? 0;
  }

  get sizeInBytes(): number {
    return this.#log.size;
  }

  append(batch: Uint8Array, epoch: number): void {
    const result = this.#log.appendAsLeader(batch, { leaderEpoch: epoch, origin: 'raftLeader' });
    assert(result.errorCode === ErrorCode.NONE, `the metadata log refuses a batch: ${result.errorMessage}`);
    assert(result.firstOffset === this.#endOffset, 'the batch continues the log');
    this.#endOffset = result.lastOffset + 1;
  }

  appendFetched(batches: Uint8Array, epoch: number): void {
    const result = this.#log.appendAsFollower(batches, { leaderEpoch: epoch });
    assert(result.errorCode === ErrorCode.NONE, `the metadata log refuses what was fetched: ${result.errorMessage}`);
    assert(result.firstOffset === this.#endOffset, 'what was fetched continues the log');
    this.#endOffset = result.lastOffset + 1;
    // Epochs follow what is written; votes depend on them.
    this.#host.writer.flushStaged();
  }

  flush(onFlushed: (error: StorageError | null, endOffset: number) => void): void {
    const { endOffset } = this;
    this.#host.writer.flushStaged();
    this.#log.flush((error) => onFlushed(error, endOffset));
  }

  read(offset: number, maxBytes: number): Uint8Array {
    if (offset >= this.#log.logEndOffset && offset < this.#endOffset) this.#host.writer.flushStaged();
    const result = this.#log.read({ startOffset: offset, maxBytes, minOneMessage: true, upperBound: 'logEnd' });
    assert(result.errorCode === ErrorCode.NONE, `offset ${offset} is not in the metadata log`);
    return result.records instanceof Uint8Array ? result.records : result.records.toBytes();
  }

  updateHighWatermark(offset: number): void {
    this.#log.updateHighWatermark(offset);
  }

  beginEpoch(epoch: number, startOffset: number): void {
    this.#log.assignEpochStartOffset(epoch, startOffset);
  }

  endOffsetForEpoch(epoch: number): OffsetAndEpoch | null {
    if (epoch === this.#log.latestEpoch) return { offset: this.#endOffset, epoch };
    const end = this.#log.endOffsetForEpoch(epoch);
    return end === null ? null : { offset: end.endOffset, epoch: end.epoch };
  }

  truncateTo(offset: number): void {
    this.#log.truncateTo(offset);
    this.#endOffset = Math.min(this.#endOffset, offset);
  }

  deleteBefore(offset: number): void {
    this.#log.maybeIncrementLogStartOffset(offset);
    this.#log.deleteOldSegments();
  }

  truncateFullyAndStartAt(offset: number): void {
    this.#log.truncateFullyAndStartAt(offset);
    this.#endOffset = offset;
  }

  close(): Promise<void> {
    return closePartitionLog(this.#host, this.#log);
  }
}
