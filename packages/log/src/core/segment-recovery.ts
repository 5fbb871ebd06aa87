/**
 * Recovery of a segment after an unclean stop: every batch is checked, the indexes are built anew, what is broken is cut off.
 *
 * Source: org.apache.kafka.storage.internals.log.LogSegment (recover).
 */
import { CorruptDataError } from '@skarab/base';
import type { RecordBatch } from '@skarab/records';
import { IndexBuilder } from './index-rebuild.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { LogSegment } from './log-segment.ts';
import { TRANSACTION_VERSION_UNKNOWN } from './producer-append.ts';
import type { ProducerState } from './producer-state.ts';
import { SegmentOverflow } from './segment-split.ts';
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

/** What recovery did to a segment. */
export interface RecoveredSegment {
  /** Bytes at its end that were no good and are gone. */
  readonly removedBytes: number;
  /** A batch turned out to be at the wrong offset after it was taken in: it is gone, and the rest must be recovered again. */
  readonly mustRepeat: boolean;
}

/**
 * Recovers a segment.
 *
 * Errors: `CorruptDataError` when offsets go back: then nothing of the segment can be trusted. `SegmentOverflow`: nothing is cut then.
 */
export function* recoverSegment(segment: LogSegment, targets: RecoveryTargets): Steps<RecoveredSegment> {
  segment.resetIndexes();
  const order = new OffsetOrder(segment);
  const index = new IndexBuilder(segment, targets.indexIntervalBytes);
  const fileSize = segment.size;
  let misplaced: { readonly position: number; readonly offset: number } | null = null;
  let overflow: SegmentOverflow | null = null;
  const validSize = yield* eachWholeBatch(segment.log, 0, fileSize, (batch, position, size) => {
    if (batch === null) return true;
    if (!isWholeAndRight(batch, size)) return false;
    if (!order.isBehindLast(batch)) {
      misplaced = order.gapBefore(batch);
      if (misplaced === null) order.check(batch, position);
      return false;
    }
    if (overflow !== null) throw overflow;
    if (!segment.offsetIndex.canAppendOffset(batch.lastOffset)) {
      // The next batch may tell that it is at the wrong offset.
      overflow = new SegmentOverflow(segment, batch.lastOffset);
      order.enter(batch, position);
      return true;
    }
    if (!takeInBatch(batch, segment, targets)) return false;
    order.enter(batch, position);
    index.enter(batch, position);
    return true;
  });
  const cut = misplaced as { readonly position: number; readonly offset: number } | null;
  if (cut === null && overflow !== null) throw overflow;
  if (cut !== null) targets.epochs.truncateFromEnd(cut.offset);
  segment.truncateFile(cut?.position ?? validSize, targets.nowMs);
  index.complete();
  segment.writeIndexes();
  for (const { entries } of [segment.offsetIndex, segment.timeIndex, segment.txnIndex]) entries.releaseMemory();
  return { removedBytes: fileSize - segment.size, mustRepeat: cut !== null };
}

function isWholeAndRight(batch: RecordBatch, size: number): boolean {
  try {
    return batch.isValidCrc() && batch.sizeInBytes === size && batch.lastOffset >= batch.baseOffset;
  } catch (error) {
    if (error instanceof CorruptDataError) return false;
    throw error;
  }
}

/** What the offsets of a segment's batches say of the batch before. */
class OffsetOrder {
  readonly #segment: LogSegment;
  #lastOffset: number;
  /** The last batch does not follow the one before it at once. */
  #gap: { readonly position: number; readonly offset: number } | null = null;

  constructor(segment: LogSegment) {
    this.#segment = segment;
    this.#lastOffset = segment.baseOffset - 1;
  }

  /** Whether it begins behind the batch before it: the CRC does not cover the base offset. */
  isBehindLast({ baseOffset }: RecordBatch): boolean {
    return baseOffset > this.#lastOffset;
  }

  /**
   * The place and offset where a batch that is not behind the last one would be right: then the last one, which came after a gap, was
   * at the wrong offset.
   */
  gapBefore({ baseOffset }: RecordBatch): { readonly position: number; readonly offset: number } | null {
    return this.#gap !== null && baseOffset >= this.#gap.offset ? this.#gap : null;
  }

  /** Errors: `CorruptDataError` when offsets go back. */
  check({ lastOffset }: RecordBatch, position: number): void {
    if (lastOffset > this.#lastOffset) return;
    throw new CorruptDataError(`Offset ${lastOffset} is not behind ${this.#lastOffset}`, {
      file: this.#segment.log.path,
      position,
    });
  }

  enter({ baseOffset, lastOffset }: RecordBatch, position: number): void {
    this.#gap = baseOffset > this.#lastOffset + 1 ? { position, offset: this.#lastOffset + 1 } : null;
    this.#lastOffset = lastOffset;
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
