/**
 * From a log that is to be cleaned to the task, and from each new segment to its place in the log.
 *
 * ```
 *  plan ─► clean a group, elsewhere, while the log lives on ─► log not cut, segments still its own? ── no ─► give up
 *                                                                 └── yes ─► .cleaned → .swap, old ones → .deleted, .swap → final
 * ```
 * The log changes only here, at once: there is no moment at which it is half cleaned for anybody, nor after a crash (see `loading.ts`).
 * Source: org.apache.kafka.storage.internals.log.LocalLog (replaceSegments).
 */
import { CLEANED_SUFFIX, SWAP_SUFFIX } from '../file-names.ts';
import { LogSegment } from '../log-segment.ts';
import type { LogState } from '../log-state.ts';
import { collectAborted } from '../reading.ts';
import { condemn, condemnSnapshots } from '../rolling.ts';
import type { CleanedSegment, CleaningLimits, CleaningTask, LastRecord, SegmentToClean } from './cleaning-task.ts';
import type { LogToClean } from './log-to-clean.ts';

/** What a plan takes from the broker. */
export interface PlanOptions {
  readonly limits: CleaningLimits;
  readonly nowMs: number;
  readonly seed: number;
}

export class CleaningPlan {
  readonly task: CleaningTask;
  readonly #state: LogState;
  readonly #cutCount: number;
  /** Those to be cleaned, by base offset. */
  readonly #segments: ReadonlyMap<number, LogSegment>;

  /** Errors: `CorruptDataError` where the first segment to clean is damaged, `StorageError`. */
  constructor({ log, firstDirtyOffset, upperBoundOffset }: LogToClean, options: PlanOptions) {
    const { state } = log;
    const segments = state.segments.all().filter(({ baseOffset }) => baseOffset < upperBoundOffset);
    const firstDirty = segments.findLast(({ baseOffset }) => baseOffset <= firstDirtyOffset);
    this.#state = state;
    this.#cutCount = state.cutCount;
    this.#segments = new Map(segments.map((segment) => [segment.baseOffset, segment]));
    this.task = {
      name: log.name,
      directory: log.directory,
      config: log.config,
      ...{ firstDirtyOffset, upperBoundOffset },
      firstDirtyPosition: firstDirty?.scanFrom(firstDirtyOffset).end ?? 0,
      segments: segments.map(describe),
      abortedTransactions: collectAborted(state, segments[0]!, segments[0]!.baseOffset, upperBoundOffset),
      lastRecords: lastRecordsOf(state),
      ...options,
    };
  }

  /** Whether the log is still what it was planned for. */
  get isValid(): boolean {
    const { isClosed, cutCount, directory } = this.#state;
    return !isClosed && cutCount === this.#cutCount && directory === this.task.directory;
  }

  /**
   * Puts a new segment in the place of the old ones; returns false when the log is no longer what it was.
   *
   * Errors: `StorageError`; the log is lost to this process then.
   */
  commit(cleaned: CleanedSegment): boolean {
    const state = this.#state;
    const replaced = cleaned.replaces.map((baseOffset) => this.#segments.get(baseOffset)!);
    if (!this.isValid || replaced.some((segment) => state.segments.get(segment.baseOffset) !== segment)) return false;
    swapIn(state, [openCleaned(state, cleaned)], replaced);
    return true;
  }

  /** Splits a segment whose offsets do not fit its indexes, the same way. Errors: as `commit`. */
  commitSplit(baseOffset: number, parts: readonly Omit<CleanedSegment, 'replaces'>[]): boolean {
    const state = this.#state;
    const old = this.#segments.get(baseOffset)!;
    if (!this.isValid || state.segments.get(baseOffset) !== old) return false;
    swapIn(
      state,
      parts.map((part) => openCleaned(state, part)),
      [old],
    );
    return true;
  }

  /** The segments to be cleaned. */
  get segments(): readonly LogSegment[] {
    return [...this.#segments.values()];
  }
}

function openCleaned(state: LogState, { baseOffset, size, hasTxnIndex }: Omit<CleanedSegment, 'replaces'>): LogSegment {
  const { storage, clock, recentWrites } = state.environment;
  return new LogSegment({
    ...{ storage, directory: state.directory, config: state.config, baseOffset },
    nowMs: clock.nowMs(),
    rollJitterMs: state.rollJitterMs(),
    writesBefore: recentWrites.total,
    transition: CLEANED_SUFFIX,
    existingSize: size,
    hasTxnIndex,
  });
}

/** From the last to the first, so that a crash on the way shows by a `.cleaned` file in front of `.swap` ones. */
function swapIn(state: LogState, added: readonly LogSegment[], replaced: readonly LogSegment[]): void {
  for (const segment of added.toReversed()) segment.renameFiles(CLEANED_SUFFIX, SWAP_SUFFIX);
  for (const old of replaced) {
    state.segments.remove(old);
    condemn(state, old);
  }
  for (const segment of added) {
    state.segments.add(segment);
    segment.renameFiles(SWAP_SUFFIX, '');
  }
  state.isDirectoryDirty = true;
  condemnSnapshots(
    state,
    replaced.filter(({ baseOffset }) => baseOffset !== added[0]!.baseOffset),
  );
  // Batches in memory may be gone from the log, together with what says that they were aborted; positions are other ones.
  state.tail.clear();
  state.knownBounds = [];
}

function describe({ baseOffset, size, modifiedMs, offsetIndex, timeIndex }: LogSegment): SegmentToClean {
  const [offsetIndexSize, timeIndexSize] = [offsetIndex.sizeInBytes, timeIndex.sizeInBytes];
  return { baseOffset, size, modifiedMs, offsetIndexSize, timeIndexSize };
}

function lastRecordsOf({ producers }: LogState): LastRecord[] {
  return [...producers.producers.values()].map(({ producerId, producerEpoch, lastDataOffset }) => ({
    ...{ producerId, producerEpoch, lastDataOffset },
  }));
}
