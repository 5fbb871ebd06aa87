/**
 * Where partitions end that consumers read, whoever leads them: ListOffsets, one request per broker in flight, all that waits in the next one.
 *
 * Source: org.apache.kafka.coordinator.group.NetworkPartitionMetadataClient (KIP-1226).
 */
import type { TopicPartition } from '@skarab/coordinator';
import { ErrorCode, type ListOffsetsResponse, newListOffsetsPartition, newListOffsetsRequest } from '@skarab/protocol';
import { BatchPerBroker } from '../channel/batch-per-broker.ts';
import type { BrokerPeers } from '../channel/broker-peers.ts';
import { byTopic } from '../coordinator/by-topic.ts';
import { listOffsetsApi } from '../fetcher/leader-apis.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';

/** An offset, or why it is not known. */
export type EndOffset = { readonly offset: number } | { readonly errorCode: ErrorCode };

/** What end offsets are found with. */
export interface EndOffsetsParts {
  readonly nodeId: number;
  readonly replicas: ReplicaSet;
  readonly peers: Pick<BrokerPeers, 'send'>;
  /** The broker that leads a partition; -1 without an available one, undefined when there is no such partition. */
  readonly leaderOf: (partition: TopicPartition) => number | undefined;
}

const CONSUMER_REPLICA_ID = -1;
const LATEST = -1n;

export class EndOffsets {
  readonly #parts: EndOffsetsParts;
  readonly #batches: BatchPerBroker<TopicPartition, EndOffset>;

  constructor(parts: EndOffsetsParts) {
    this.#parts = parts;
    this.#batches = new BatchPerBroker({
      keyOf: ({ topic, partition }) => `${topic} ${partition}`,
      send: (brokerId, partitions) => this.#ask(brokerId, partitions),
    });
  }

  /** Never rejects. */
  async of(at: TopicPartition): Promise<EndOffset> {
    const leader = this.#parts.leaderOf(at) ?? -1;
    if (leader === -1) return { errorCode: ErrorCode.LEADER_NOT_AVAILABLE };
    return leader === this.#parts.nodeId ? this.#here(at) : this.#batches.submit(leader, at);
  }

  #here({ topic, partition }: TopicPartition): EndOffset {
    const replica = this.#parts.replicas.get(topic, partition);
    const errorCode = (replica?.checkLeaderEpoch(-1) ?? ErrorCode.NOT_LEADER_OR_FOLLOWER) as ErrorCode;
    return replica === undefined || errorCode !== ErrorCode.NONE
      ? { errorCode }
      : { offset: replica.log.highWatermark };
  }

  async #ask(brokerId: number, partitions: readonly TopicPartition[]): Promise<EndOffset[]> {
    const topics = byTopic(partitions).map(([name, indexes]) => ({
      name,
      partitions: indexes.map((partitionIndex) => newListOffsetsPartition({ partitionIndex, timestamp: LATEST })),
    }));
    const request = newListOffsetsRequest({ replicaId: CONSUMER_REPLICA_ID, topics });
    try {
      const response = await this.#parts.peers.send(brokerId, listOffsetsApi, request);
      return partitions.map((at) => endIn(response, at));
    } catch {
      return partitions.map(() => ({ errorCode: ErrorCode.NETWORK_EXCEPTION }));
    }
  }
}

function endIn({ topics }: ListOffsetsResponse, { topic, partition }: TopicPartition): EndOffset {
  const found = topics
    .find(({ name }) => name === topic)
    ?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
  const errorCode = (found?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) as ErrorCode;
  return found === undefined || errorCode !== ErrorCode.NONE ? { errorCode } : { offset: Number(found.offset) };
}
