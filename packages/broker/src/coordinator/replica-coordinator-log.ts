/**
 * A coordinator's topic over the replicas of this broker.
 */
import { type Clock, StateError } from '@skarab/base';
import { FileSlice } from '@skarab/log';
import { ErrorCode } from '@skarab/protocol';
import { iterateBatches, type RecordBatch } from '@skarab/records';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { AppendedBatch, CoordinatorLog } from './coordinator-log.ts';

/** Most of a turn of the event loop, whatever the configured size of a read is. */
const MAX_READ_BYTES = 1 << 20;
const ALL_REPLICAS = -1;

export class ReplicaCoordinatorLog implements CoordinatorLog {
  readonly #topic: string;
  readonly #replicas: ReplicaSet;
  readonly #clock: Clock;
  readonly #readBytes: number;

  /** `loadBufferBytes`: how much is read at once while loading. */
  constructor(topic: string, replicas: ReplicaSet, clock: Clock, loadBufferBytes: number) {
    this.#topic = topic;
    this.#replicas = replicas;
    this.#clock = clock;
    this.#readBytes = Math.min(loadBufferBytes, MAX_READ_BYTES);
  }

  append(
    index: number,
    leaderEpoch: number,
    { bytes, ...options }: AppendedBatch,
  ): { readonly nextOffset: number } | { readonly errorCode: number } {
    const partition = this.#replicas.get(this.#topic, index);
    if (partition === undefined || partition.leaderEpoch !== leaderEpoch)
      return { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER };
    const result = partition.append(bytes, ALL_REPLICAS, 'coordinator', options);
    return 'errorMessage' in result ? { errorCode: result.errorCode } : { nextOffset: result.nextOffset };
  }

  async readAll(
    index: number,
    onBatch: (batch: RecordBatch, highWatermark: number) => boolean,
  ): Promise<{ highWatermark: number; logEndOffset: number }> {
    const partition = this.#replicas.get(this.#topic, index);
    if (partition === undefined) throw new StateError(`partition ${this.#topic}-${index} is not kept here`);
    const { log } = partition;
    let offset = log.logStartOffset;
    while (offset < log.logEndOffset) {
      const read = log.read({
        startOffset: offset,
        maxBytes: this.#readBytes,
        minOneMessage: true,
        upperBound: 'logEnd',
      });
      if (read.errorCode !== ErrorCode.NONE)
        throw new StateError(`cannot read ${this.#topic}-${index} from offset ${offset}`);
      const bytes = read.records instanceof FileSlice ? read.records.toBytes() : read.records;
      const before = offset;
      for (const batch of iterateBatches(bytes)) {
        offset = batch.nextOffset;
        if (!onBatch(batch, log.highWatermark)) return { highWatermark: log.highWatermark, logEndOffset: offset };
      }
      if (offset === before) throw new StateError(`no batch at offset ${offset} of ${this.#topic}-${index}`);
      await this.#turn();
    }
    return { highWatermark: log.highWatermark, logEndOffset: log.logEndOffset };
  }

  /** Deletes what lies below an offset, if this broker leads the partition and the offset is committed. */
  deleteBefore(index: number, offset: number): void {
    const partition = this.#replicas.get(this.#topic, index);
    if (partition?.isLeader === true) partition.deleteRecordsBefore(offset);
  }

  maxBatchBytes(): number {
    return this.#replicas.ofTopic(this.#topic)[0]?.log.config.maxMessageBytes ?? MAX_READ_BYTES;
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#clock.soon(resolve));
  }
}
