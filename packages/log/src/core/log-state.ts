/**
 * The state of one partition's log, shared by the functions that work on it; nobody else writes to it.
 *
 * ```
 *  logStartOffset ≤ lastStableOffset ≤ highWatermark ≤ logEndOffset ≤ writtenEndOffset ≤ stagedEndOffset
 *                                                      visible         in the file        has its offset
 *  recoveryPoint ≤ writtenEndOffset: everything below it is on the device
 * ```
 */
import { assert, type CorruptDataError, type Uuid } from '@skarab/base';
import { baseName, parentOf, type TopicPartition } from './file-names.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { LogConfig } from './log-config.ts';
import type { LogEnvironment } from './log-environment.ts';
import type { LogSegment } from './log-segment.ts';
import type { PartitionLog } from './partition-log.ts';
import type { ProducerSnapshots } from './producer-snapshots.ts';
import type { ProducerState } from './producer-state.ts';
import type { LogOffsetMetadata } from './results.ts';
import { LogSegments } from './segments.ts';
import { StagedBatches } from './staged-batches.ts';
import { LogTail } from './tail-cache.ts';

/** What a log is made from. */
export interface LogParts {
  readonly topicPartition: TopicPartition;
  readonly directory: string;
  readonly config: LogConfig;
  readonly topicId: Uuid | null;
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerState;
  readonly snapshots: ProducerSnapshots;
}

export class LogState {
  readonly topicPartition: TopicPartition;
  /** `<topic>-<partition>`. */
  readonly name: string;
  readonly environment: LogEnvironment;
  readonly segments = new LogSegments();
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerState;
  readonly snapshots: ProducerSnapshots;
  readonly tail: LogTail;
  readonly staged = new StagedBatches();
  /** Segments whose files are marked and wait to be removed. */
  readonly condemned = new Set<LogSegment>();
  /** Where the log is; changes when it becomes another kind of log. */
  directory: string;
  config: LogConfig;
  topicId: Uuid | null;
  logStartOffset = 0;
  /** The visible end, and where it is. */
  logEnd: LogOffsetMetadata = { offset: 0, segmentBaseOffset: 0, position: 0 };
  writtenEndOffset = 0;
  stagedEndOffset = 0;
  highWatermark = 0;
  recoveryPoint = 0;
  lastFlushMs: number;
  /** Files were created or renamed since the folder was last synced. */
  isDirectoryDirty = false;
  isClosed = false;
  /** Where the bounds of recent reads are. */
  knownBounds: readonly LogOffsetMetadata[] = [];
  /** How often the log was cut: what was begun before must not draw conclusions after. */
  cutCount = 0;
  /** The log as others know it; set when it is complete. */
  owner: PartitionLog | null = null;
  #reportedDamage = '';

  constructor(parts: LogParts, environment: LogEnvironment) {
    this.topicPartition = parts.topicPartition;
    this.name = `${parts.topicPartition.topic}-${parts.topicPartition.partition}`;
    this.directory = parts.directory;
    this.config = parts.config;
    this.topicId = parts.topicId;
    this.epochs = parts.epochs;
    this.producers = parts.producers;
    this.snapshots = parts.snapshots;
    this.environment = environment;
    this.tail = new LogTail(environment.tailCache, () => this.writtenEndOffset);
    this.lastFlushMs = environment.clock.nowMs();
  }

  /** The log directory that this log is in. */
  get logDir(): string {
    return parentOf(this.directory);
  }

  get isFuture(): boolean {
    return baseName(this.directory).endsWith('-future');
  }

  /** The first offset that readers of committed data must not pass; null without open transactions. */
  get firstUnstableOffset(): number | null {
    const offset = this.producers.firstUnstableOffset;
    // Records of an open transaction may have been deleted: then its first offset counts as the log's.
    return offset === null ? null : Math.max(offset, this.logStartOffset);
  }

  get lastStableOffset(): number {
    return Math.min(this.firstUnstableOffset ?? this.highWatermark, this.highWatermark);
  }

  /** The end of the file, which is visible once published. */
  writtenEnd(): LogOffsetMetadata {
    const { active } = this.segments;
    return { offset: this.writtenEndOffset, segmentBaseOffset: active.baseOffset, position: active.size };
  }

  /** Sets all three ends, when nothing is staged. */
  setEnd(offset: number): void {
    assert(this.staged.isEmpty, 'batches are staged');
    this.stagedEndOffset = offset;
    this.writtenEndOffset = offset;
    this.logEnd = this.writtenEnd();
    this.recoveryPoint = Math.min(this.recoveryPoint, offset);
  }

  /** Moves the high watermark to where it may be: inside the log. */
  setHighWatermark(offset: number): void {
    this.highWatermark = Math.max(this.logStartOffset, Math.min(offset, this.logEnd.offset));
    this.producers.onHighWatermark(this.highWatermark);
  }

  /** Tells the operator of damage that a reader met, once for the same place. */
  reportDamage({ file, position, message }: CorruptDataError): void {
    const place = `${file}:${position}`;
    if (place === this.#reportedDamage) return;
    this.#reportedDamage = place;
    this.environment.logger.error({ log: this.name, file, position, error: message }, 'a segment is damaged');
  }

  /** Milliseconds taken off `segment.ms` for a new segment. */
  rollJitterMs(): number {
    const { segmentJitterMs, segmentMs } = this.config;
    const bound = Math.min(segmentJitterMs, segmentMs);
    return bound === 0 ? 0 : Math.floor(this.environment.random.next() * bound);
  }
}
