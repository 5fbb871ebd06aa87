/**
 * Brings markers to the leaders of their partitions: at once where this broker leads, in requests where others do. A partition that exists no
 * more needs no marker; one that nobody leads now is answered NOT_LEADER_OR_FOLLOWER and tried again.
 *
 * Source: TransactionMarkerChannelManager.addTxnMarkersToBrokerQueue.
 */
import type { MarkerResult, TopicPartition, TransactionEnd } from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { WriteRemotely } from './remote-markers.ts';
import type { TransactionMarkers } from './transaction-markers.ts';

/** What a sender looks up and writes with. */
export interface MarkerSenderOptions {
  readonly nodeId: number;
  readonly replicas: ReplicaSet;
  readonly local: TransactionMarkers;
  readonly remote: WriteRemotely;
  /**
   * The broker that leads the partition by the newest metadata, even if clients do not see it yet; -1 when nobody does or it is not alive,
   * undefined when the partition does not exist.
   */
  readonly leaderOf: (at: TopicPartition) => number | undefined;
}

const NOBODY = -1;

export class MarkerSender implements TransactionMarkers {
  readonly #options: MarkerSenderOptions;

  constructor(options: MarkerSenderOptions) {
    this.#options = options;
  }

  async write(end: TransactionEnd, partitions: readonly TopicPartition[]): Promise<MarkerResult[]> {
    const { local, remote, nodeId } = this.#options;
    const results: MarkerResult[] = [];
    const byLeader = new Map<number, TopicPartition[]>();
    for (const at of partitions) {
      const leader = this.#leaderOf(at);
      if (leader === undefined) results.push({ ...at, errorCode: ErrorCode.NONE });
      else if (leader === NOBODY) results.push({ ...at, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER });
      else if (byLeader.has(leader)) byLeader.get(leader)!.push(at);
      else byLeader.set(leader, [at]);
    }
    const written = await Promise.all(
      [...byLeader].map(([leader, led]) => (leader === nodeId ? local.write(end, led) : remote(leader, end, led))),
    );
    return [...results, ...written.flat()];
  }

  /** What the replica here knows comes first: metadata may say that this broker leads before its replica does. */
  #leaderOf(at: TopicPartition): number | undefined {
    const { nodeId, replicas, leaderOf } = this.#options;
    if (replicas.get(at.topic, at.partition)?.isLeader === true) return nodeId;
    const leader = leaderOf(at);
    return leader === nodeId ? NOBODY : leader;
  }
}
