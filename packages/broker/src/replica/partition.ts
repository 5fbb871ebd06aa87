/**
 * One partition as this broker sees it: who leads it, how far it is replicated, and who waits for that.
 *
 * Owns the rules around a PartitionLog that owns bytes and offsets; what leaders know of their followers is in `Leadership`. Expected refusals are
 * error codes. Invariant: logStartOffset <= lastStableOffset <= highWatermark <= logEndOffset. A leader that is alone pays nothing for replication.
 * Source: kafka.cluster.Partition.
 */
import { assert } from '@skarab/base';
import type { AppendResult, PartitionLog, VerificationGuard } from '@skarab/log';
import type { LocalReplica, PartitionRegistration } from '@skarab/metadata';
import { ErrorCode } from '@skarab/protocol';
import { type FetchWatcher, FetchWatchers } from './fetch-watchers.ts';
import type { FollowerState } from './follower-state.ts';
import type { IsrProposal } from './isr-state.ts';
import { Leadership } from './leadership.ts';
import { LowWatermarkWaits } from './low-watermark-waits.ts';
import { type OffsetWaiter, OffsetWaits } from './offset-waits.ts';
import {
  type AppendSource,
  appendRefusal,
  type PartitionAppendResult,
  type ReplicaName,
  refusedAppend,
  type TransactionalAppend,
} from './partition-append.ts';
import { failedRead, type PartitionReadRequest, type PartitionReadResult, readLog } from './partition-read.ts';
import type { ReplicationEnvironment } from './replication-environment.ts';
import { Traffic } from './traffic.ts';

export class Partition {
  readonly topic: string;
  readonly topicId: string;
  readonly index: number;
  readonly traffic = new Traffic();
  readonly #name: ReplicaName;
  #log: PartitionLog;
  readonly #environment: ReplicationEnvironment;
  #registration: PartitionRegistration;
  /** While this broker leads. */
  #leadership: Leadership | undefined;
  readonly #written = new OffsetWaits();
  readonly #replicated = new OffsetWaits();
  readonly #deletions = new LowWatermarkWaits();
  readonly #watchers = new FetchWatchers();
  #isOffline = false;
  /** Size of the log when it was last heard of. */
  #lastSize: number;
  /** `min.insync.replicas` of the topic. */
  minInsyncReplicas: number;
  /** The copy that is being made in another directory, if there is one. */
  futureLog: (() => PartitionLog | undefined) | undefined;
  /** Told when this leader's high watermark has moved. */
  onHighWatermark: ((partition: Partition) => void) | undefined;

  constructor(
    environment: ReplicationEnvironment,
    replica: LocalReplica,
    log: PartitionLog,
    minInsyncReplicas: number,
  ) {
    this.#environment = environment;
    this.topic = replica.topic;
    this.topicId = replica.topicId;
    this.index = replica.partition;
    this.#name = { topic: replica.topic, partition: replica.partition, nodeId: environment.nodeId };
    this.#log = log;
    this.#registration = replica.registration;
    this.#lastSize = log.size;
    this.minInsyncReplicas = minInsyncReplicas;
    if (replica.registration.leader === environment.nodeId) this.#lead(true);
  }

  /** Where the records are; another one after a move to another log directory. */
  get log(): PartitionLog {
    return this.#log;
  }

  get leaderEpoch(): number {
    return this.#registration.leaderEpoch;
  }

  get isLeader(): boolean {
    return this.#leadership !== undefined && !this.#isOffline;
  }

  get isOffline(): boolean {
    return this.#isOffline;
  }

  /** The newest metadata about the partition. */
  get registration(): PartitionRegistration {
    return this.#registration;
  }

  /** What the leader knows of its followers; undefined where another broker leads. */
  get leadership(): Leadership | undefined {
    return this.#isOffline ? undefined : this.#leadership;
  }

  /**
   * Takes over a registration from the metadata; an election starts a leader epoch in the log. Nothing staged may wait to be written.
   * Returns false for one that the controller's answers have overtaken.
   */
  applyRegistration(registration: PartitionRegistration): boolean {
    if (registration.partitionEpoch < (this.#leadership?.partitionEpoch ?? this.#registration.partitionEpoch))
      return false;
    const isElected = registration.leaderEpoch > this.#registration.leaderEpoch;
    this.#registration = registration;
    if (registration.leader === this.#environment.nodeId) this.#lead(isElected);
    else if (this.#leadership !== undefined || isElected) {
      this.#leadership = undefined;
      this.#disturb(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }
    return true;
  }

  /** Stages a batch as leader. Nothing of it can be read, and nobody is answered, before the log says it is written. */
  append(
    bytes: Uint8Array,
    acks: number,
    source: AppendSource,
    transaction: TransactionalAppend = {},
  ): PartitionAppendResult {
    const refusal = this.#isOffline
      ? refusedAppend(ErrorCode.KAFKA_STORAGE_ERROR, null)
      : appendRefusal(this.#leadership, acks, this.minInsyncReplicas, this.#name);
    if (refusal !== undefined) return refusal;
    const result = this.log.appendAsLeader(bytes, { leaderEpoch: this.leaderEpoch, origin: source, ...transaction });
    const { logStartOffset } = this.log;
    if (result.errorCode !== ErrorCode.NONE) {
      const { errorCode, errorMessage, recordErrors } = result;
      return { errorCode, errorMessage, recordErrors, logStartOffset };
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

  /**
   * Calls `waiter` when everything below `nextOffset` is written (acks 1) or replicated as `acks` asks (acks -1). Returns what takes the
   * waiter back, undefined when it was called already.
   */
  whenAcknowledged(acks: number, nextOffset: number, waiter: OffsetWaiter): (() => void) | undefined {
    const { highWatermark, logEndOffset } = this.log;
    if (this.#isOffline) waiter(ErrorCode.KAFKA_STORAGE_ERROR);
    else if (acks === -1 && highWatermark >= nextOffset) waiter(this.#replicationError());
    else if (acks !== -1 && logEndOffset >= nextOffset) waiter(ErrorCode.NONE);
    else return (acks === -1 ? this.#replicated : this.#written).add(nextOffset, waiter);
    return undefined;
  }

  /** Stages what was fetched from the leader, whose epoch was `leaderEpoch` then. Errors: StorageError. */
  appendAsFollower(bytes: Uint8Array, leaderEpoch: number): AppendResult {
    const { log } = this;
    const result = log.appendAsFollower(bytes, { leaderEpoch });
    const { errorCode, firstOffset, lastOffset } = result;
    const end = log.logEndOffset;
    const beginsBefore = errorCode === ErrorCode.OFFSET_OUT_OF_RANGE && firstOffset < end && lastOffset >= end;
    if (!beginsBefore || !log.isEmpty) return result;
    // Records were deleted in the middle of a batch, and this replica begins with it.
    this.truncateFullyAndStartAt(firstOffset);
    return log.appendAsFollower(bytes, { leaderEpoch });
  }

  /** Cuts the log at its end, and the copy of it that is on its way to another directory. Errors: StorageError. */
  truncateTo(offset: number): void {
    this.log.truncateTo(offset);
    this.futureLog?.()?.truncateTo(offset);
  }

  /** Removes everything; the log, and the copy of it, go on at `offset`. Errors: StorageError. */
  truncateFullyAndStartAt(offset: number): void {
    this.log.truncateFullyAndStartAt(offset);
    this.futureLog?.()?.truncateFullyAndStartAt(offset);
  }

  /** The leader's answer to a fetch: how far everything is replicated, and where its log begins. */
  onLeaderOffsets(highWatermark: number, logStartOffset: number): void {
    const { log } = this;
    const before = log.highWatermark;
    if (log.updateHighWatermark(highWatermark) !== before) this.#watchers.onFollowerHighWatermark();
    log.maybeIncrementLogStartOffset(Math.min(logStartOffset, log.highWatermark));
  }

  /** The log has written what was staged: it is visible up to its end now. */
  onWritten(): void {
    const { log } = this;
    const { size } = log;
    // Retention may have made the log smaller meanwhile; then nobody can tell how much is new, and readers look for themselves.
    const bytes = size >= this.#lastSize ? size - this.#lastSize : Number.POSITIVE_INFINITY;
    this.#lastSize = size;
    this.#written.reach(log.logEndOffset, ErrorCode.NONE);
    if (this.#leadership === undefined) return;
    const hasMoved = this.#advanceHighWatermark();
    if (log.highWatermark === log.logEndOffset && !this.#watchers.hasUnreplicated) {
      this.#watchers.onWrittenAndReplicated(bytes);
      return;
    }
    this.#watchers.onWritten(log.logEndOffset, bytes);
    if (hasMoved) this.#watchers.onReplicated(log.highWatermark);
  }

  /** Asks for the exclusion of followers that lag, and waits no longer for those outside that do; to be called from time to time. */
  shrinkIsr(): void {
    const proposal = this.leadership?.proposeShrink(this.log.logEndOffset);
    if (proposal !== undefined) this.#propose(proposal);
    this.#onReplicationChanged();
  }

  /** Brokers came, went or are fenced: the high watermark may not have to wait any more for one that was about to join. */
  onBrokersChanged(): void {
    this.#onReplicationChanged();
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

  /** Checks a leader epoch that a client or follower knows, -1 if it does not say, and that this broker may answer. */
  checkLeaderEpoch(currentLeaderEpoch: number, fromLeaderOnly = true): number {
    if (this.#isOffline) return ErrorCode.KAFKA_STORAGE_ERROR;
    if (currentLeaderEpoch >= 0 && currentLeaderEpoch < this.leaderEpoch) return ErrorCode.FENCED_LEADER_EPOCH;
    if (currentLeaderEpoch > this.leaderEpoch) return ErrorCode.UNKNOWN_LEADER_EPOCH;
    return this.isLeader || !fromLeaderOnly ? ErrorCode.NONE : ErrorCode.NOT_LEADER_OR_FOLLOWER;
  }

  /** Plans a read, bounded by what the reader may see. The first read of a follower's request tells how far it has got. */
  read(request: PartitionReadRequest): PartitionReadResult {
    const { follower: reader } = request;
    const errorCode = this.checkLeaderEpoch(request.currentLeaderEpoch, request.fromLeaderOnly);
    if (errorCode !== ErrorCode.NONE) return failedRead(errorCode);
    if (reader === undefined) return readLog(this.log, request);
    const follower = this.#leadership?.follower(reader.replicaId);
    if (follower === undefined) {
      // A replica that the metadata here does not know yet, or not any more: with an epoch it is told to try again.
      const knowsEpoch = request.currentLeaderEpoch >= 0;
      return failedRead(knowsEpoch ? ErrorCode.UNKNOWN_LEADER_EPOCH : ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }
    const { brokerEpoch } = reader;
    const isStale = brokerEpoch !== -1 && brokerEpoch < (this.#environment.aliveBrokerEpoch(reader.replicaId) ?? -1);
    if (reader.isFirstRead && isStale) return failedRead(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    const leaderEndOffset = this.log.logEndOffset;
    const result = readLog(this.log, request);
    if (!reader.isFirstRead || result.errorCode !== ErrorCode.NONE || result.diverging !== undefined) return result;
    this.#onFollowerFetch(follower, {
      fetchOffset: request.fetchOffset,
      logStartOffset: reader.logStartOffset,
      leaderEndOffset,
      brokerEpoch,
      nowMs: this.#environment.monotonicMs(),
    });
    return result;
  }

  /** True when the high watermark has not caught up with this leader's own epoch yet. */
  get isHighWatermarkBehindEpoch(): boolean {
    return (this.#leadership?.epochStartOffset ?? 0) > this.log.highWatermark;
  }

  /** Tells `watcher` of what can be read anew: as soon as it is written for followers, once it is replicated for consumers. */
  watch(watcher: FetchWatcher, isFollower: boolean): void {
    this.#watchers.add(watcher, isFollower);
  }

  unwatch(watcher: FetchWatcher): void {
    this.#watchers.remove(watcher);
  }

  /**
   * Moves the log's start on behalf of a client, as leader; NONE, or why not. Readers below it are told. See `whenDeleted` for the replicas.
   */
  deleteRecordsBefore(offset: number): number {
    const errorCode = this.log.maybeIncrementLogStartOffset(offset);
    if (errorCode === ErrorCode.NONE) this.#watchers.recheck();
    return errorCode;
  }

  /** The least log start of all replicas that are alive. */
  get lowWatermark(): number {
    let least = this.log.logStartOffset;
    for (const { brokerId, logStartOffset } of this.#leadership?.followers ?? [])
      if (this.#environment.aliveBrokerEpoch(brokerId) !== undefined) least = Math.min(least, logStartOffset);
    return least;
  }

  /** Calls `waiter` when no replica that is alive has anything below `offset`. Returns what takes the waiter back. */
  whenDeleted(offset: number, waiter: OffsetWaiter): () => void {
    if (this.lowWatermark >= offset) {
      waiter(ErrorCode.NONE);
      return () => {};
    }
    return this.#deletions.add(offset, waiter);
  }

  /** Leads on, or begins to lead, as the registration says. */
  #lead(isElected: boolean): void {
    const isNewLeader = this.#leadership === undefined;
    this.#leadership ??= new Leadership(this.topicId, this.index, this.#environment);
    if (isElected) this.log.assignEpochStartOffset(this.leaderEpoch, this.log.logEndOffset);
    this.#leadership.apply(this.#registration, this.log.logEndOffset, isNewLeader);
    if (isNewLeader) this.#watchers.disturb();
    this.#onReplicationChanged();
  }

  /** What those are told whose records are replicated: the ISR may have become too small meanwhile. */
  #replicationError(): number {
    const leadership = this.#leadership;
    if (leadership === undefined) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
    return leadership.maximalIsr.length < leadership.effectiveMinIsr(this.minInsyncReplicas)
      ? ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND
      : ErrorCode.NONE;
  }

  #onFollowerFetch(follower: FollowerState, fetch: Parameters<Leadership['onFetch']>[1]): void {
    const leadership = this.#leadership!;
    const hasGotFurther = leadership.onFetch(follower, fetch);
    const proposal = leadership.proposeExpansion(follower, this.log.highWatermark);
    if (proposal !== undefined) this.#propose(proposal);
    if (hasGotFurther) this.#onReplicationChanged();
    if (this.#deletions.size > 0) this.#deletions.reach(this.lowWatermark, ErrorCode.NONE);
  }

  #propose(proposal: IsrProposal): void {
    this.#environment.proposeIsr(proposal, (answer) => {
      const before = this.leadership?.isr.length ?? 0;
      const outcome = this.leadership?.onAnswer(proposal, answer) ?? 'superseded';
      if (outcome === 'committed') this.#environment.onIsrUpdate(proposal.isr.length > before ? 'expanded' : 'shrunk');
      else if (outcome !== 'superseded') this.#environment.onIsrUpdate('failed');
      if (outcome === 'retry') this.#propose(proposal);
      else if (outcome === 'committed') this.#onReplicationChanged();
    });
  }

  /** Followers or ISR changed: more may be replicated now. */
  #onReplicationChanged(): void {
    if (this.#advanceHighWatermark()) this.#watchers.onReplicated(this.log.highWatermark);
  }

  /** Moves this leader's high watermark as far as it may go; returns whether it moved. */
  #advanceHighWatermark(): boolean {
    const leadership = this.leadership;
    if (leadership === undefined) return false;
    const { log } = this;
    const target = leadership.isAlone
      ? log.logEndOffset
      : leadership.highWatermark(log.logEndOffset, this.minInsyncReplicas);
    if (target === undefined || !log.maybeIncrementHighWatermark(target)) return false;
    assert(log.highWatermark <= log.logEndOffset, 'the high watermark never passes the log end');
    this.#replicated.reach(log.highWatermark, this.#replicationError());
    this.onHighWatermark?.(this);
    return true;
  }

  #disturb(errorCode: number): void {
    this.#written.fail(errorCode);
    this.#replicated.fail(errorCode);
    this.#deletions.fail(errorCode);
    this.#watchers.disturb();
  }
}
