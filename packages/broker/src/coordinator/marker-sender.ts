/**
 * Brings markers to the leaders of their partitions. Partitions that are led here are written at once; one that exists no more needs no
 * marker; one that is led elsewhere, or not at all now, is answered NOT_LEADER_OR_FOLLOWER and tried again.
 *
 * Source: kafka.coordinator.transaction.TransactionMarkerChannelManager.
 */
import type { MarkerResult, TopicPartition, TransactionEnd } from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { TransactionMarkers } from './transaction-markers.ts';

/** What a sender looks up and writes with. */
export interface MarkerSenderOptions {
  readonly replicas: ReplicaSet;
  readonly local: TransactionMarkers;
  /** Whether the partition exists by the newest metadata, even if clients do not see it yet. */
  readonly exists: (at: TopicPartition) => boolean;
}

export class MarkerSender implements TransactionMarkers {
  readonly #options: MarkerSenderOptions;

  constructor(options: MarkerSenderOptions) {
    this.#options = options;
  }

  async write(end: TransactionEnd, partitions: readonly TopicPartition[]): Promise<MarkerResult[]> {
    const { local, replicas, exists } = this.#options;
    const isHere = ({ topic, partition }: TopicPartition): boolean => replicas.get(topic, partition)?.isLeader === true;
    const elsewhere = partitions.filter((partition) => !isHere(partition));
    const written = await local.write(end, partitions.filter(isHere));
    return [
      ...written,
      ...elsewhere.map((at) => ({
        ...at,
        errorCode: exists(at) ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.NONE,
      })),
    ];
  }
}
