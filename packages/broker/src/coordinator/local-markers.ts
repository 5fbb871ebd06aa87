/**
 * Writes the markers of transactions into the partitions that this broker leads: control batches, waited for until they are committed.
 *
 * Markers of `__consumer_offsets` go through the group coordinator, so that its offsets stay in step with its log.
 * Source: KafkaApis.handleWriteTxnMarkersRequest.
 */
import type { Clock } from '@skarab/base';
import type { MarkerResult, TopicPartition, TransactionEnd } from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import { buildEndTransactionMarkerBatch, ControlRecordType } from '@skarab/records';
import { CONSUMER_OFFSETS_TOPIC } from '../metadata/internal-topics.ts';
import type { Purgatory } from '../replica/purgatory.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { TransactionMarkers } from './transaction-markers.ts';

/** What markers are written with. */
export interface LocalMarkersOptions {
  readonly replicas: ReplicaSet;
  /** Ends a transaction in a partition of the offsets topic. */
  readonly endInOffsets: (partition: number, end: TransactionEnd) => Promise<ErrorCode>;
  readonly purgatory: Purgatory;
  /** `request.timeout.ms`: how long a marker may wait for its commit. */
  readonly timeoutMs: () => number;
  readonly clock: Clock;
}

const ALL_REPLICAS = -1;
/** The group coordinator is not ready: as if the partition were led elsewhere, which makes the transaction coordinator try again. */
const NOT_READY: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.NOT_COORDINATOR,
]);

export class LocalMarkers implements TransactionMarkers {
  readonly #options: LocalMarkersOptions;

  constructor(options: LocalMarkersOptions) {
    this.#options = options;
  }

  write(end: TransactionEnd, partitions: readonly TopicPartition[]): Promise<MarkerResult[]> {
    return Promise.all(
      partitions.map(async (at) => ({
        topic: at.topic,
        partition: at.partition,
        errorCode: await (at.topic === CONSUMER_OFFSETS_TOPIC ? this.#endInOffsets(end, at) : this.#append(end, at)),
      })),
    );
  }

  async #endInOffsets(end: TransactionEnd, { topic, partition }: TopicPartition): Promise<ErrorCode> {
    if (this.#options.replicas.get(topic, partition) === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    const errorCode = await this.#options.endInOffsets(partition, end);
    return NOT_READY.has(errorCode) ? ErrorCode.NOT_LEADER_OR_FOLLOWER : errorCode;
  }

  #append(end: TransactionEnd, { topic, partition: index }: TopicPartition): Promise<ErrorCode> {
    const { replicas, clock, purgatory, timeoutMs } = this.#options;
    const partition = replicas.get(topic, index);
    if (partition === undefined || partition.isOffline) return Promise.resolve(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    const { isCommit, producerId, producerEpoch, coordinatorEpoch, transactionVersion } = end;
    const batch = buildEndTransactionMarkerBatch({
      type: isCommit ? ControlRecordType.COMMIT : ControlRecordType.ABORT,
      ...{ producerId, producerEpoch, coordinatorEpoch },
      timestamp: clock.nowMs(),
    });
    const result = partition.append(batch, ALL_REPLICAS, 'coordinator', { transactionVersion });
    if ('errorMessage' in result) return Promise.resolve(result.errorCode as ErrorCode);
    return new Promise((resolve) => {
      const parked = purgatory.park(timeoutMs(), () => resolve(ErrorCode.REQUEST_TIMED_OUT));
      partition.whenAcknowledged(ALL_REPLICAS, result.nextOffset, (errorCode) => {
        parked.complete();
        resolve(errorCode as ErrorCode);
      });
    });
  }
}
