/**
 * The metadata log in a message that could speak of any partition: it must speak of this one, and of no other.
 *
 * Source: org.apache.kafka.raft.RaftUtil (hasValidTopicPartition).
 */
import { CLUSTER_METADATA_TOPIC } from '../describe-quorum.ts';

/** The partition of the metadata log; null when the message is about anything else. */
export function onlyPartition<P extends { readonly partitionIndex: number }>(
  topics: readonly { readonly topicName: string; readonly partitions: readonly P[] }[],
): P | null {
  const [topic] = topics;
  if (topic === undefined || topics.length !== 1 || topic.topicName !== CLUSTER_METADATA_TOPIC) return null;
  const [partition] = topic.partitions;
  const isOnly = partition !== undefined && topic.partitions.length === 1 && partition.partitionIndex === 0;
  return isOnly ? partition : null;
}
