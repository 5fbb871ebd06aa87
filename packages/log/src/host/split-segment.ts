/**
 * Splits segments whose offsets do not fit their indexes, while a log is loaded and while it is cleaned.
 *
 * ```
 *  write .cleaned ─► sync ─► .swap, from the last to the first ─► sync the folder ─► load again: that completes the exchange
 *                      └── while a log lives: its plan puts them in the place of the old segment
 * ```
 * A crash before the last rename to `.swap` leaves the old segment, one after it the new ones (see `loading.ts`).
 */
import type { CleanedSegmentWriter } from '../core/cleaner/cleaned-segment-writer.ts';
import {
  CLEANED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  SWAP_SUFFIX,
  segmentFileName,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from '../core/file-names.ts';
import type { LogSegment } from '../core/log-segment.ts';
import { type SplitTarget, splitSegment } from '../core/segment-split.ts';
import { runSteps } from './run-steps.ts';

/** A segment that was written. */
export interface SplitPart {
  readonly baseOffset: number;
  readonly size: number;
  readonly hasTxnIndex: boolean;
}

/** Writes the parts of a segment, `.cleaned` and durable. Errors: rejects with `StorageError`. */
export async function writeSplit(segment: LogSegment, target: SplitTarget): Promise<readonly SplitPart[]> {
  const writers = await runSteps(splitSegment(segment, target));
  await syncAll(segment, writers);
  return writers.map(({ baseOffset, size, hasTxnIndex }) => ({ baseOffset, size, hasTxnIndex }));
}

/** Removes parts that found no place. Errors: `StorageError`. */
export function discardSplit({ storage, directory }: SplitTarget, parts: readonly SplitPart[]): void {
  for (const { baseOffset } of parts) {
    for (const suffix of [LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX]) {
      storage.delete(`${directory}/${segmentFileName(baseOffset, suffix, CLEANED_SUFFIX)}`);
    }
  }
}

/** Has the parts of a segment take its place when the log is loaded next. Errors: rejects with `StorageError`. */
export async function splitBeforeLoading(segment: LogSegment, target: SplitTarget): Promise<void> {
  const writers = await runSteps(splitSegment(segment, target));
  segment.closeFiles();
  await syncAll(segment, writers);
  for (const writer of writers.toReversed()) {
    for (const { path } of writer.files) {
      if (target.storage.status(path) !== null) {
        target.storage.rename(path, path.slice(0, -CLEANED_SUFFIX.length) + SWAP_SUFFIX);
      }
    }
  }
  await target.storage.syncDirectory(target.directory);
}

async function syncAll(segment: LogSegment, writers: readonly CleanedSegmentWriter[]): Promise<void> {
  const { modifiedMs } = segment;
  for (const writer of writers) {
    await Promise.all(writer.files.map((file) => file.sync()));
    writer.setModifiedMs(modifiedMs);
    writer.close();
  }
}
