/**
 * Planning a read: which bytes of which segment, and from where.
 *
 * ```
 *  startOffset ─► segment ─► position of its batch (tail cache, or index and header scan)
 *  upper bound ─► position where the bytes end
 *  all of it in one stretch of the tail cache? a view of it : a slice of the file
 * ```
 * Source: org.apache.kafka.storage.internals.log.LocalLog (read), LogSegment (read).
 */
import { CorruptDataError } from '@skarab/base';
import { EMPTY_BYTES, ErrorCode } from '@skarab/protocol';
import { FileSlice } from '../file-slice.ts';
import type { BatchPlace } from './batch-scan.ts';
import type { LogSegment } from './log-segment.ts';
import type { LogState } from './log-state.ts';
import type { LogOffsetMetadata, ReadOptions, ReadResult, UpperBound } from './results.ts';
import { type CachedPlace, cachedBytes } from './tail-cache.ts';
import type { AbortedTxn } from './transaction-index.ts';

/** A batch to begin with, its segment, and its stretch when the tail cache has it. */
interface Start {
  readonly segment: LogSegment;
  readonly place: BatchPlace | CachedPlace;
}

const noTransactions: readonly AbortedTxn[] = [];

/**
 * Reads from the batch that holds the start offset up to `maxBytes` or the upper bound.
 *
 * Walk: fetch 7 — tail cache or index and header scan; cut at the upper bound; aborted transactions.
 * Errors: `StorageError`. Damage that a search for the batch meets is an answer, CORRUPT_MESSAGE, and is logged.
 */
export function planRead(state: LogState, options: ReadOptions): ReadResult {
  try {
    return planWholeRead(state, options);
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    state.reportDamage(error);
    return answer(state, ErrorCode.CORRUPT_MESSAGE, unknownPlace(options.startOffset));
  }
}

function planWholeRead(state: LogState, options: ReadOptions): ReadResult {
  const { startOffset, upperBound } = options;
  if (startOffset < state.logStartOffset || startOffset > state.logEnd.offset) {
    return answer(state, ErrorCode.OFFSET_OUT_OF_RANGE, unknownPlace(startOffset));
  }
  const bound = boundOffset(state, upperBound);
  if (startOffset >= bound) {
    return empty(state, startOffset === bound ? boundPlace(state, bound) : findOffset(state, startOffset), upperBound);
  }
  const start = findStart(state, startOffset);
  // Compaction may have removed everything from the start offset on.
  if (start === null) return empty(state, state.logEnd, upperBound);
  return readFrom(state, start, boundPlace(state, bound), options);
}

function readFrom(state: LogState, start: Start, bound: LogOffsetMetadata, options: ReadOptions): ReadResult {
  const { segment, place } = start;
  const fetchOffset = {
    offset: place.baseOffset,
    segmentBaseOffset: segment.baseOffset,
    position: place.position,
  };
  const endPosition = segment.baseOffset < bound.segmentBaseOffset ? segment.size : bound.position;
  const isBeyond = segment.baseOffset > bound.segmentBaseOffset || endPosition <= place.position;
  const maxBytes = options.minOneMessage ? Math.max(options.maxBytes, place.size) : options.maxBytes;
  if (maxBytes === 0 || isBeyond) return empty(state, fetchOffset, options.upperBound);
  const length = Math.min(endPosition - place.position, maxBytes);
  const abortedTransactions =
    options.upperBound === 'lastStable' ? findAborted(state, start, options.startOffset, length) : null;
  return {
    ...answer(state, ErrorCode.NONE, fetchOffset),
    records: bytesOf(state, start, length),
    firstEntryIncomplete: maxBytes < place.size,
    abortedTransactions,
  };
}

function bytesOf(state: LogState, { segment, place }: Start, length: number): Uint8Array | FileSlice {
  const cached = 'stretch' in place ? cachedBytes(place, length) : null;
  if (cached !== null) return cached;
  const view = segment.log.view(place.position, length);
  if (view !== undefined) return view;
  const isRecent = state.environment.recentWrites.isRecent(segment.writesBefore(place.position));
  return new FileSlice(segment.log, place.position, length, isRecent);
}

/** The first batch that ends at `offset` or later, in the segment of that offset or, when compaction left none there, a later one. */
function findStart(state: LogState, offset: number): Start | null {
  let segment = state.segments.floor(offset);
  const cached = state.tail.find(offset);
  if (cached !== null && cached.stretch.segmentBaseOffset === segment?.baseOffset) return { segment, place: cached };
  while (segment !== undefined) {
    const place = segment.findBatch(offset);
    if (place !== null) return { segment, place };
    segment = state.segments.higher(segment.baseOffset);
  }
  return null;
}

function boundOffset(state: LogState, upperBound: UpperBound): number {
  switch (upperBound) {
    case 'logEnd':
      return state.logEnd.offset;
    case 'highWatermark':
      return state.highWatermark;
    case 'lastStable':
      return state.lastStableOffset;
  }
}

/** Where the readable bytes end; remembered, since many reads ask for the same bound. */
function boundPlace(state: LogState, offset: number): LogOffsetMetadata {
  if (offset === state.logEnd.offset) return state.logEnd;
  const known = state.knownBounds.find((place) => place.offset === offset);
  if (known !== undefined) return known;
  const found = findOffset(state, offset);
  state.knownBounds = [found, ...state.knownBounds.slice(0, 1)];
  return found;
}

/** Where an offset of the log is: the position of its batch, or the end of its segment when no batch there holds it. */
export function findOffset(state: LogState, offset: number): LogOffsetMetadata {
  if (offset === state.logEnd.offset) return state.logEnd;
  if (offset < state.logStartOffset || offset > state.logEnd.offset) return unknownPlace(offset);
  const segment = state.segments.floor(offset);
  if (segment === undefined) return unknownPlace(offset);
  const cached = state.tail.find(offset);
  const place = cached?.stretch.segmentBaseOffset === segment.baseOffset ? cached : segment.findBatch(offset);
  return { offset, segmentBaseOffset: segment.baseOffset, position: place?.position ?? segment.size };
}

function unknownPlace(offset: number): LogOffsetMetadata {
  return { offset, segmentBaseOffset: -1, position: -1 };
}

/** The aborted transactions that overlap what is read. */
function findAborted(state: LogState, { segment, place }: Start, startOffset: number, length: number): AbortedTxn[] {
  const upperBound =
    segment.offsetIndex.upperBoundOffset(place.position + length) ??
    state.segments.higher(segment.baseOffset)?.baseOffset ??
    state.logEnd.offset;
  return collectAborted(state, segment, startOffset, upperBound);
}

/** The aborted transactions that overlap [startOffset, upperBoundOffset), from the index of `segment` and those after it. */
export function collectAborted(
  state: LogState,
  segment: LogSegment,
  startOffset: number,
  upperBoundOffset: number,
): AbortedTxn[] {
  const found: AbortedTxn[] = [];
  let current: LogSegment | undefined = segment;
  while (current !== undefined && !current.txnIndex.collect(startOffset, upperBoundOffset, found)) {
    current = state.segments.higher(current.baseOffset);
  }
  return found;
}

function empty(state: LogState, fetchOffset: LogOffsetMetadata, upperBound: UpperBound): ReadResult {
  const result = answer(state, ErrorCode.NONE, fetchOffset);
  return upperBound === 'lastStable' ? { ...result, abortedTransactions: noTransactions } : result;
}

function answer(state: LogState, errorCode: ErrorCode, fetchOffset: LogOffsetMetadata): ReadResult {
  return {
    errorCode,
    records: EMPTY_BYTES,
    fetchOffset,
    firstEntryIncomplete: false,
    abortedTransactions: null,
    logStartOffset: state.logStartOffset,
    logEndOffset: state.logEnd.offset,
    highWatermark: state.highWatermark,
    lastStableOffset: state.lastStableOffset,
  };
}
