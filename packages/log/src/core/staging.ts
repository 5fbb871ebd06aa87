/**
 * Staging an append: everything about it is decided here, and nothing is changed unless all of it is accepted.
 *
 * ```
 *  leader    validate, give offsets ─► size ─► producers ─► roll? ─► stage
 *  follower  whole batches with right CRCs, epochs and offsets ─► producers ─► roll? ─► stage
 * ```
 * Source: org.apache.kafka.storage.internals.log.UnifiedLog (append, analyzeAndValidateRecords).
 */
import { CorruptDataError } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import {
  type AppendOrigin,
  iterateBatches,
  type RecordBatch,
  RecordBatch as RecordBatchView,
  validateAndAssignOffsets,
} from '@skarab/records';
import type { LogConfig } from './log-config.ts';
import type { LogState } from './log-state.ts';
import { MAX_RELATIVE_OFFSET } from './offset-index.ts';
import { applyProducers, checkProducers, type ProducerQuestion } from './producer-check.ts';
import type { BatchMetadata } from './producer-state-entry.ts';
import type { AppendOptions, AppendResult } from './results.ts';
import { roll } from './rolling.ts';

/** Batches that may be appended if their producers are in order. */
interface Accepted {
  readonly batches: readonly RecordBatch[];
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  readonly logAppendTimeMs: number;
  readonly recordCount: number;
  readonly sizeInBytes: number;
}

/**
 * Checks the batch of a producer or coordinator, gives it its offsets and stages it.
 *
 * Walk: produce 7 — validation and offsets, producer state, rolling; nothing is changed unless all of it is accepted.
 * Errors: `StorageError` when a new segment is needed and cannot be made.
 */
export function stageAsLeader(state: LogState, bytes: Uint8Array, options: AppendOptions): AppendResult {
  const origin = options.origin ?? 'client';
  if (origin === 'raftLeader' || origin === 'replication') return stageGiven(state, bytes, options.leaderEpoch, origin);
  const { config } = state;
  const valid = validateAndAssignOffsets(bytes, {
    offsetStart: state.stagedEndOffset,
    leaderEpoch: options.leaderEpoch,
    origin,
    targetCompression: config.compressionType,
    compressionLevel: compressionLevel(config),
    maxMessageBytes: config.maxMessageBytes,
    nowMs: state.environment.clock.nowMs(),
    timestampType: config.messageTimestampType,
    timestampBeforeMaxMs: config.messageTimestampBeforeMaxMs,
    timestampAfterMaxMs: config.messageTimestampAfterMaxMs,
    compactedTopic: config.compact,
    topicPartition: state.name,
  });
  if (!valid.ok) return { ...rejected(state, valid.error, valid.message), recordErrors: valid.recordErrors };
  const accepted: Accepted = {
    batches: [new RecordBatchView(valid.bytes)],
    firstOffset: valid.baseOffset,
    lastOffset: valid.lastOffset,
    maxTimestamp: valid.maxTimestamp,
    logAppendTimeMs: valid.logAppendTimeMs,
    recordCount: valid.recordCount,
    sizeInBytes: valid.bytes.length,
  };
  if (accepted.sizeInBytes > config.segmentBytes) {
    return rejected(
      state,
      ErrorCode.RECORD_LIST_TOO_LARGE,
      `Message batch size is ${accepted.sizeInBytes} bytes in append to partition ${state.name}, ` +
        `which exceeds the maximum configured segment size of ${config.segmentBytes}.`,
    );
  }
  const { verificationGuard, transactionVersion } = options;
  return stageAccepted(state, accepted, { origin, verificationGuard, transactionVersion });
}

/** Checks and stages batches that have their offsets: of a follower, or of the raft leader. Errors: as `stageAsLeader`. */
export function stageGiven(
  state: LogState,
  bytes: Uint8Array,
  leaderEpoch: number,
  origin: AppendOrigin,
): AppendResult {
  const accepted = readGiven(state, bytes, leaderEpoch, origin);
  if ('errorCode' in accepted) return accepted;
  if (accepted.batches.length === 0) return rejected(state, ErrorCode.NONE, null);
  if (accepted.firstOffset < state.stagedEndOffset) {
    const { firstOffset, lastOffset } = accepted;
    const message =
      `Unexpected offset in append to ${state.name}. First offset ${firstOffset} is less than the next offset ` +
      `${state.stagedEndOffset}. Last offset in append: ${lastOffset}. Log start offset = ${state.logStartOffset}`;
    return { ...rejected(state, ErrorCode.OFFSET_OUT_OF_RANGE, message), firstOffset, lastOffset };
  }
  const fitsOneSegment =
    accepted.sizeInBytes <= state.config.segmentBytes &&
    accepted.lastOffset - accepted.firstOffset <= MAX_RELATIVE_OFFSET;
  if (fitsOneSegment) return stageAccepted(state, accepted, { origin });
  return stageOneByOne(state, accepted, origin);
}

/** Stages more than a segment can take, in bytes or offsets: what a follower has fetched from a leader with larger segments, or from several. */
function stageOneByOne(state: LogState, accepted: Accepted, origin: AppendOrigin): AppendResult {
  let result = rejected(state, ErrorCode.NONE, null);
  for (const batch of accepted.batches) {
    const { baseOffset: firstOffset, lastOffset, maxTimestamp, sizeInBytes } = batch;
    result = stageAccepted(
      state,
      { ...accepted, batches: [batch], firstOffset, lastOffset, maxTimestamp, sizeInBytes },
      { origin },
    );
    if (result.errorCode !== ErrorCode.NONE) return result;
  }
  const { firstOffset, maxTimestamp, sizeInBytes } = accepted;
  return { ...result, firstOffset, maxTimestamp, sizeInBytes };
}

/** The whole batches in `bytes`, up to the first one of an epoch that this replica does not know yet. */
function readGiven(
  state: LogState,
  bytes: Uint8Array,
  leaderEpoch: number,
  origin: AppendOrigin,
): Accepted | AppendResult {
  const batches: RecordBatch[] = [];
  let lastOffset = -1;
  let maxTimestamp = -1;
  let recordCount = 0;
  let sizeInBytes = 0;
  try {
    for (const batch of iterateBatches(bytes)) {
      if (origin === 'replication' && batch.partitionLeaderEpoch > leaderEpoch) break;
      const failure = givenFailure(state, batch, leaderEpoch, origin, lastOffset);
      if (failure !== null) return failure;
      batches.push(batch);
      lastOffset = batch.lastOffset;
      maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp);
      recordCount += lastOffset - batch.baseOffset + 1;
      sizeInBytes += batch.sizeInBytes;
    }
  } catch (error) {
    if (error instanceof CorruptDataError) return rejected(state, ErrorCode.CORRUPT_MESSAGE, error.message);
    throw error;
  }
  const firstOffset = batches[0]?.baseOffset ?? -1;
  return { batches, firstOffset, lastOffset, maxTimestamp, logAppendTimeMs: -1, recordCount, sizeInBytes };
}

function givenFailure(
  state: LogState,
  batch: RecordBatch,
  leaderEpoch: number,
  origin: AppendOrigin,
  lastOffset: number,
): AppendResult | null {
  if (origin === 'raftLeader' && batch.partitionLeaderEpoch !== leaderEpoch) {
    return rejected(
      state,
      ErrorCode.INVALID_RECORD,
      `Append from Raft leader did not set the batch epoch correctly, expected ${leaderEpoch} ` +
        `but the batch has ${batch.partitionLeaderEpoch}`,
    );
  }
  if (origin === 'raftLeader' && batch.sizeInBytes > state.config.maxMessageBytes) {
    return rejected(
      state,
      ErrorCode.MESSAGE_TOO_LARGE,
      `The record batch size in the append to ${state.name} is ${batch.sizeInBytes} bytes ` +
        `which exceeds the maximum configured value of ${state.config.maxMessageBytes}).`,
    );
  }
  if (!batch.isValidCrc()) {
    const message = `Record is corrupt (stored crc = ${batch.crc}) in topic partition ${state.name}.`;
    return rejected(state, ErrorCode.CORRUPT_MESSAGE, message);
  }
  if (batch.lastOffset <= lastOffset || batch.lastOffset < batch.baseOffset || batch.baseOffset <= lastOffset) {
    return rejected(state, ErrorCode.CORRUPT_MESSAGE, `Out of order offsets found in append to ${state.name}`);
  }
  return null;
}

function stageAccepted(state: LogState, accepted: Accepted, question: ProducerQuestion): AppendResult {
  const answer = checkProducers(state, accepted.batches, question);
  if (answer.outcome === 'rejected') return rejected(state, answer.failure.errorCode, answer.failure.message);
  if (answer.outcome === 'duplicate') return duplicate(state, accepted, answer.first);
  maybeRoll(state, accepted);
  for (const batch of accepted.batches) stageBatch(state, batch);
  if (answer.changes !== null) applyProducers(state, accepted.batches, answer.changes);
  state.producers.mapEndOffset = accepted.lastOffset + 1;
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    recordErrors: [],
    firstOffset: accepted.firstOffset,
    lastOffset: accepted.lastOffset,
    maxTimestamp: accepted.maxTimestamp,
    logAppendTimeMs: accepted.logAppendTimeMs,
    logStartOffset: state.logStartOffset,
    isDuplicate: false,
    recordCount: accepted.recordCount,
    sizeInBytes: accepted.sizeInBytes,
    lastLeaderEpoch: accepted.batches.at(-1)!.partitionLeaderEpoch,
  };
}

function maybeRoll(state: LogState, { firstOffset, lastOffset, maxTimestamp, sizeInBytes }: Accepted): void {
  const { segments, staged, config, environment } = state;
  const { active } = segments;
  if (active.baseOffset === firstOffset && active.size === 0 && staged.isEmpty) return;
  const question = {
    config,
    stagedBytes: staged.sizeInBytes,
    sizeInBytes,
    maxTimestamp,
    lastOffset,
    nowMs: environment.clock.nowMs(),
  };
  if (active.shouldRoll(question)) roll(state, firstOffset);
}

function stageBatch(state: LogState, batch: RecordBatch): void {
  const { staged, tail } = state;
  const { active } = state.segments;
  const { baseOffset, lastOffset, maxTimestamp, sizeInBytes } = batch;
  const position = active.size + staged.sizeInBytes;
  if (position === 0) active.noteFirstTimestamp(maxTimestamp);
  const bytes = tail.add(batch.view, baseOffset, lastOffset, active.baseOffset, position);
  staged.add(bytes, { baseOffset, lastOffset, maxTimestamp, sizeInBytes, leaderEpoch: batch.partitionLeaderEpoch });
  state.stagedEndOffset = lastOffset + 1;
}

/** The answer to a batch that is in the log already. */
function duplicate(state: LogState, accepted: Accepted, first: BatchMetadata): AppendResult {
  return {
    ...rejected(state, ErrorCode.NONE, null),
    firstOffset: first.lastOffset - first.offsetDelta,
    lastOffset: first.lastOffset,
    logAppendTimeMs: first.timestamp,
    isDuplicate: true,
    recordCount: accepted.recordCount,
  };
}

function rejected(state: LogState, errorCode: ErrorCode, errorMessage: string | null): AppendResult {
  return {
    errorCode,
    errorMessage,
    recordErrors: [],
    firstOffset: -1,
    lastOffset: -1,
    maxTimestamp: -1,
    logAppendTimeMs: -1,
    logStartOffset: state.logStartOffset,
    isDuplicate: false,
    recordCount: 0,
    sizeInBytes: 0,
    lastLeaderEpoch: -1,
  };
}

function compressionLevel(config: LogConfig): number | undefined {
  switch (config.compressionType) {
    case 'gzip':
      return config.compressionGzipLevel;
    case 'lz4':
      return config.compressionLz4Level;
    case 'zstd':
      return config.compressionZstdLevel;
    default:
      return undefined;
  }
}
