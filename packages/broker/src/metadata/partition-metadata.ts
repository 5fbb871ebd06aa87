/**
 * A partition as Metadata and DescribeTopicPartitions tell it to the clients of one listener.
 *
 * Pure. Source: org.apache.kafka.metadata.KRaftMetadataCache.partitionMetadata.
 */
import { hasOnlineDirectory, type MetadataImage, type PartitionRegistration } from '@skarab/metadata';
import { ErrorCode } from '@skarab/protocol';

/** What every answer about a partition is made of. */
export interface PartitionMetadata {
  readonly errorCode: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicaNodes: number[];
  readonly isrNodes: number[];
  readonly offlineReplicas: number[];
}

/** How an answer of a certain version reports what is missing. */
export interface UnavailabilityRules {
  /** Version 0 leaves out replicas that are not alive and says so with an error. */
  readonly filterUnavailableEndpoints: boolean;
  /** From version 6, a leader without the listener is LISTENER_NOT_FOUND. */
  readonly errorUnavailableListeners: boolean;
}

/** Describes `partition` to clients of `listenerName`. */
export function describePartition(
  image: MetadataImage,
  partition: PartitionRegistration,
  listenerName: string,
  rules: UnavailabilityRules,
): PartitionMetadata {
  const isAlive = (id: number): boolean => {
    const broker = image.cluster.brokers.get(id);
    return broker !== undefined && !broker.fenced && broker.listeners.has(listenerName);
  };
  const visible = (ids: readonly number[]): number[] =>
    rules.filterUnavailableEndpoints ? ids.filter(isAlive) : [...ids];
  const replicaNodes = visible(partition.replicas);
  const isrNodes = visible(partition.isr);
  const offlineReplicas = partition.replicas.filter((id, i) => {
    const broker = image.cluster.brokers.get(id);
    return broker === undefined || !isAlive(id) || !hasOnlineDirectory(broker, partition.directories[i]!);
  });
  const leader = image.cluster.brokers.get(partition.leader);
  const common = { leaderEpoch: partition.leaderEpoch, replicaNodes, isrNodes, offlineReplicas };
  if (leader === undefined || !leader.listeners.has(listenerName)) {
    const listenerMissing = leader !== undefined && rules.errorUnavailableListeners;
    return {
      ...common,
      leaderId: -1,
      errorCode: listenerMissing ? ErrorCode.LISTENER_NOT_FOUND : ErrorCode.LEADER_NOT_AVAILABLE,
    };
  }
  const incomplete = replicaNodes.length < partition.replicas.length || isrNodes.length < partition.isr.length;
  return {
    ...common,
    leaderId: partition.leader,
    errorCode: incomplete ? ErrorCode.REPLICA_NOT_AVAILABLE : ErrorCode.NONE,
  };
}
