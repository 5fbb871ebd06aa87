/**
 * What a log answers: outcomes as values.
 */
import type { ErrorCode } from '@skarab/protocol';
import type { AppendOrigin, RecordError } from '@skarab/records';
import type { FileSlice } from '../file-slice.ts';
import type { AbortedTxn } from './transaction-index.ts';
import type { VerificationGuard } from './verification-state.ts';

/** Who appends as a leader, and for whom. */
export interface AppendOptions {
  readonly leaderEpoch: number;
  /** Default `client`. `raftLeader` brings its own offsets and epoch. */
  readonly origin?: AppendOrigin;
  /** From `startTransactionVerification`; needed for the first batch of a transaction. */
  readonly verificationGuard?: VerificationGuard;
  /** `transaction.version` of the coordinator that sends a marker; default 0. */
  readonly transactionVersion?: number;
}

/** The outcome of an append. Acknowledge it when the log's end is beyond `lastOffset`. */
export interface AppendResult {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
  /** Which records are at fault, where single ones are. */
  readonly recordErrors: readonly RecordError[];
  /** Offset of the first record, of the first time for a duplicate; -1 when nothing was appended. */
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** Largest timestamp of the batches, -1 without any. */
  readonly maxTimestamp: number;
  /** The time given to the records; -1 when they keep their own. For a duplicate that of the first time. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  /** The batch is in the log already. */
  readonly isDuplicate: boolean;
  readonly recordCount: number;
  /** Bytes that go into the log. */
  readonly sizeInBytes: number;
  /** Leader epoch of the last batch, -1 when unknown or nothing was appended. */
  readonly lastLeaderEpoch: number;
}

/** An offset and where its batch is; -1 for a place that is not known. */
export interface LogOffsetMetadata {
  readonly offset: number;
  readonly segmentBaseOffset: number;
  readonly position: number;
}

/** Up to where a reader may see: everything, what is replicated, or what is replicated and decided. */
export type UpperBound = 'logEnd' | 'highWatermark' | 'lastStable';

/** What to read. */
export interface ReadOptions {
  readonly startOffset: number;
  readonly maxBytes: number;
  /** Give the first batch even if it is larger than `maxBytes`. */
  readonly minOneMessage: boolean;
  readonly upperBound: UpperBound;
}

/** The outcome of a read. */
export interface ReadResult {
  /** NONE, OFFSET_OUT_OF_RANGE, or CORRUPT_MESSAGE for a damaged segment. */
  readonly errorCode: ErrorCode;
  /** From the batch that holds the start offset on; the last batch may be cut off. A `FileSlice` must be released. */
  readonly records: Uint8Array | FileSlice;
  /** Where the first batch is; the start offset's place when nothing was read. */
  readonly fetchOffset: LogOffsetMetadata;
  /** Not even the first batch fits. */
  readonly firstEntryIncomplete: boolean;
  /** Transactions whose records among those read must not be shown; null unless reading up to `lastStable`. */
  readonly abortedTransactions: readonly AbortedTxn[] | null;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
}

/** What a partition knows of a producer, as DescribeProducers tells it. */
export interface ProducerDescription {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  /** First offset of the open transaction; -1 without one. */
  readonly currentTxnStartOffset: number;
  /** Offset of the last record that is data; -1 without any. */
  readonly lastDataOffset: number;
}
