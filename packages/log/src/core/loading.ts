/**
 * Loading a log from its folder: what a crash left is tidied up, what was not durable is checked, and producers are brought up to date.
 *
 * ```
 *  remove .deleted and .cleaned ─► finish or undo swaps ─► segments ─► recovery from the recovery point on (unclean only)
 *      ─► epochs and start offset fit the log ─► producers from the newest snapshot
 * ```
 * After an orderly stop only names, sizes and the tail of the last segment are read; the tail must end with a whole batch.
 * Source: org.apache.kafka.storage.internals.log.LogLoader.
 */
import { CorruptDataError } from '@skarab/base';
import type { Storage } from '../ports.ts';
import { BatchScan } from './batch-scan.ts';
import {
  CHECKPOINT_DELETED_SUFFIX,
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  INDEX_SUFFIX,
  isIndexFileName,
  LOG_SUFFIX,
  offsetOfFileName,
  SWAP_SUFFIX,
  segmentFileName,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from './file-names.ts';
import { LogSegment } from './log-segment.ts';
import type { LogState } from './log-state.ts';
import { rebuildProducers } from './producer-rebuild.ts';
import { ProducerState } from './producer-state.ts';
import { condemnSnapshots, createSegment, removeSegments } from './rolling.ts';
import { recoverSegment } from './segment-recovery.ts';
import type { Steps } from './steps.ts';

/** What is known of the log from its log directory. */
export interface LoadOptions {
  /** What is in the log's folder, none for a new one. */
  readonly fileNames: readonly string[];
  /** The process before this one stopped in order. */
  readonly isClean: boolean;
  /** From `log-start-offset-checkpoint`; 0 when it is not there. */
  readonly logStartOffset: number;
  /** From `recovery-point-offset-checkpoint`; 0 when it is not there. */
  readonly recoveryPoint: number;
  /** The file of leader epochs could not be read: they are read from the batches. */
  readonly hasLostEpochs: boolean;
  /** Called before each segment that is recovered, with how many are left. */
  readonly onProgress?: (segmentsLeft: number) => void;
}

/**
 * Fills a state whose folder exists.
 *
 * Errors: `StorageError`; `SegmentOverflow` for a segment that must be split, with which loading begins anew.
 */
export function* loadLog(state: LogState, options: LoadOptions): Steps<void> {
  const { environment, segments, epochs } = state;
  yield* openSegments(state, finishSwaps(state, options.fileNames), options);
  if (options.isClean) yield* cutUnfinishedTail(state, options);
  else yield* recover(state, options);
  const endOffset = endOffsetAfter(state, options);
  if (segments.isEmpty)
    segments.add(createSegment(state, options.logStartOffset, { isFolderNew: options.fileNames.length === 0 }));
  const nextOffset = endOffset ?? segments.active.baseOffset;
  // Only a flush moves the recovery point ahead, and an orderly stop ends with one.
  state.recoveryPoint =
    options.isClean && endOffset !== null ? nextOffset : Math.min(options.recoveryPoint, nextOffset);
  if (options.hasLostEpochs) readEpochsFromBatches(state);
  epochs.truncateFromEnd(nextOffset);
  state.logStartOffset = Math.max(options.logStartOffset, segments.first!.baseOffset);
  epochs.truncateFromStart(options.logStartOffset);
  state.setEnd(nextOffset);
  state.snapshots.deleteStray(segments.all().map((segment) => segment.baseOffset));
  rebuildProducers(
    {
      ...{ segments, producers: state.producers, snapshots: state.snapshots, logStartOffset: state.logStartOffset },
      nowMs: environment.clock.nowMs(),
      producerIdExpirationMs: environment.settings.producerIdExpirationMs,
      isCleanReload: options.isClean,
      forgetsExpired: !options.isClean,
    },
    nextOffset,
  );
  state.recoveryPoint = Math.max(state.recoveryPoint, state.logStartOffset);
  state.setHighWatermark(state.logStartOffset);
}

/** Removes what is of no use, and completes the exchange of segments that compaction had begun; returns the names there are then. */
function finishSwaps(state: LogState, names: readonly string[]): readonly string[] {
  const { storage } = state.environment;
  const transient = names.filter((name) => /\.(deleted|cleaned|swap)$/.test(name));
  if (transient.length === 0) return names;
  const cleaned = names.filter((name) => name.endsWith(CLEANED_SUFFIX));
  const firstCleaned = Math.min(...cleaned.map((name) => offsetOfFileName(name) ?? Number.POSITIVE_INFINITY));
  const swaps = names.filter((name) => name.endsWith(SWAP_SUFFIX));
  const remove = (name: string): void => void storage.delete(`${state.directory}/${name}`);
  names.filter((name) => name.endsWith(DELETED_SUFFIX) && !name.endsWith(CHECKPOINT_DELETED_SUFFIX)).forEach(remove);
  // Files become .swap from the last to the first: one behind a .cleaned one is of an exchange that was not complete.
  swaps.filter((name) => (offsetOfFileName(name) ?? -1) >= firstCleaned).forEach(remove);
  cleaned.forEach(remove);
  completeSwaps(
    state,
    swaps.filter((name) => (offsetOfFileName(name) ?? -1) < firstCleaned),
  );
  return fileNamesIn(storage, state.directory);
}

/** Removes the segments that swap files replace, and gives these their names. */
function completeSwaps(state: LogState, swaps: readonly string[]): void {
  const { storage } = state.environment;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const name of swaps.filter((swap) => swap.endsWith(LOG_SUFFIX + SWAP_SUFFIX))) {
    const segment = openSegment(state, offsetOfFileName(name)!, false, SWAP_SUFFIX);
    from = Math.min(from, segment.baseOffset);
    to = Math.max(to, nextOffsetOf(segment));
    segment.closeFiles();
  }
  for (const name of fileNamesIn(storage, state.directory)) {
    const offset = offsetOfFileName(name) ?? -1;
    if (!name.endsWith(SWAP_SUFFIX) && offset >= from && offset < to) storage.delete(`${state.directory}/${name}`);
  }
  for (const name of swaps) {
    const path = `${state.directory}/${name}`;
    storage.rename(path, path.slice(0, -SWAP_SUFFIX.length));
  }
  if (swaps.length > 0)
    state.environment.logger.info({ log: state.name, swaps }, 'completed an interrupted compaction');
}

/** Of a segment that may have a damaged end, an offset that it reaches at least. */
function nextOffsetOf(segment: LogSegment): number {
  try {
    return Math.max(segment.readNextOffset(), segment.baseOffset + 1);
  } catch (error) {
    if (error instanceof CorruptDataError) return segment.baseOffset + 1;
    throw error;
  }
}

/** Opens all segments; one without its index is recovered at once. */
function* openSegments(state: LogState, fileNames: readonly string[], options: LoadOptions): Steps<void> {
  const { storage, logger } = state.environment;
  const names = new Set(fileNames);
  for (const name of names) {
    const offset = offsetOfFileName(name);
    if (offset === null) continue;
    if (isIndexFileName(name) && !names.has(segmentFileName(offset, LOG_SUFFIX))) {
      logger.warn({ log: state.name, name }, 'removing an index file without its log file');
      storage.delete(`${state.directory}/${name}`);
    }
    if (!name.endsWith(LOG_SUFFIX)) continue;
    const segment = openSegment(state, offset, names.has(segmentFileName(offset, TXN_INDEX_SUFFIX)));
    const isDamaged = !names.has(segmentFileName(offset, INDEX_SUFFIX)) || !hasGoodTxnIndex(segment);
    if (!names.has(segmentFileName(offset, TIME_INDEX_SUFFIX))) segment.timeIndex.reset();
    // Segments that recovery will go through anyway are left to it.
    if (isDamaged && (options.isClean || offset < options.recoveryPoint)) {
      logger.warn({ log: state.name, baseOffset: offset }, 'rebuilding the missing or damaged indexes of a segment');
      yield* recoverOne(state, segment, { logStartOffset: options.logStartOffset, isLast: false });
    }
    state.segments.add(segment);
  }
}

function hasGoodTxnIndex(segment: LogSegment): boolean {
  try {
    segment.txnIndex.check(segment.baseOffset);
    return true;
  } catch (error) {
    if (error instanceof CorruptDataError) return false;
    throw error;
  }
}

function openSegment(state: LogState, baseOffset: number, hasTxnIndex: boolean, transition = ''): LogSegment {
  const { storage, clock, recentWrites } = state.environment;
  const path = `${state.directory}/${segmentFileName(baseOffset, LOG_SUFFIX, transition)}`;
  return new LogSegment({
    storage,
    directory: state.directory,
    baseOffset,
    config: state.config,
    nowMs: clock.nowMs(),
    rollJitterMs: state.rollJitterMs(),
    writesBefore: recentWrites.total,
    transition,
    existingSize: storage.status(path)?.size ?? 0,
    hasTxnIndex,
  });
}

/** Recovers the segments that may not be durable; after the first broken one everything later goes. */
function* recover(state: LogState, { recoveryPoint, logStartOffset, onProgress }: LoadOptions): Steps<void> {
  const { segments, environment } = state;
  const unflushed = segments.range(recoveryPoint, Number.POSITIVE_INFINITY);
  for (const [index, segment] of unflushed.entries()) {
    onProgress?.(unflushed.length - index);
    const later = unflushed.slice(index + 1);
    const removedBytes = yield* recoverOrEmpty(state, segment, { logStartOffset, isLast: later.length === 0 });
    if (removedBytes === 0 && !isFollowedByHole(state, segment, later[0])) continue;
    environment.logger.warn(
      { log: state.name, baseOffset: segment.baseOffset, removedBytes, laterSegments: later.length },
      'cut off what an unclean stop left unfinished',
    );
    condemnSnapshots(state, later);
    removeSegments(state, later.toReversed());
    return;
  }
}

/**
 * The files of an orderly stop end with a whole batch, unless somebody cut or copied them halfway: appends must not go behind that rest.
 *
 * Errors: `CorruptDataError` when the tail makes no sense.
 */
function* cutUnfinishedTail(state: LogState, { logStartOffset }: LoadOptions): Steps<void> {
  const { segments, environment } = state;
  if (segments.isEmpty) return;
  const { active } = segments;
  if (active.readTail().end === active.size) return;
  const removedBytes = yield* recoverOne(state, active, { logStartOffset, isLast: true });
  environment.logger.warn(
    { log: state.name, baseOffset: active.baseOffset, removedBytes },
    'cut off an unfinished batch at the end of a log that was closed in order',
  );
}

/**
 * A new segment may survive a loss of power that its predecessor's last writes did not: what follows then is not the log's continuation.
 * Where compaction is at work, segments may end early in order.
 */
function isFollowedByHole(state: LogState, segment: LogSegment, next: LogSegment | undefined): boolean {
  return next !== undefined && !state.config.compact && segment.readNextOffset() < next.baseOffset;
}

function* recoverOrEmpty(state: LogState, segment: LogSegment, options: SegmentOptions): Steps<number> {
  try {
    return yield* recoverOne(state, segment, options);
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    const { logger, clock } = state.environment;
    logger.warn(
      { log: state.name, baseOffset: segment.baseOffset, error: error.message },
      'emptying a segment that makes no sense',
    );
    const size = segment.size;
    segment.resetIndexes();
    segment.truncateFile(0, clock.nowMs());
    return size;
  }
}

interface SegmentOptions {
  readonly logStartOffset: number;
  /** No segment follows. */
  readonly isLast: boolean;
}

/** Recovers one segment, with the producers as they were where it begins; returns how many bytes are gone. */
function* recoverOne(state: LogState, segment: LogSegment, { logStartOffset, isLast }: SegmentOptions): Steps<number> {
  const { segments, snapshots, epochs, environment } = state;
  const nowMs = environment.clock.nowMs();
  const { indexIntervalBytes } = state.config;
  let removedBytes = 0;
  for (let isDone = false; !isDone; ) {
    const producers = new ProducerState(state.name);
    rebuildProducers(
      {
        ...{ segments, producers, snapshots, logStartOffset, nowMs, isCleanReload: false },
        producerIdExpirationMs: environment.settings.producerIdExpirationMs,
      },
      segment.baseOffset,
    );
    const recovered = yield* recoverSegment(segment, { producers, epochs, indexIntervalBytes, nowMs });
    removedBytes += recovered.removedBytes;
    isDone = !recovered.mustRepeat;
    // The next segment begins with these producers. Behind the last one the batches themselves tell more than a snapshot, which holds one of
    // each producer: those that were sent before a crash and are sent again are known as duplicates. Kafka takes one there, too, and loads it.
    if (isDone && !isLast) snapshots.take(producers);
  }
  segment.closeFiles();
  return removedBytes;
}

function readEpochsFromBatches({ segments, epochs }: LogState): void {
  epochs.clear();
  for (const segment of segments.all()) {
    const scan = new BatchScan(segment.log, 0, segment.size);
    while (scan.next()) {
      const epoch = scan.header?.partitionLeaderEpoch ?? -1;
      if (epoch > (epochs.latestEpoch ?? -1)) epochs.assign(epoch, scan.baseOffset);
    }
  }
}

/** The end of the log, or null without segments: also when the log ends before it starts, and all of it goes. */
function endOffsetAfter(state: LogState, { logStartOffset }: LoadOptions): number | null {
  const { segments, environment } = state;
  if (segments.isEmpty) return null;
  const { active } = segments;
  const endOffset = active.size === 0 ? active.baseOffset : active.readNextOffset();
  if (endOffset >= logStartOffset) return endOffset;
  environment.logger.warn({ log: state.name, endOffset, logStartOffset }, 'removing a log that ends before its start');
  condemnSnapshots(state, segments.all());
  removeSegments(state, segments.all());
  state.epochs.clear();
  state.snapshots.deleteAll();
  return null;
}

/** The files in a folder. */
export function fileNamesIn(storage: Storage, directory: string): string[] {
  return storage
    .list(directory)
    .filter((entry) => !entry.isDirectory)
    .map((entry) => entry.name);
}
