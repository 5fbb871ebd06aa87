/**
 * Answers DescribeQuorum from the leader's role.
 *
 * Source: org.apache.kafka.raft.KafkaRaftClient (handleDescribeQuorumRequest), RaftUtil; KIP-595, KIP-836, KIP-853.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  type DescribeQuorumRequest,
  type DescribeQuorumResponse,
  type DescribeQuorumResponseReplicaState,
  ErrorCode,
  newDescribeQuorumResponse,
  newDescribeQuorumResponsePartitionData,
} from '@skarab/protocol';
import type { ReplicaState } from './roles/replica-state.ts';
import type { Role } from './roles/role.ts';

/** The topic of the metadata log. */
export const CLUSTER_METADATA_TOPIC = '__cluster_metadata';

/** What the leader knows about the replicas; an error of the partition when this node does not lead or the partition is another. */
export function describeQuorum(
  role: Role,
  localId: number,
  request: DescribeQuorumRequest,
  nowMs: number,
): DescribeQuorumResponse {
  const [topic, ...others] = request.topics;
  const isMetadataTopic = topic?.topicName === CLUSTER_METADATA_TOPIC && others.length === 0;
  if (!isMetadataTopic || topic.partitions.length !== 1 || topic.partitions[0]?.partitionIndex !== 0) {
    return failedQuorum(request, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }
  if (role.kind !== 'leader') return failedQuorum(request, ErrorCode.NOT_LEADER_OR_FOLLOWER);
  const stateOf = (state: ReplicaState) => describeReplica(state, localId, nowMs);
  const voters = [...role.voters];
  return newDescribeQuorumResponse({
    topics: [
      {
        topicName: CLUSTER_METADATA_TOPIC,
        partitions: [
          newDescribeQuorumResponsePartitionData({
            leaderId: localId,
            leaderEpoch: role.epoch,
            highWatermark: BigInt(role.highWatermark ?? -1),
            currentVoters: voters.map(stateOf),
            observers: [...role.observers(nowMs)].map(stateOf),
          }),
        ],
      },
    ],
    nodes: voters.map(({ key, endpoints }) => ({
      nodeId: key.id,
      listeners: endpoints.map(({ name, host, port }) => ({ name, host, port })),
    })),
  });
}

/** Kafka's words for the errors of this API. */
const MESSAGES: Readonly<Record<number, string>> = {
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]: 'This server does not host this topic-partition.',
  [ErrorCode.NOT_LEADER_OR_FOLLOWER]:
    'For requests intended only for the leader, this error indicates that the broker is not the current leader. ' +
    'For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.',
};

/** The same error for every partition that was asked for. */
export function failedQuorum(request: DescribeQuorumRequest, errorCode: ErrorCode): DescribeQuorumResponse {
  const topics = request.topics.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ partitionIndex }) =>
      newDescribeQuorumResponsePartitionData({ partitionIndex, errorCode, errorMessage: MESSAGES[errorCode] ?? null }),
    ),
  }));
  return newDescribeQuorumResponse({ topics });
}

function describeReplica(state: ReplicaState, localId: number, nowMs: number): DescribeQuorumResponseReplicaState {
  // The leader is always caught up with itself.
  const isLeader = state.key.id === localId;
  return {
    replicaId: state.key.id,
    replicaDirectoryId: state.key.directoryId ?? ZERO_UUID,
    logEndOffset: BigInt(state.endOffset ?? -1),
    lastFetchTimestamp: BigInt(isLeader ? nowMs : state.lastFetchMs),
    lastCaughtUpTimestamp: BigInt(isLeader ? nowMs : state.lastCaughtUpMs),
  };
}
