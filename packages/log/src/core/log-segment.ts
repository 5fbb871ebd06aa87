/**
 * One segment: a `.log` file with its three indexes, and when it is full.
 *
 * Appends are written by the log's writer; the segment is told of each batch afterwards (`onBatchWritten`). Indexes lag behind the file
 * in memory until `writeIndexes`, which comes before every sync. Source: org.apache.kafka.storage.internals.log.LogSegment.
 */
import { CorruptDataError } from '@skarab/base';
import type { Storage, StorageFile } from '../ports.ts';
import { type BatchPlace, BatchScan, SCAN_BLOCK_SIZE } from './batch-scan.ts';
import { INDEX_SUFFIX, LOG_SUFFIX, segmentFileName, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX } from './file-names.ts';
import { enterBatches } from './index-rebuild.ts';
import { type LogConfig, maxSegmentMs } from './log-config.ts';
import { OffsetIndex } from './offset-index.ts';
import { TimeIndex, type TimestampOffset } from './time-index.ts';
import { TransactionIndex } from './transaction-index.ts';

/** How to open a segment. */
export interface SegmentOptions {
  readonly storage: Storage;
  readonly directory: string;
  readonly baseOffset: number;
  readonly config: LogConfig;
  readonly nowMs: number;
  /** Subtracted from `segment.ms`, so that many partitions do not roll together. */
  readonly rollJitterMs: number;
  /** Behind the file names: `.cleaned` or `.swap`. */
  readonly transition?: string;
  /** Size of an existing segment; absent for a new one, whose files are created. */
  readonly existingSize?: number;
  /** `RecentWrites.total` now. */
  readonly writesBefore: number;
  /** Whether an existing segment has a `.txnindex`. */
  readonly hasTxnIndex?: boolean;
}

/** An append that the active segment may be too full for. */
export interface RollQuestion {
  readonly config: LogConfig;
  /** Bytes that will be written before it. */
  readonly stagedBytes: number;
  readonly sizeInBytes: number;
  readonly maxTimestamp: number;
  readonly lastOffset: number;
  readonly nowMs: number;
}

/** For scans that end before another can begin. */
const shared = new Uint8Array(SCAN_BLOCK_SIZE);

export class LogSegment {
  readonly baseOffset: number;
  readonly log: StorageFile;
  readonly offsetIndex: OffsetIndex;
  readonly timeIndex: TimeIndex;
  readonly txnIndex: TransactionIndex;
  readonly rollJitterMs: number;
  /** Bytes of batches in the file (a preallocated file is longer). */
  size: number;
  readonly #storage: Storage;
  readonly #existingSize: number;
  readonly #writesBefore: number;
  readonly #indexIntervalBytes: number;
  readonly #isPreallocated: boolean;
  #createdMs: number;
  /** Timestamp of the first batch; undefined until looked at, -1 when it has none. */
  #firstTimestamp: number | undefined;
  /** Largest timestamp so far, and the last offset of its batch; null until looked at. */
  #maxTimestamp: TimestampOffset | null = null;
  #bytesSinceIndexEntry = 0;
  #hasChanged = false;
  #isLogDirty = false;

  constructor(options: SegmentOptions) {
    const { storage, directory, baseOffset, config, transition, existingSize } = options;
    const isNew = existingSize === undefined;
    const fileOf = (suffix: string): StorageFile =>
      storage.file(`${directory}/${segmentFileName(baseOffset, suffix, transition)}`);
    this.#storage = storage;
    this.baseOffset = baseOffset;
    this.log = fileOf(LOG_SUFFIX);
    this.offsetIndex = new OffsetIndex(fileOf(INDEX_SUFFIX), baseOffset, config.segmentIndexBytes, isNew);
    this.timeIndex = new TimeIndex(fileOf(TIME_INDEX_SUFFIX), baseOffset, config.segmentIndexBytes, isNew);
    this.txnIndex = new TransactionIndex(fileOf(TXN_INDEX_SUFFIX), isNew || options.hasTxnIndex !== true);
    this.rollJitterMs = options.rollJitterMs;
    this.size = existingSize ?? 0;
    this.#existingSize = this.size;
    this.#writesBefore = options.writesBefore;
    this.#indexIntervalBytes = config.indexIntervalBytes;
    this.#isPreallocated = isNew && config.preallocate;
    this.#createdMs = options.nowMs;
    if (isNew) this.#createFiles(config);
  }

  /** Whether the append needs a new segment. */
  shouldRoll(question: RollQuestion): boolean {
    const { config, sizeInBytes, nowMs, maxTimestamp } = question;
    const size = this.size + question.stagedBytes;
    if (size > config.segmentBytes - sizeInBytes) return true;
    if (size > 0) {
      const waitedMs = this.#waitedForRoll(nowMs, maxTimestamp);
      if (waitedMs > maxSegmentMs(config) - this.rollJitterMs) return true;
    }
    return this.offsetIndex.isFull || this.timeIndex.isFull || !this.offsetIndex.canAppendOffset(question.lastOffset);
  }

  /** The first batch of the segment has this timestamp. */
  noteFirstTimestamp(timestamp: number): void {
    this.#firstTimestamp = timestamp;
  }

  /** A batch now lies in the file at `size`: enters it in the indexes when it is time. */
  onBatchWritten(lastOffset: number, maxTimestamp: number, sizeInBytes: number): void {
    const position = this.size;
    if (maxTimestamp > this.maxTimestamp.timestamp)
      this.#maxTimestamp = { timestamp: maxTimestamp, offset: lastOffset };
    if (this.#bytesSinceIndexEntry > this.#indexIntervalBytes) {
      this.appendIndexEntry(lastOffset, position);
      this.#bytesSinceIndexEntry = 0;
    }
    this.size = position + sizeInBytes;
    this.#hasChanged = true;
    this.#isLogDirty = true;
    this.#bytesSinceIndexEntry += sizeInBytes;
  }

  /** Enters a batch in both indexes. */
  appendIndexEntry(lastOffset: number, position: number): void {
    this.offsetIndex.append(lastOffset, position);
    this.timeIndex.maybeAppend(this.maxTimestamp.timestamp, this.maxTimestamp.offset);
  }

  /** The largest timestamp, and the last offset of the batch that has it; (-1, base offset) without any. */
  get maxTimestamp(): TimestampOffset {
    this.#maxTimestamp ??= this.timeIndex.lastEntry;
    return this.#maxTimestamp;
  }

  set maxTimestamp(found: TimestampOffset) {
    this.#maxTimestamp = found;
  }

  /** What retention by time goes by: the largest timestamp, or when the file was last written where there is none. */
  get largestTimestamp(): number {
    const { timestamp } = this.maxTimestamp;
    return timestamp >= 0 ? timestamp : this.modifiedMs;
  }

  get modifiedMs(): number {
    return this.#storage.status(this.log.path)?.modifiedMs ?? 0;
  }

  /** The time that compaction lag counts from: the first batch's timestamp; Infinity without any. */
  get firstBatchTimestamp(): number {
    const timestamp = this.#loadFirstTimestamp();
    return timestamp !== undefined && timestamp >= 0 ? timestamp : Number.POSITIVE_INFINITY;
  }

  /** A value of `RecentWrites.total` when the byte at `position` was not yet written; -Infinity when others wrote it. */
  writesBefore(position: number): number {
    if (position < this.#existingSize) return Number.NEGATIVE_INFINITY;
    return this.#writesBefore + position - this.#existingSize;
  }

  /**
   * The batch that holds `offset`, or the next one when none does; null when all are before it.
   *
   * Errors: `CorruptDataError` for bytes that are no batch, and when the last batch is not whole; `StorageError`.
   */
  findBatch(offset: number): BatchPlace | null {
    const scan = this.scanFrom(offset, shared);
    while (scan.next()) {
      if (scan.lastOffset >= offset) return { baseOffset: scan.baseOffset, position: scan.position, size: scan.size };
    }
    if (scan.end === this.size) return null;
    throw new CorruptDataError(`Record batch does not end where its segment of ${this.size} bytes does`, {
      file: this.log.path,
      position: scan.end,
    });
  }

  /**
   * A scan that begins at a batch before `offset` or at the one that holds it, whatever the index says: one that points elsewhere is built anew.
   *
   * Errors: `CorruptDataError`, `StorageError`.
   */
  scanFrom(offset: number, buffer?: Uint8Array): BatchScan {
    const scan = new BatchScan(this.log, this.offsetIndex.lookup(offset), this.size, buffer);
    if (scan.beginsAtOrBefore(offset, this.baseOffset)) return scan;
    this.#rebuildIndexes();
    return new BatchScan(this.log, this.offsetIndex.lookup(offset), this.size, buffer);
  }

  /** The offset after the last batch; reads from the last index entry on. Errors: `CorruptDataError`, `StorageError`. */
  readNextOffset(): number {
    return this.readTail().nextOffset;
  }

  /**
   * Reads from the last index entry on: the offset after the last whole batch, and where this ends.
   *
   * Errors: `CorruptDataError` for bytes that are no batch, `StorageError`.
   */
  readTail(): { nextOffset: number; end: number } {
    const scan = this.scanFrom(this.offsetIndex.lastOffset);
    let tail = { nextOffset: this.baseOffset, end: scan.end };
    while (scan.next()) tail = { nextOffset: scan.lastOffset + 1, end: scan.position + scan.size };
    return tail;
  }

  /** Removes everything from the batch that holds `offset` on; returns how many bytes that were. */
  truncateTo(offset: number, nowMs: number): number {
    const place = this.findBatch(offset);
    this.offsetIndex.truncateTo(offset);
    this.timeIndex.truncateTo(offset);
    this.txnIndex.truncateTo(offset);
    const removed = place === null ? 0 : this.size - place.position;
    if (place !== null) this.truncateFile(place.position, nowMs);
    this.#bytesSinceIndexEntry = 0;
    if (this.maxTimestamp.timestamp >= 0) this.#maxTimestamp = this.#readMaxTimestamp();
    return removed;
  }

  /** Cuts the file; the indexes are the caller's business. */
  truncateFile(size: number, nowMs: number): void {
    this.log.truncate(size);
    this.size = size;
    this.#hasChanged = true;
    this.#isLogDirty = true;
    if (size > 0) return;
    this.#createdMs = nowMs;
    this.#firstTimestamp = undefined;
  }

  /** Forgets what the indexes say, before they are built anew. */
  resetIndexes(): void {
    this.offsetIndex.entries.reset();
    this.timeIndex.reset();
    if (this.txnIndex.entries.count > 0) this.txnIndex.entries.reset();
    this.#maxTimestamp = { timestamp: -1, offset: this.baseOffset };
    this.#firstTimestamp = undefined;
    this.#bytesSinceIndexEntry = 0;
  }

  /** Writes the index entries that are in memory only. */
  writeIndexes(): void {
    this.offsetIndex.entries.writePending();
    this.timeIndex.entries.writePending();
    this.txnIndex.entries.writePending();
  }

  /** The segment takes no more appends: completes the time index and lets memory and preallocated space go. */
  becomeInactive(): void {
    this.timeIndex.maybeAppend(this.maxTimestamp.timestamp, this.maxTimestamp.offset);
    this.writeIndexes();
    for (const { entries } of this.#indexes) entries.releaseMemory();
    if (this.#isPreallocated) this.log.truncate(this.size);
  }

  /** As `becomeInactive`, for the end of the process; nothing is done when nothing was appended in it. Returns whether it was. */
  complete(): boolean {
    if (!this.#hasChanged && !this.#isPreallocated) return false;
    this.becomeInactive();
    return true;
  }

  closeFiles(): void {
    for (const file of this.files) file.close();
  }

  /** All four files, whether they exist or not. */
  get files(): readonly StorageFile[] {
    return [this.log, ...this.#indexes.map((index) => index.entries.file)];
  }

  /** Takes over the files that were changed since they were last taken: they are to be synced. */
  takeFilesToSync(): StorageFile[] {
    const files: StorageFile[] = [];
    if (this.#isLogDirty) files.push(this.log);
    this.#isLogDirty = false;
    for (const { entries } of this.#indexes) {
      if (entries.isDirty) files.push(entries.file);
      entries.isDirty = false;
    }
    return files;
  }

  get isMarked(): boolean {
    return !this.log.path.endsWith(LOG_SUFFIX);
  }

  /** Exchanges what is behind the file names: '', `.cleaned`, `.swap` or `.deleted`. */
  renameFiles(from: string, to: string): void {
    for (const file of this.files) file.rename(file.path.slice(0, file.path.length - from.length) + to);
  }

  /** The log's folder has moved. */
  relocate(directory: string): void {
    for (const file of this.files) file.relocate(`${directory}${file.path.slice(file.path.lastIndexOf('/'))}`);
  }

  /** Removes the files at once, of a segment that nobody reads. */
  delete(): void {
    for (const file of this.files) file.delete();
  }

  /** Gives the files the age of those they replace. */
  setModifiedMs(modifiedMs: number): void {
    for (const file of [this.log, this.offsetIndex.entries.file, this.timeIndex.entries.file]) {
      this.#storage.setModifiedMs(file.path, modifiedMs);
    }
  }

  /** From the headers of the batches, because the index on file is wrong. */
  #rebuildIndexes(): void {
    this.offsetIndex.entries.reset();
    this.timeIndex.reset();
    this.#maxTimestamp = { timestamp: -1, offset: this.baseOffset };
    enterBatches(this, this.#indexIntervalBytes);
    this.writeIndexes();
  }

  get #indexes(): readonly (OffsetIndex | TimeIndex | TransactionIndex)[] {
    return [this.offsetIndex, this.timeIndex, this.txnIndex];
  }

  #createFiles(config: LogConfig): void {
    if (config.preallocate) this.log.truncate(config.segmentBytes);
    else this.log.write([], 0);
    // Nothing is written to the indexes for a while: they do not hold descriptors that others need.
    for (const { file } of [this.offsetIndex.entries, this.timeIndex.entries]) {
      file.write([], 0);
      file.close();
    }
  }

  #waitedForRoll(nowMs: number, timestamp: number): number {
    const first = this.#loadFirstTimestamp() ?? -1;
    return first >= 0 ? timestamp - first : nowMs - this.#createdMs;
  }

  #loadFirstTimestamp(): number | undefined {
    if (this.#firstTimestamp === undefined) {
      const scan = new BatchScan(this.log, 0, this.size);
      if (scan.next()) this.#firstTimestamp = scan.maxTimestamp;
    }
    return this.#firstTimestamp;
  }

  #readMaxTimestamp(): TimestampOffset {
    let found = this.timeIndex.lastEntry;
    const scan = this.scanFrom(found.offset);
    while (scan.next()) {
      const timestamp = scan.maxTimestamp;
      if (timestamp > found.timestamp) found = { timestamp, offset: scan.lastOffset };
    }
    return found;
  }
}
