/**
 * The cleaning of one log: first the offset map of its dirty section, then each group of segments anew with what the map leaves of it.
 *
 * ```
 *  0 ........ clean ........ firstDirtyOffset .... dirty .... endOffset ... (no room in the map) ... upperBoundOffset ... active
 *  └───────────────────── groups, cleaned ─────────────────────┘
 *                            └───────── the map ───────────────┘
 * ```
 * Knows files only; that a new segment takes the place of old ones is the host's and the log's business.
 * Shape: steps. Source: org.apache.kafka.storage.internals.log.Cleaner.
 */
import { MAGIC_V2, nextBatchSize, RecordBatch } from '@skarab/records';
import type { Storage, StorageFile } from '../../ports.ts';
import { LOG_SUFFIX, segmentFileName } from '../file-names.ts';
import type { Steps } from '../steps.ts';
import { BatchFilter } from './batch-filter.ts';
import { CleanedSegmentWriter } from './cleaned-segment-writer.ts';
import { CleanedTransactions } from './cleaned-transactions.ts';
import { type CleanerStats, newCleanerStats } from './cleaner-stats.ts';
import type { CleaningTask, SegmentToClean } from './cleaning-task.ts';
import { MapBuilder } from './map-builder.ts';
import { OffsetMap } from './offset-map.ts';
import { PieceReader } from './piece-reader.ts';
import { groupSegments } from './segment-groups.ts';

const MAGIC_POSITION = 16;

export class Cleaning {
  readonly stats: CleanerStats = newCleanerStats();
  readonly #storage: Storage;
  readonly #task: CleaningTask;
  readonly #map: OffsetMap;
  readonly #reader: PieceReader;
  readonly #filter: BatchFilter;
  readonly #transactions: CleanedTransactions;
  readonly #legacyHorizonMs: number;

  constructor(storage: Storage, task: CleaningTask) {
    const { dedupeBufferBytes, loadFactor, readBufferBytes } = task.limits;
    this.#storage = storage;
    this.#task = task;
    this.#map = new OffsetMap({ maxBytes: dedupeBufferBytes, loadFactor, seed: task.seed });
    this.#reader = new PieceReader(readBufferBytes);
    this.#transactions = new CleanedTransactions(task.abortedTransactions);
    this.#filter = new BatchFilter(task, this.#map, this.#transactions, this.stats);
    this.#legacyHorizonMs = legacyHorizonMs(task);
  }

  /** The first offset that is not clean afterwards. */
  get endOffset(): number {
    return Math.max(this.#map.latestOffset + 1, this.#task.firstDirtyOffset);
  }

  /** Reads the dirty section, as far as the map has room for its keys. */
  *buildMap(): Steps<void> {
    const { segments, firstDirtyOffset, firstDirtyPosition, upperBoundOffset } = this.#task;
    const builder = new MapBuilder(this.#task, this.#map, this.stats);
    for (const [index, segment] of segments.entries()) {
      const nextBaseOffset = segments[index + 1]?.baseOffset ?? upperBoundOffset;
      if (nextBaseOffset <= firstDirtyOffset) continue;
      const isFirst = segment.baseOffset <= firstDirtyOffset;
      const start = isFirst ? firstDirtyPosition : 0;
      yield* this.#read(segment, start, (piece) => builder.add(piece));
      if (builder.isFull) break;
      // Where offsets are missing at the end of a segment, there is nothing to be known of them.
      this.#map.latestOffset = nextBaseOffset - 1;
    }
    this.stats.bufferUtilization = this.#map.utilization;
  }

  /** The groups to be cleaned one after the other, each into one new segment; after the map. */
  groups(): readonly (readonly SegmentToClean[])[] {
    const { segments, config, upperBoundOffset } = this.#task;
    const { endOffset } = this;
    const { segmentBytes, segmentIndexBytes } = config;
    return groupSegments(
      segments.filter(({ baseOffset }) => baseOffset < endOffset),
      { segmentBytes, segmentIndexBytes, upperBoundOffset },
    );
  }

  /** A writer for the new segment of a group. Errors: `StorageError`. */
  newSegment(group: readonly SegmentToClean[]): CleanedSegmentWriter {
    const { directory, config, nowMs } = this.#task;
    const { baseOffset } = group[0]!;
    return new CleanedSegmentWriter({ storage: this.#storage, directory, config, nowMs, baseOffset });
  }

  /** Writes what is left of a group. Errors: `CorruptDataError`, `StorageError`. */
  *clean(group: readonly SegmentToClean[], target: CleanedSegmentWriter): Steps<void> {
    for (const segment of group) {
      this.#filter.retainsLegacyTombstones = segment.modifiedMs > this.#legacyHorizonMs;
      yield* this.#read(segment, 0, (piece) => {
        this.stats.bytesRead += piece.length;
        this.#copy(piece, target);
        return true;
      });
    }
    target.complete();
  }

  #copy(piece: Uint8Array, target: CleanedSegmentWriter): void {
    const left: Uint8Array[] = [];
    for (let at = 0; at < piece.length; ) {
      const size = nextBatchSize(piece, at);
      const isBatch = piece[at + MAGIC_POSITION]! >= MAGIC_V2;
      const bytes = isBatch
        ? this.#filter.filter(new RecordBatch(piece, at))
        : this.#filter.filterLegacy(piece.subarray(at, at + size));
      if (bytes !== null) left.push(bytes);
      at += size;
    }
    const before = target.size;
    if (left.length > 0) target.append(left);
    target.appendAborted(this.#transactions.takeRetained());
    this.stats.bytesWritten += target.size - before;
  }

  *#read(segment: SegmentToClean, start: number, visit: (piece: Uint8Array) => boolean): Steps<void> {
    const file = this.#fileOf(segment);
    try {
      yield* this.#reader.read(file, start, segment.size, visit);
    } finally {
      file.close();
    }
  }

  #fileOf({ baseOffset }: SegmentToClean): StorageFile {
    return this.#storage.file(`${this.#task.directory}/${segmentFileName(baseOffset, LOG_SUFFIX)}`);
  }
}

/** Tombstones of older formats may go from segments that were last written before this. */
function legacyHorizonMs({ segments, firstDirtyOffset, config }: CleaningTask): number {
  const lastClean = segments.findLast(({ baseOffset }) => baseOffset < firstDirtyOffset);
  return lastClean === undefined ? 0 : lastClean.modifiedMs - config.deleteRetentionMs;
}
