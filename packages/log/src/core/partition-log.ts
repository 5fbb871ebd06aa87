/**
 * The log of one partition, as brokers and the raft layer use it.
 *
 * A facade: each call checks that the log directory is online, has one of the functions beside this file do the work, and reports
 * failures of the storage. Nothing here waits. Source: org.apache.kafka.storage.internals.log.UnifiedLog.
 */
import { assert, StorageError, type Uuid } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { encodePartitionMetadata } from './checkpoint-text.ts';
import { baseName, PARTITION_METADATA, type TopicPartition } from './file-names.ts';
import type { EpochEndOffset, EpochEntry } from './leader-epochs.ts';
import type { LogConfig } from './log-config.ts';
import type { LogSegment } from './log-segment.ts';
import type { LogState } from './log-state.ts';
import { findOffset, planRead } from './reading.ts';
import type {
  AppendOptions,
  AppendResult,
  LogOffsetMetadata,
  ProducerDescription,
  ReadOptions,
  ReadResult,
} from './results.ts';
import { deleteOldSegments, maybeIncrementLogStartOffset } from './retention.ts';
import { roll } from './rolling.ts';
import { stageAsLeader, stageGiven } from './staging.ts';
import { offsetForTimestamp, type TimestampAndOffset } from './timestamp-search.ts';
import { truncateFullyAndStartAt, truncateTo } from './truncation.ts';
import type { VerificationGuard } from './verification-state.ts';
import { writeStaged } from './writing.ts';

export class PartitionLog {
  /** For the functions of this package; nobody outside of it may look in. */
  readonly state: LogState;

  constructor(state: LogState) {
    this.state = state;
    state.owner = this;
  }

  get topicPartition(): TopicPartition {
    return this.state.topicPartition;
  }

  /** `<topic>-<partition>`. */
  get name(): string {
    return this.state.name;
  }

  /** The folder of this log. */
  get directory(): string {
    return this.state.directory;
  }

  /** The log directory that it is in. */
  get logDir(): string {
    return this.state.logDir;
  }

  /** True while it is a copy that will replace the log in another log directory. */
  get isFuture(): boolean {
    return this.state.isFuture;
  }

  get topicId(): Uuid | null {
    return this.state.topicId;
  }

  get config(): LogConfig {
    return this.state.config;
  }

  get logStartOffset(): number {
    return this.state.logStartOffset;
  }

  /** The offset that the next visible record will have. */
  get logEndOffset(): number {
    return this.state.logEnd.offset;
  }

  get logEndOffsetMetadata(): LogOffsetMetadata {
    return this.state.logEnd;
  }

  get highWatermark(): number {
    return this.state.highWatermark;
  }

  get lastStableOffset(): number {
    return this.state.lastStableOffset;
  }

  /** First offset of the oldest transaction that keeps the last stable offset back; null without one. */
  get firstUnstableOffset(): number | null {
    return this.state.firstUnstableOffset;
  }

  /** Everything below it survives a loss of power. */
  get recoveryPoint(): number {
    return this.state.recoveryPoint;
  }

  /** When the log was last made durable. */
  get lastFlushMs(): number {
    return this.state.lastFlushMs;
  }

  /** Bytes of all segments. */
  get size(): number {
    return this.state.segments.sizeInBytes;
  }

  get segmentCount(): number {
    return this.state.segments.count;
  }

  /** Base offsets of the segments, oldest first. */
  get segmentBaseOffsets(): readonly number[] {
    return this.state.segments.all().map((segment) => segment.baseOffset);
  }

  get isEmpty(): boolean {
    return this.logStartOffset === this.logEndOffset;
  }

  /** Changes the configuration for what comes; returns the old one. */
  updateConfig(config: LogConfig): LogConfig {
    const previous = this.state.config;
    this.state.config = config;
    return previous;
  }

  /**
   * Writes down which topic this is, if that is not known yet; returns false when it is another one.
   *
   * Errors: `StorageError`.
   */
  assignTopicId(topicId: Uuid): boolean {
    const { state } = this;
    if (state.topicId !== null) return state.topicId === topicId;
    this.#onStorage(() => {
      state.environment.storage.replaceFile(
        `${state.directory}/${PARTITION_METADATA}`,
        encodePartitionMetadata(topicId),
      );
      state.isDirectoryDirty = true;
    });
    state.topicId = topicId;
    return true;
  }

  /**
   * Appends the batch of a producer, of a coordinator or of the raft leader. What it answers is staged: see `AppendResult`.
   *
   * Walk: produce 6 — refuses when the log directory is offline, has the batch staged, wakes the writer.
   * Errors: `StorageError`.
   */
  appendAsLeader(bytes: Uint8Array, options: AppendOptions): AppendResult {
    return this.#staging(() => stageAsLeader(this.state, bytes, options));
  }

  /** Appends what was fetched from the leader. Errors: `StorageError`. */
  appendAsFollower(bytes: Uint8Array, options: Pick<AppendOptions, 'leaderEpoch'>): AppendResult {
    return this.#staging(() => stageGiven(this.state, bytes, options.leaderEpoch, 'replication'));
  }

  /**
   * Reads batches: a view of bytes in memory, or a slice of a file that must be released.
   *
   * Walk: fetch 6 — refuses when the log directory is offline.
   * Errors: `StorageError`.
   */
  read(options: ReadOptions): ReadResult {
    return this.#onStorage(() => planRead(this.state, options));
  }

  /** Where an offset is; -1 for what is not in the log. Errors: `StorageError`. */
  offsetMetadata(offset: number): LogOffsetMetadata {
    return this.#onStorage(() => findOffset(this.state, offset));
  }

  /** Moves the high watermark, also back, but not out of the log; returns where it is now. */
  updateHighWatermark(offset: number): number {
    this.state.setHighWatermark(offset);
    return this.state.highWatermark;
  }

  /** Moves the high watermark ahead; returns whether it did. */
  maybeIncrementHighWatermark(offset: number): boolean {
    assert(
      offset <= this.logEndOffset,
      `high watermark ${offset} beyond the end of ${this.name}, ${this.logEndOffset}`,
    );
    if (offset <= this.highWatermark) return false;
    this.state.setHighWatermark(offset);
    return true;
  }

  /** Moves the start of the log ahead; OFFSET_OUT_OF_RANGE above the high watermark. */
  maybeIncrementLogStartOffset(offset: number): ErrorCode {
    return this.#onStorage(() => maybeIncrementLogStartOffset(this.state, offset));
  }

  /** Removes everything from `offset` on; returns whether there was anything. Errors: `StorageError`. */
  truncateTo(offset: number): boolean {
    return this.#onStorage(() => truncateTo(this.state, offset));
  }

  /** Removes everything and goes on at `offset`. Errors: `StorageError`. */
  truncateFullyAndStartAt(offset: number, logStartOffset = offset): void {
    this.#onStorage(() => truncateFullyAndStartAt(this.state, offset, logStartOffset));
  }

  /** Begins a new segment, if the last one is not empty. Errors: `StorageError`. */
  roll(): void {
    this.#onStorage(() => roll(this.state));
  }

  /** Deletes what retention lets go; returns the number of segments. Errors: `StorageError`. */
  deleteOldSegments(): number {
    return this.#onStorage(() => deleteOldSegments(this.state));
  }

  /**
   * The first record that is not earlier than a time, or what one of the special timestamps stands for; null when there is none.
   *
   * Errors: `StorageError`, `CorruptDataError`.
   */
  offsetForTimestamp(timestamp: number): TimestampAndOffset | null {
    return this.#onStorage(() => offsetForTimestamp(this.state, timestamp));
  }

  /** The latest epoch that records or a leader have; null without any. */
  get latestEpoch(): number | null {
    return this.state.epochs.latestEpoch;
  }

  get epochEntries(): readonly EpochEntry[] {
    return this.state.epochs.entries;
  }

  /** A leader's epoch begins here, even if it will never write. */
  assignEpochStartOffset(epoch: number, startOffset: number): void {
    this.state.epochs.assign(epoch, startOffset);
  }

  /** Where an epoch, or the greatest known one below it, ends; null when nothing is known. */
  endOffsetForEpoch(epoch: number): EpochEndOffset | null {
    return this.state.epochs.endOffsetFor(epoch, this.logEndOffset);
  }

  activeProducers(): ProducerDescription[] {
    return [...this.state.producers.producers.values()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.lastSequence,
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTxnStartOffset: entry.currentTxnFirstOffset ?? -1,
      lastDataOffset: entry.lastDataOffset,
    }));
  }

  get producerIdCount(): number {
    return this.state.producers.producers.size;
  }

  /**
   * Begins verification of a transaction: returns the guard to append with, null when the transaction is under way and needs none,
   * or INVALID_PRODUCER_EPOCH.
   */
  startTransactionVerification(
    producerId: number,
    sequence: number,
    producerEpoch: number,
    supportsEpochBump: boolean,
  ): VerificationGuard | null | typeof ErrorCode.INVALID_PRODUCER_EPOCH {
    const { producers, environment } = this.state;
    const known = producers.producers.get(producerId);
    if (known !== undefined && producerEpoch < known.producerEpoch) return ErrorCode.INVALID_PRODUCER_EPOCH;
    if (producers.hasOngoingTransaction(producerId, producerEpoch)) return null;
    const nowMs = environment.clock.nowMs();
    return producers.startVerification(producerId, sequence, producerEpoch, supportsEpochBump, nowMs);
  }

  hasOngoingTransaction(producerId: number, producerEpoch: number): boolean {
    return this.state.producers.hasOngoingTransaction(producerId, producerEpoch);
  }

  /** True when a transaction is open that should have been ended long ago. */
  hasLateTransaction(): boolean {
    const { producers, environment } = this.state;
    return producers.hasLateTransaction(environment.clock.nowMs(), environment.settings.transactionMaxTimeoutMs);
  }

  removeExpiredProducers(): void {
    const { producers, environment } = this.state;
    producers.removeExpired(environment.clock.nowMs(), environment.settings.producerIdExpirationMs);
  }

  /** Makes durable what is appended so far, then calls back; the recovery point moves. */
  flush(onFlushed: (error: StorageError | null) => void = () => {}): void {
    this.state.environment.flush(this, onFlushed);
  }

  /**
   * Writes what makes the next loading quick. To be followed by a flush and `abandon`; `closePartitionLog` does all of it.
   *
   * Errors: `StorageError`.
   */
  complete(): void {
    const { state } = this;
    this.#onStorage(() => {
      writeStaged(state);
      const hasSnapshot = state.snapshots.take(state.producers) !== null;
      const hasIndexes = state.segments.active.complete();
      if (hasSnapshot || hasIndexes) state.isDirectoryDirty = true;
    });
  }

  /** Closes without writing: everything is durable, or the log directory is offline, or the log is being deleted. */
  abandon(): void {
    const { state } = this;
    state.isClosed = true;
    state.staged.clear();
    state.tail.clear();
    for (const segment of this.#allSegments()) segment.closeFiles();
  }

  /** The folder was renamed. */
  relocate(directory: string): void {
    const { state } = this;
    state.directory = directory;
    state.snapshots.relocate(directory);
    for (const segment of this.#allSegments()) segment.relocate(directory);
  }

  toString(): string {
    return `PartitionLog(${baseName(this.directory)}, start ${this.logStartOffset}, end ${this.logEndOffset})`;
  }

  #allSegments(): LogSegment[] {
    return [...this.state.segments.all(), ...this.state.condemned];
  }

  #staging(run: () => AppendResult): AppendResult {
    const { state } = this;
    const result = this.#onStorage(run);
    if (!state.staged.isEmpty) state.environment.onStaged(this);
    return result;
  }

  /** Runs what may touch the storage. */
  #onStorage<Result>(run: () => Result): Result {
    const { state } = this;
    const { environment } = state;
    if (state.isClosed || !environment.isOnline(state.logDir)) {
      throw new StorageError(state.logDir, 'OFFLINE', `The log ${state.name} in ${state.logDir} is closed or offline`);
    }
    try {
      return run();
    } catch (error) {
      if (error instanceof StorageError) environment.onStorageError(state.logDir, error);
      throw error;
    }
  }
}
