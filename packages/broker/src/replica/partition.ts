/**
 * One partition as this broker sees it: who leads it, who is in sync, how far it is replicated, and who waits for that.
 *
 * Owns the leader's rules (epochs, minimum in-sync replicas, high watermark) around a PartitionLog that owns bytes and offsets. Expected
 * refusals are error codes. Invariant: logStartOffset <= lastStableOffset <= highWatermark <= logEndOffset.
 * Source: kafka.cluster.Partition.
 */
import { assert } from '@skarab/base';
import {
  type AppendOptions,
  FileSlice,
  type PartitionLog,
  type ReadResult,
  type UpperBound,
  type VerificationGuard,
} from '@skarab/log';
import type { LocalReplica, PartitionRegistration } from '@skarab/metadata';
import { EMPTY_BYTES, ErrorCode } from '@skarab/protocol';
import type { RecordError } from '@skarab/records';
import { type OffsetWaiter, OffsetWaits } from './offset-waits.ts';
import { Traffic } from './traffic.ts';

/** A consumer or follower that waits for more bytes of partitions. */
export interface FetchWatcher {
  /** `bytes` more can be read from this partition; 0 where the amount is not known. */
  onReadable(bytes: number): void;
  /** The partition cannot be read any more, or its bounds changed: answer now. */
  onDisturbed(): void;
}

/** What an append came to. */
export type PartitionAppendResult =
  | {
      readonly errorCode: 0;
      readonly baseOffset: number;
      readonly nextOffset: number;
      readonly logAppendTimeMs: number;
      readonly logStartOffset: number;
    }
  | {
      readonly errorCode: number;
      readonly errorMessage: string | null;
      readonly recordErrors: readonly RecordError[];
      readonly logStartOffset: number;
    };

/** How a batch came here. */
export type AppendSource = 'client' | 'coordinator';

/** What a batch of a transaction brings along. */
export type TransactionalAppend = Pick<AppendOptions, 'verificationGuard' | 'transactionVersion'>;

/** Where the leader's log parts from the reader's. */
export interface Divergence {
  readonly epoch: number;
  readonly endOffset: number;
}

/** What a read came to; `read` is absent when nothing may be read. */
export interface PartitionReadResult {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly diverging: Divergence | undefined;
  readonly read: ReadResult | undefined;
}

export class Partition {
  readonly topic: string;
  readonly topicId: string;
  readonly index: number;
  readonly traffic = new Traffic();
  #log: PartitionLog;
  readonly #nodeId: number;
  #registration: PartitionRegistration;
  #leaderEpochStartOffset = 0;
  readonly #written = new OffsetWaits();
  readonly #replicated = new OffsetWaits();
  readonly #watchers = new Set<FetchWatcher>();
  #isOffline = false;
  /** Size of the log when it was last heard of. */
  #lastSize: number;
  /** `min.insync.replicas` of the topic. */
  minInsyncReplicas: number;

  constructor(nodeId: number, replica: LocalReplica, log: PartitionLog, minInsyncReplicas: number) {
    this.#nodeId = nodeId;
    this.topic = replica.topic;
    this.topicId = replica.topicId;
    this.index = replica.partition;
    this.#log = log;
    this.#registration = replica.registration;
    this.#lastSize = log.size;
    this.minInsyncReplicas = minInsyncReplicas;
    if (this.isLeader) this.#becomeLeader();
  }

  /** Where the records are; another one after a move to another log directory. */
  get log(): PartitionLog {
    return this.#log;
  }

  get leaderEpoch(): number {
    return this.#registration.leaderEpoch;
  }

  get isLeader(): boolean {
    return this.#registration.leader === this.#nodeId && !this.#isOffline;
  }

  get isOffline(): boolean {
    return this.#isOffline;
  }

  get registration(): PartitionRegistration {
    return this.#registration;
  }

  /** Takes over a new registration from the metadata; an election starts a leader epoch in the log. */
  applyRegistration(registration: PartitionRegistration): void {
    const isElected = registration.leader === this.#nodeId && registration.leaderEpoch > this.#registration.leaderEpoch;
    this.#registration = registration;
    if (registration.leader !== this.#nodeId) this.#disturb(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    else if (isElected) this.#becomeLeader();
    this.#maybeAdvanceHighWatermark(0);
  }

  /** Stages a batch as leader. Nothing of it can be read, and nobody is answered, before the log says it is written. */
  append(
    bytes: Uint8Array,
    acks: number,
    source: AppendSource,
    transaction: TransactionalAppend = {},
  ): PartitionAppendResult {
    const refusal = this.#refusalToAppend(acks);
    if (refusal !== undefined) return { ...refusal, recordErrors: [], logStartOffset: -1 };
    const result = this.log.appendAsLeader(bytes, { leaderEpoch: this.leaderEpoch, origin: source, ...transaction });
    const { logStartOffset } = this.log;
    if (result.errorCode !== ErrorCode.NONE) {
      return {
        errorCode: result.errorCode,
        errorMessage: result.errorMessage,
        recordErrors: result.recordErrors,
        logStartOffset,
      };
    }
    this.traffic.messagesIn += result.lastOffset - result.firstOffset + 1;
    this.traffic.bytesIn += bytes.byteLength;
    return {
      errorCode: 0,
      baseOffset: result.firstOffset,
      nextOffset: result.lastOffset + 1,
      logAppendTimeMs: result.logAppendTimeMs,
      logStartOffset,
    };
  }

  /** The guard with which the first records of a transaction must come, null when they need none, or an error code. */
  startTransactionVerification(
    producerId: number,
    sequence: number,
    producerEpoch: number,
    supportsEpochBump: boolean,
  ): VerificationGuard | null | ErrorCode {
    if (this.#isOffline) return ErrorCode.KAFKA_STORAGE_ERROR;
    if (!this.isLeader) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
    return this.log.startTransactionVerification(producerId, sequence, producerEpoch, supportsEpochBump);
  }

  /** Calls `waiter` when everything below `nextOffset` is written (acks 1) or replicated as `acks` asks (acks -1). */
  whenAcknowledged(acks: number, nextOffset: number, waiter: OffsetWaiter): void {
    if (this.#isOffline) waiter(ErrorCode.KAFKA_STORAGE_ERROR);
    else if (acks === -1 ? this.log.highWatermark >= nextOffset : this.log.logEndOffset >= nextOffset)
      waiter(this.#ackError(acks));
    else (acks === -1 ? this.#replicated : this.#written).add(nextOffset, waiter);
  }

  /** The log has written what was staged: it is visible up to its end now. */
  onWritten(): void {
    const { size } = this.log;
    // Retention may have made the log smaller meanwhile; then nobody can tell how much is new, and readers look for themselves.
    const bytes = size >= this.#lastSize ? size - this.#lastSize : Number.POSITIVE_INFINITY;
    this.#lastSize = size;
    this.#written.reach(this.log.logEndOffset, ErrorCode.NONE);
    this.#maybeAdvanceHighWatermark(bytes);
  }

  /** The replica has moved: `log` holds the same records in another directory. */
  replaceLog(log: PartitionLog): void {
    assert(log.logEndOffset === this.#log.logEndOffset, 'a moved replica has all records');
    this.#log = log;
    this.#lastSize = log.size;
  }

  /** The partition's directory is gone. */
  goOffline(): void {
    this.#isOffline = true;
    this.#disturb(ErrorCode.KAFKA_STORAGE_ERROR);
  }

  /** The partition is gone from this broker. */
  close(): void {
    this.#disturb(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  /** Checks a leader epoch that a client or follower knows; -1 means it does not say. */
  checkLeaderEpoch(currentLeaderEpoch: number): number {
    if (this.#isOffline) return ErrorCode.KAFKA_STORAGE_ERROR;
    if (currentLeaderEpoch >= 0 && currentLeaderEpoch < this.leaderEpoch) return ErrorCode.FENCED_LEADER_EPOCH;
    if (currentLeaderEpoch > this.leaderEpoch) return ErrorCode.UNKNOWN_LEADER_EPOCH;
    return this.isLeader ? ErrorCode.NONE : ErrorCode.NOT_LEADER_OR_FOLLOWER;
  }

  /** Plans a read of at most `maxBytes` from `fetchOffset`, bounded by what the reader may see. */
  read(request: {
    readonly fetchOffset: number;
    readonly maxBytes: number;
    readonly minOneMessage: boolean;
    readonly upperBound: UpperBound;
    readonly currentLeaderEpoch: number;
    readonly lastFetchedEpoch: number;
  }): PartitionReadResult {
    const errorCode = this.checkLeaderEpoch(request.currentLeaderEpoch);
    if (errorCode !== ErrorCode.NONE) return failedRead(errorCode);
    const { log } = this;
    const bounds = {
      highWatermark: log.highWatermark,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: log.logStartOffset,
    };
    const diverging = this.#divergence(request.lastFetchedEpoch, request.fetchOffset);
    if (diverging === 'unknown epoch') return failedRead(ErrorCode.OFFSET_OUT_OF_RANGE);
    if (diverging !== undefined) return { errorCode: ErrorCode.NONE, ...bounds, diverging, read: undefined };
    const read = log.read({
      startOffset: request.fetchOffset,
      maxBytes: request.maxBytes,
      minOneMessage: request.minOneMessage,
      upperBound: request.upperBound,
    });
    if (read.errorCode !== ErrorCode.NONE) return failedRead(read.errorCode);
    return {
      errorCode: ErrorCode.NONE,
      ...bounds,
      diverging: undefined,
      read: read.firstEntryIncomplete ? emptied(read) : read,
    };
  }

  /** Whether a broker fetches this partition as its follower. */
  isFollower(replicaId: number): boolean {
    return replicaId !== this.#nodeId && this.#registration.replicas.includes(replicaId);
  }

  /** True when the high watermark has not caught up with this leader's own epoch yet. */
  get isHighWatermarkBehindEpoch(): boolean {
    return this.#leaderEpochStartOffset > this.log.highWatermark;
  }

  watch(watcher: FetchWatcher): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: FetchWatcher): void {
    this.#watchers.delete(watcher);
  }

  /** The log's start moved: readers below it must be told. */
  onLogStartMoved(): void {
    for (const watcher of [...this.#watchers]) watcher.onReadable(0);
  }

  /** Begins to lead in the epoch of the registration. */
  #becomeLeader(): void {
    this.#leaderEpochStartOffset = this.log.logEndOffset;
    this.log.assignEpochStartOffset(this.leaderEpoch, this.#leaderEpochStartOffset);
    this.#maybeAdvanceHighWatermark(0);
  }

  #refusalToAppend(acks: number): { errorCode: number; errorMessage: string | null } | undefined {
    if (this.#isOffline) return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, errorMessage: null };
    if (!this.isLeader) {
      const errorMessage = `Leader not local for partition ${this.topic}-${this.index} on broker ${this.#nodeId}`;
      return { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, errorMessage };
    }
    const { isr, replicas } = this.#registration;
    const minIsr = Math.min(this.minInsyncReplicas, replicas.length);
    if (acks !== -1 || isr.length >= minIsr) return undefined;
    const errorMessage =
      `The size of the current ISR : ${isr.length} is insufficient to satisfy the min.isr requirement of ${minIsr} ` +
      `for partition ${this.topic}-${this.index}, live replica(s) broker.id are : Set(${isr.join(', ')})`;
    return { errorCode: ErrorCode.NOT_ENOUGH_REPLICAS, errorMessage };
  }

  #ackError(acks: number): number {
    const { isr, replicas } = this.#registration;
    const minIsr = Math.min(this.minInsyncReplicas, replicas.length);
    return acks === -1 && isr.length < minIsr ? ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND : ErrorCode.NONE;
  }

  /** The leader is alone in the in-sync set: everything written is replicated. */
  #maybeAdvanceHighWatermark(bytes: number): void {
    if (!this.isLeader) return;
    const { log } = this;
    if (log.maybeIncrementHighWatermark(log.logEndOffset)) {
      assert(log.highWatermark <= log.logEndOffset, 'the high watermark never passes the log end');
      this.#replicated.reach(log.highWatermark, this.#ackError(-1));
    }
    for (const watcher of [...this.#watchers]) watcher.onReadable(bytes);
  }

  #divergence(lastFetchedEpoch: number, fetchOffset: number): Divergence | 'unknown epoch' | undefined {
    if (lastFetchedEpoch < 0) return undefined;
    const end = this.log.endOffsetForEpoch(lastFetchedEpoch);
    if (end === null) return 'unknown epoch';
    return end.epoch < lastFetchedEpoch || end.endOffset < fetchOffset ? end : undefined;
  }

  #disturb(errorCode: number): void {
    this.#written.fail(errorCode);
    this.#replicated.fail(errorCode);
    for (const watcher of [...this.#watchers]) watcher.onDisturbed();
  }
}

/** Half a batch helps nobody: a reader that cannot take the whole first one gets none. */
function emptied(read: ReadResult): ReadResult {
  if (read.records instanceof FileSlice) read.records.release();
  return { ...read, records: EMPTY_BYTES };
}

/** The answer of a partition that cannot be read. */
export function failedRead(errorCode: number): PartitionReadResult {
  return {
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    diverging: undefined,
    read: undefined,
  };
}
