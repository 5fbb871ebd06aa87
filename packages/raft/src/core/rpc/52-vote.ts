/**
 * Vote: a candidate asks for votes, or a prospective one whether it would get them (pre-vote, from version 2 on).
 *
 * Source: KafkaRaftClient (handleVoteRequest, handleVoteResponse); KIP-595, KIP-853, KIP-996.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  ErrorCode,
  newVoteRequest,
  newVoteRequestPartitionData,
  newVoteResponse,
  newVoteResponsePartitionData,
  type VoteRequest,
  type VoteResponse,
} from '@skarab/protocol';
import { CLUSTER_METADATA_TOPIC } from '../describe-quorum.ts';
import { endpointsOf, leaderAddresses } from '../endpoints.ts';
import type { Quorum } from '../quorum.ts';
import type { NodeAddress, RaftRequest, RequestContext } from '../raft-messages.ts';
import { type ReplicaKey, replicaKey } from '../replica-key.ts';
import { handleCommonResponse, type Outcome } from './common.ts';
import { onlyPartition } from './only-partition.ts';

/** Answers a request. */
export function handleVoteRequest(quorum: Quorum, request: VoteRequest, context: RequestContext): VoteResponse {
  if (!quorum.isClusterId(request.clusterId)) {
    return newVoteResponse({ errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID });
  }
  const partition = onlyPartition(request.topics);
  if (partition === null) return newVoteResponse({ errorCode: ErrorCode.INVALID_REQUEST });
  const { replicaId, replicaEpoch, lastOffsetEpoch, preVote } = partition;
  const respond = (errorCode: ErrorCode, voteGranted = false) => voteResponse(quorum, context, errorCode, voteGranted);
  // A candidate's epoch is new; one that only asks may have records of its epoch already.
  const isPossible = preVote ? lastOffsetEpoch <= replicaEpoch : lastOffsetEpoch < replicaEpoch;
  const lastOffset = Number(partition.lastOffset);
  if (lastOffset < 0 || lastOffsetEpoch < 0 || !isPossible) return respond(ErrorCode.INVALID_REQUEST);
  const error = quorum.voterRequestError(replicaId, replicaEpoch);
  if (error !== ErrorCode.NONE) return respond(error);
  if (replicaEpoch > quorum.epoch) quorum.becomeUnattached(replicaEpoch);
  if (!quorum.isMeant(replicaKey(request.voterId, partition.voterDirectoryId))) {
    return respond(ErrorCode.INVALID_VOTER_KEY);
  }
  const candidate = replicaKey(replicaId, partition.replicaDirectoryId);
  const isGranted = quorum.role.canGrantVote(candidate, quorum.isUpToDate(lastOffsetEpoch, lastOffset), preVote);
  const isFirst = quorum.role.votedKey === null;
  if (isGranted && !preVote && isFirst) quorum.vote(candidate);
  return respond(ErrorCode.NONE, isGranted);
}

/** Takes in an answer. */
export function handleVoteResponse(quorum: Quorum, response: VoteResponse, source: NodeAddress): Outcome {
  const { role } = quorum;
  if (response.errorCode === ErrorCode.UNSUPPORTED_VERSION && role.kind === 'prospective') {
    // A voter that does not know pre-votes cannot be asked for one.
    quorum.becomeCandidate();
    return 'retry';
  }
  const partition = response.errorCode === ErrorCode.NONE ? onlyPartition(response.topics) : null;
  if (partition === null) return 'backOff';
  const { leaderId, leaderEpoch, voteGranted, errorCode } = partition;
  const endpoints = endpointsOf(response.nodeEndpoints, leaderId, quorum.options.listener);
  const outcome = handleCommonResponse(quorum, errorCode as ErrorCode, { leaderId, epoch: leaderEpoch, endpoints });
  if (outcome !== null) return outcome;
  if (errorCode !== ErrorCode.NONE) return 'backOff';
  if (role !== quorum.role || (role.kind !== 'prospective' && role.kind !== 'candidate')) return 'retry';
  role.election.record(source.nodeId, voteGranted);
  quorum.maybeWin();
  if (role.kind === 'prospective' && role.election.isRejected) loseProspects(quorum);
  return 'retry';
}

/** A prospective candidate would not be elected: it follows the leader it knows, or waits. */
export function loseProspects(quorum: Quorum): void {
  const { epoch, leaderId, leaderEndpoints } = quorum.role;
  if (leaderId !== null && leaderEndpoints.length > 0) quorum.becomeFollower(epoch, leaderId, leaderEndpoints);
  else quorum.becomeUnattached(epoch, leaderId);
}

/** The request for the vote of `voter`. */
export function buildVoteRequest(quorum: Quorum, voter: ReplicaKey, preVote: boolean): RaftRequest {
  const { key } = quorum.local;
  const partition = newVoteRequestPartitionData({
    replicaEpoch: quorum.epoch,
    replicaId: key.id,
    replicaDirectoryId: key.directoryId ?? ZERO_UUID,
    voterDirectoryId: voter.directoryId ?? ZERO_UUID,
    lastOffsetEpoch: quorum.log.lastEpoch,
    lastOffset: BigInt(quorum.log.endOffset),
    preVote,
  });
  const topics = [{ topicName: CLUSTER_METADATA_TOPIC, partitions: [partition] }];
  const { clusterId } = quorum.options;
  return { apiKey: ApiKey.VOTE, message: newVoteRequest({ clusterId, voterId: voter.id, topics }) };
}

function voteResponse(
  { role }: Quorum,
  context: RequestContext,
  errorCode: ErrorCode,
  voteGranted: boolean,
): VoteResponse {
  const { leaderId, epoch, leaderEndpoints } = role;
  const partition = newVoteResponsePartitionData({
    errorCode,
    leaderId: leaderId ?? -1,
    leaderEpoch: epoch,
    voteGranted,
  });
  return newVoteResponse({
    topics: [{ topicName: CLUSTER_METADATA_TOPIC, partitions: [partition] }],
    nodeEndpoints: leaderAddresses(leaderId, leaderEndpoints, context, 1),
  });
}
