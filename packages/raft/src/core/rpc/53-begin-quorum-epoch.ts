/**
 * BeginQuorumEpoch: a new leader tells those voters that do not fetch from it.
 *
 * Source: KafkaRaftClient (handleBeginQuorumEpochRequest, handleBeginQuorumEpochResponse); KIP-595, KIP-853.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  type BeginQuorumEpochRequest,
  type BeginQuorumEpochResponse,
  ErrorCode,
  newBeginQuorumEpochRequest,
  newBeginQuorumEpochRequestPartitionData,
  newBeginQuorumEpochResponse,
  newBeginQuorumEpochResponsePartitionData,
} from '@skarab/protocol';
import { CLUSTER_METADATA_TOPIC } from '../describe-quorum.ts';
import { endpointsOf, leaderAddresses } from '../endpoints.ts';
import type { Quorum } from '../quorum.ts';
import type { RaftRequest, RequestContext } from '../raft-messages.ts';
import { type ReplicaKey, replicaKey } from '../replica-key.ts';
import { contradicts, followIfNewer, handleCommonResponse, type Outcome } from './common.ts';
import { onlyPartition } from './only-partition.ts';

/** Answers a request. */
export function handleBeginQuorumEpochRequest(
  quorum: Quorum,
  request: BeginQuorumEpochRequest,
  context: RequestContext,
): BeginQuorumEpochResponse {
  if (!quorum.isClusterId(request.clusterId)) {
    return newBeginQuorumEpochResponse({ errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID });
  }
  const partition = onlyPartition(request.topics);
  if (partition === null) return newBeginQuorumEpochResponse({ errorCode: ErrorCode.INVALID_REQUEST });
  const { leaderId, leaderEpoch } = partition;
  const error = quorum.voterRequestError(leaderId, leaderEpoch);
  if (error !== ErrorCode.NONE) return beginQuorumEpochResponse(quorum, context, error);
  const leader = { leaderId, epoch: leaderEpoch, endpoints: request.leaderEndpoints };
  if (contradicts(quorum, leader)) return beginQuorumEpochResponse(quorum, context, ErrorCode.INVALID_REQUEST);
  followIfNewer(quorum, leader);
  const isMeant = quorum.isMeant(replicaKey(request.voterId, partition.voterDirectoryId));
  return beginQuorumEpochResponse(quorum, context, isMeant ? ErrorCode.NONE : ErrorCode.INVALID_VOTER_KEY);
}

/** Takes in an answer. */
export function handleBeginQuorumEpochResponse(quorum: Quorum, response: BeginQuorumEpochResponse): Outcome {
  const partition = response.errorCode === ErrorCode.NONE ? onlyPartition(response.topics) : null;
  if (partition === null) return 'backOff';
  const { leaderId, leaderEpoch, errorCode } = partition;
  const endpoints = endpointsOf(response.nodeEndpoints, leaderId, quorum.options.listener);
  const outcome = handleCommonResponse(quorum, errorCode as ErrorCode, { leaderId, epoch: leaderEpoch, endpoints });
  return outcome ?? (errorCode === ErrorCode.NONE ? 'retry' : 'backOff');
}

/** The request to `voter`. */
export function buildBeginQuorumEpochRequest(quorum: Quorum, voter: ReplicaKey): RaftRequest {
  const { key, endpoints } = quorum.local;
  const partition = newBeginQuorumEpochRequestPartitionData({
    leaderEpoch: quorum.epoch,
    leaderId: key.id,
    voterDirectoryId: voter.directoryId ?? ZERO_UUID,
  });
  const message = newBeginQuorumEpochRequest({
    clusterId: quorum.options.clusterId,
    voterId: voter.id,
    topics: [{ topicName: CLUSTER_METADATA_TOPIC, partitions: [partition] }],
    leaderEndpoints: endpoints.map(({ name, host, port }) => ({ name, host, port })),
  });
  return { apiKey: ApiKey.BEGIN_QUORUM_EPOCH, message };
}

function beginQuorumEpochResponse(
  { role }: Quorum,
  context: RequestContext,
  errorCode: ErrorCode,
): BeginQuorumEpochResponse {
  const { leaderId, epoch, leaderEndpoints } = role;
  const partition = newBeginQuorumEpochResponsePartitionData({
    errorCode,
    leaderId: leaderId ?? -1,
    leaderEpoch: epoch,
  });
  return newBeginQuorumEpochResponse({
    topics: [{ topicName: CLUSTER_METADATA_TOPIC, partitions: [partition] }],
    nodeEndpoints: leaderAddresses(leaderId, leaderEndpoints, context, 1),
  });
}
