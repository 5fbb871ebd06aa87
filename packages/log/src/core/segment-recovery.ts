/**
 * Recovery of a segment after an unclean stop: every batch is checked, the indexes are built anew, what is broken is cut off.
 *
 * Source: org.apache.kafka.storage.internals.log.LogSegment (recover).
 */
import { CorruptDataError } from '@skarab/base';
import type { RecordBatch } from '@skarab/records';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { LogSegment } from './log-segment.ts';
import { TRANSACTION_VERSION_UNKNOWN } from './producer-append.ts';
import type { ProducerState } from './producer-state.ts';
import type { Steps } from './steps.ts';
import { eachWholeBatch } from './whole-batches.ts';

/** What recovery brings up to date besides the segment. */
export interface RecoveryTargets {
  /** The producers as they were where the segment begins. */
  readonly producers: ProducerState;
  readonly epochs: LeaderEpochs;
  readonly indexIntervalBytes: number;
  readonly nowMs: number;
}

/**
 * Recovers a segment; returns how many bytes at its end were no good and are gone.
 *
 * Errors: `CorruptDataError` when offsets go back: then nothing of the segment can be trusted.
 */
export function* recoverSegment(segment: LogSegment, targets: RecoveryTargets): Steps<number> {
  segment.resetIndexes();
  const index = new IndexBuilder(segment, targets);
  const fileSize = segment.size;
  const validSize = yield* eachWholeBatch(segment.log, 0, fileSize, (batch, position, size) => {
    if (batch === null) return true;
    if (!isWholeAndRight(batch, size)) return false;
    index.check(batch, position);
    if (!index.isBehindLast(batch)) return false;
    if (!takeInBatch(batch, segment, targets)) return false;
    index.enter(batch, position);
    return true;
  });
  segment.truncateFile(validSize, targets.nowMs);
  segment.timeIndex.maybeAppend(segment.maxTimestamp.timestamp, segment.maxTimestamp.offset);
  segment.writeIndexes();
  for (const { entries } of [segment.offsetIndex, segment.timeIndex, segment.txnIndex]) entries.releaseMemory();
  return fileSize - validSize;
}

function isWholeAndRight(batch: RecordBatch, size: number): boolean {
  try {
    return batch.isValidCrc() && batch.sizeInBytes === size && batch.lastOffset >= batch.baseOffset;
  } catch (error) {
    if (error instanceof CorruptDataError) return false;
    throw error;
  }
}

/** Enters batches in the indexes at the distances that an append would have. */
class IndexBuilder {
  readonly #segment: LogSegment;
  readonly #intervalBytes: number;
  #lastEntryPosition = 0;
  #lastOffset: number;

  constructor(segment: LogSegment, { indexIntervalBytes }: RecoveryTargets) {
    this.#segment = segment;
    this.#lastOffset = segment.baseOffset - 1;
    this.#intervalBytes = indexIntervalBytes;
  }

  /** Errors: `CorruptDataError` when offsets go back. */
  check({ lastOffset }: RecordBatch, position: number): void {
    if (lastOffset > this.#lastOffset) return;
    throw new CorruptDataError(`Offset ${lastOffset} is not behind ${this.#lastOffset}`, {
      file: this.#segment.log.path,
      position,
    });
  }

  /** Whether it begins behind the batch before it: the CRC does not cover the base offset. */
  isBehindLast({ baseOffset }: RecordBatch): boolean {
    return baseOffset > this.#lastOffset;
  }

  enter({ lastOffset, maxTimestamp }: RecordBatch, position: number): void {
    const segment = this.#segment;
    this.#lastOffset = lastOffset;
    if (maxTimestamp > segment.maxTimestamp.timestamp)
      segment.maxTimestamp = { timestamp: maxTimestamp, offset: lastOffset };
    if (position - this.#lastEntryPosition <= this.#intervalBytes) return;
    // Segments of very old brokers may hold offsets that an index cannot express; they are found by scanning.
    if (!segment.offsetIndex.canAppendOffset(lastOffset)) return;
    segment.appendIndexEntry(lastOffset, position);
    this.#lastEntryPosition = position;
  }
}

/** False when the batch, although its CRC is right, holds no marker where one must be. */
function takeInBatch(batch: RecordBatch, segment: LogSegment, { producers, epochs }: RecoveryTargets): boolean {
  try {
    applyReplicated(batch, producers, segment);
  } catch (error) {
    if (error instanceof CorruptDataError) return false;
    throw error;
  }
  const epoch = batch.partitionLeaderEpoch;
  if (epoch >= 0 && epoch > (epochs.latestEpoch ?? -1)) epochs.assign(epoch, batch.baseOffset);
  return true;
}

/** Brings producers up to date with a batch that is in the log; ended transactions go into the segment's index, if one is given. */
export function applyReplicated(batch: RecordBatch, producers: ProducerState, segment: LogSegment | null): void {
  if (batch.hasProducerId) {
    const append = producers.prepareUpdate(batch.producerId, 'replication');
    append.append(batch, TRANSACTION_VERSION_UNKNOWN);
    producers.update(append);
    const completed = append.completedTxn;
    if (completed !== null) {
      if (completed.isAborted) {
        segment?.txnIndex.append({
          producerId: completed.producerId,
          firstOffset: completed.firstOffset,
          lastOffset: completed.lastOffset,
          lastStableOffset: producers.lastStableOffset(completed),
        });
      }
      producers.completeTxn(completed);
    }
  }
  producers.mapEndOffset = batch.lastOffset + 1;
}
