/**
 * Moves replicas between the log directories of this broker: copies a log into another directory while it goes on being written, and
 * puts the copy in its place once it has caught up (KIP-113).
 *
 * Copies in pieces, one replica at a time, giving way to requests between pieces, and waits while its quota is exceeded.
 * Source: kafka.server.ReplicaAlterLogDirsThread, kafka.server.LocalLeaderEndPoint.
 */
import { type Clock, type Logger, StateError } from '@skarab/base';
import { FileSlice, type LogManager, type PartitionLog } from '@skarab/log';
import { ErrorCode, errorName } from '@skarab/protocol';
import type { Partition } from './partition.ts';
import type { ReplicationQuota } from './replication-quota.ts';

/** What a mover is made of. */
export interface DirectoryMoverOptions {
  readonly logs: LogManager;
  /** Tells the controller in which directory a replica is now (KIP-858). */
  readonly onMoved: (partition: Partition, directoryId: string) => void;
  /** How fast replicas may move, all together. */
  readonly quota: Pick<ReplicationQuota, 'record' | 'isExceeded'>;
  /** Pause while the quota is exceeded: `replica.fetch.backoff.ms`. */
  readonly backoffMs: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const PIECE_BYTES = 1 << 20;

export class DirectoryMover {
  readonly #options: DirectoryMoverOptions;
  readonly #queue: Partition[] = [];
  #isMoving = false;
  #isStopped = false;

  constructor(options: DirectoryMoverOptions) {
    this.#options = options;
  }

  /** Begins to move a replica, or goes on with a move of before. Errors: StateError, StorageError. */
  move(partition: Partition, directory: string): void {
    const { logs } = this.#options;
    const where = partition.log.topicPartition;
    const known = logs.getFuture(where);
    if (known !== undefined && known.logDir !== directory) {
      logs.deleteFuture(where);
      this.#forget(partition);
    }
    if (partition.log.logDir === directory) return;
    const future = logs.createFuture(where, directory);
    if (future.logEndOffset < partition.log.logStartOffset)
      future.truncateFullyAndStartAt(partition.log.logStartOffset);
    if (!this.#queue.includes(partition)) this.#queue.push(partition);
    void this.#run();
  }

  /** Copies nothing more; unfinished copies are found again at the next start. */
  stop(): void {
    this.#isStopped = true;
  }

  #forget(partition: Partition): void {
    const i = this.#queue.indexOf(partition);
    if (i >= 0) this.#queue.splice(i, 1);
  }

  async #run(): Promise<void> {
    if (this.#isMoving) return;
    this.#isMoving = true;
    for (let next = this.#queue[0]; next !== undefined && !this.#isStopped; next = this.#queue[0]) {
      try {
        await this.#copy(next);
      } catch (error) {
        this.#options.logger.error(
          { topic: next.topic, partition: next.index, error: String(error) },
          'cannot move a replica',
        );
      }
      this.#forget(next);
    }
    this.#isMoving = false;
  }

  async #copy(partition: Partition): Promise<void> {
    const { logs, quota, backoffMs, clock, logger } = this.#options;
    const where = partition.log.topicPartition;
    for (;;) {
      const future = logs.getFuture(where);
      if (future === undefined || this.#isStopped) return;
      logs.host.writer.flushStaged();
      if (future.logEndOffset === partition.log.logEndOffset) {
        this.#copyEpochs(partition.log, future);
        partition.replaceLog(logs.replaceCurrentWithFuture(where));
        logger.info(
          { topic: partition.topic, partition: partition.index, directory: future.logDir },
          'moved a replica',
        );
        this.#options.onMoved(partition, logs.directoryId(partition.log.logDir) ?? '');
        return;
      }
      if (quota.isExceeded(clock.monotonicMs())) {
        await new Promise<void>((resolve) => clock.after(backoffMs(), resolve));
        continue;
      }
      quota.record(this.#copyPiece(partition.log, future), clock.monotonicMs());
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
  }

  /** Epochs in which nothing was written yet are not in the records. */
  #copyEpochs(current: PartitionLog, future: PartitionLog): void {
    for (const { epoch, startOffset } of current.epochEntries)
      if (epoch > (future.latestEpoch ?? -1)) future.assignEpochStartOffset(epoch, startOffset);
  }

  /** Returns the number of bytes. */
  #copyPiece(current: PartitionLog, future: PartitionLog): number {
    const startOffset = Math.max(future.logEndOffset, current.logStartOffset);
    if (startOffset > future.logEndOffset) future.truncateFullyAndStartAt(startOffset);
    const read = current.read({ startOffset, maxBytes: PIECE_BYTES, minOneMessage: true, upperBound: 'logEnd' });
    if (read.errorCode !== ErrorCode.NONE)
      throw new StateError(`cannot read offset ${startOffset}: ${errorName(read.errorCode)}`);
    const bytes = read.records instanceof FileSlice ? read.records.toBytes() : new Uint8Array(read.records);
    const epoch = current.latestEpoch ?? 0;
    const result = future.appendAsFollower(bytes, { leaderEpoch: epoch });
    if (result.errorCode !== ErrorCode.NONE)
      throw new StateError(`cannot copy offset ${startOffset}: ${errorName(result.errorCode)}`);
    return bytes.length;
  }
}
