/**
 * EndQuorumEpoch: a leader that resigns names those who should stand for election, best first.
 *
 * Source: KafkaRaftClient (handleEndQuorumEpochRequest, endEpochElectionBackoff, strictExponentialElectionBackoffMs); KIP-595, KIP-853.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  type EndQuorumEpochRequest,
  type EndQuorumEpochRequestPartitionData,
  type EndQuorumEpochResponse,
  ErrorCode,
  newEndQuorumEpochRequest,
  newEndQuorumEpochRequestPartitionData,
  newEndQuorumEpochResponse,
  newEndQuorumEpochResponsePartitionData,
} from '@skarab/protocol';
import { CLUSTER_METADATA_TOPIC } from '../describe-quorum.ts';
import { endpointsOf, leaderAddresses } from '../endpoints.ts';
import type { Quorum } from '../quorum.ts';
import type { NodeAddress, RaftRequest, RequestContext } from '../raft-messages.ts';
import { matchesReplica, type ReplicaKey, replicaKey } from '../replica-key.ts';
import type { ResignedRole } from '../roles/resigned.ts';
import { contradicts, followIfNewer, handleCommonResponse, type Outcome } from './common.ts';
import { onlyPartition } from './only-partition.ts';

/** Answers a request. */
export function handleEndQuorumEpochRequest(
  quorum: Quorum,
  request: EndQuorumEpochRequest,
  context: RequestContext,
): EndQuorumEpochResponse {
  if (!quorum.isClusterId(request.clusterId)) {
    return newEndQuorumEpochResponse({ errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID });
  }
  const partition = onlyPartition(request.topics);
  if (partition === null) return newEndQuorumEpochResponse({ errorCode: ErrorCode.INVALID_REQUEST });
  const { leaderId, leaderEpoch } = partition;
  const error = quorum.voterRequestError(leaderId, leaderEpoch);
  if (error !== ErrorCode.NONE) return endQuorumEpochResponse(quorum, context, error);
  const leader = { leaderId, epoch: leaderEpoch, endpoints: request.leaderEndpoints };
  if (contradicts(quorum, leader)) return endQuorumEpochResponse(quorum, context, ErrorCode.INVALID_REQUEST);
  followIfNewer(quorum, leader);
  const { role } = quorum;
  if (role.kind === 'follower' && role.leaderId === leaderId) {
    role.fetchDeadlineMs = quorum.nowMs + electionBackoffMs(quorum, candidatesOf(partition));
  }
  return endQuorumEpochResponse(quorum, context, ErrorCode.NONE);
}

/** Takes in an answer. */
export function handleEndQuorumEpochResponse(
  quorum: Quorum,
  response: EndQuorumEpochResponse,
  source: NodeAddress,
): Outcome {
  const partition = response.errorCode === ErrorCode.NONE ? onlyPartition(response.topics) : null;
  const { role } = quorum;
  if (partition === null) {
    // A node that is about to stop does not wait for those that cannot be reached.
    if (role.kind === 'resigned' && quorum.shutdownDeadlineMs !== null) role.onAcknowledged(source.nodeId);
    return 'backOff';
  }
  const { leaderId, leaderEpoch, errorCode } = partition;
  const endpoints = endpointsOf(response.nodeEndpoints, leaderId, quorum.options.listener);
  const outcome = handleCommonResponse(quorum, errorCode as ErrorCode, { leaderId, epoch: leaderEpoch, endpoints });
  if (outcome !== null) return outcome;
  if (errorCode !== ErrorCode.NONE) return 'backOff';
  if (role.kind === 'resigned') role.onAcknowledged(source.nodeId);
  return 'retry';
}

/** The request to all voters. */
export function buildEndQuorumEpochRequest(quorum: Quorum, { epoch, preferredSuccessors }: ResignedRole): RaftRequest {
  const partition = newEndQuorumEpochRequestPartitionData({
    leaderId: quorum.local.key.id,
    leaderEpoch: epoch,
    preferredSuccessors: preferredSuccessors.map(({ id }) => id),
    preferredCandidates: preferredSuccessors.map(({ id, directoryId }) => ({
      candidateId: id,
      candidateDirectoryId: directoryId ?? ZERO_UUID,
    })),
  });
  const message = newEndQuorumEpochRequest({
    clusterId: quorum.options.clusterId,
    topics: [{ topicName: CLUSTER_METADATA_TOPIC, partitions: [partition] }],
  });
  return { apiKey: ApiKey.END_QUORUM_EPOCH, message };
}

/** Version 0 names nodes, later ones replicas. */
function candidatesOf(partition: EndQuorumEpochRequestPartitionData): ReplicaKey[] {
  const { preferredCandidates, preferredSuccessors } = partition;
  if (preferredCandidates.length === 0) return preferredSuccessors.map((id) => ({ id, directoryId: null }));
  return preferredCandidates.map(({ candidateId, candidateDirectoryId }) =>
    replicaKey(candidateId, candidateDirectoryId),
  );
}

/** The first of the list stands at once, each other one after twice the time of the one before, strangers last; with an empty list all at once. */
function electionBackoffMs({ local, options }: Quorum, candidates: readonly ReplicaKey[]): number {
  const { electionBackoffMaxMs } = options.config;
  const position = candidates.findIndex((candidate) => matchesReplica(candidate, local.key));
  if (position === 0 || candidates.length === 0) return 0;
  if (position === -1) return electionBackoffMaxMs;
  const baseMs = electionBackoffMaxMs >> (candidates.length - 1);
  return Math.min(electionBackoffMaxMs, baseMs * 2 ** (position - 1));
}

function endQuorumEpochResponse(
  { role }: Quorum,
  context: RequestContext,
  errorCode: ErrorCode,
): EndQuorumEpochResponse {
  const { leaderId, epoch, leaderEndpoints } = role;
  const partition = newEndQuorumEpochResponsePartitionData({
    errorCode,
    leaderId: leaderId ?? -1,
    leaderEpoch: epoch,
  });
  return newEndQuorumEpochResponse({
    topics: [{ topicName: CLUSTER_METADATA_TOPIC, partitions: [partition] }],
    nodeEndpoints: leaderAddresses(leaderId, leaderEndpoints, context, 1),
  });
}
