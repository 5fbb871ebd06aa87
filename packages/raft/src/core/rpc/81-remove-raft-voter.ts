/**
 * RemoveRaftVoter: the leader writes the voters without one of them, which may be itself; then it resigns.
 *
 * With auto-join a controller that got another disk asks for its former self. Source: KafkaRaftClient (handleRemoveVoterRequest,
 * handleRemoveVoterResponse), internals.RemoveVoterHandler; KIP-853, KIP-1186.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  ErrorCode,
  newRemoveRaftVoterRequest,
  newRemoveRaftVoterResponse,
  type RemoveRaftVoterRequest,
  type RemoveRaftVoterResponse,
} from '@skarab/protocol';
import type { Quorum } from '../quorum.ts';
import type { RaftRequest, RaftResponse } from '../raft-messages.ts';
import { isSameReplica, type ReplicaKey, replicaKey } from '../replica-key.ts';
import { voterChangeRefusal, voterChangeResponse, writeVoters } from '../voter-change.ts';
import type { Outcome } from './common.ts';
import { describeReplica } from './java-text.ts';

/** Answers a request; null when it begins to remove a voter, which is answered later. */
export function handleRemoveRaftVoterRequest(
  quorum: Quorum,
  request: RemoveRaftVoterRequest,
  token: number,
): RaftResponse | null {
  const refuse = (errorCode: ErrorCode, message: string) => voterChangeResponse('remove', errorCode, message);
  const { clusterId, config } = quorum.options;
  if (!quorum.isClusterId(request.clusterId)) {
    const message = `The given id "${request.clusterId}" doesn't match the cluster id "${clusterId}"`;
    return refuse(ErrorCode.INCONSISTENT_CLUSTER_ID, message);
  }
  const error = quorum.leaderRequestError(quorum.epoch);
  const { role, history, nowMs } = quorum;
  if (error !== ErrorCode.NONE || role.kind !== 'leader') {
    // Whoever is not the leader says so without words.
    const message = newRemoveRaftVoterResponse({ errorCode: error, errorMessage: null });
    return { apiKey: ApiKey.REMOVE_RAFT_VOTER, message };
  }
  const voterKey = replicaKey(request.voterId, request.voterDirectoryId);
  if (voterKey.id < 0 || voterKey.directoryId === null) {
    return refuse(ErrorCode.INVALID_REQUEST, "Remove voter request didn't include a valid voter");
  }
  const refusal = voterChangeRefusal(quorum, role, 'removing');
  if (refusal !== null) return refuse(refusal.errorCode, refusal.message);
  const { voters } = history;
  const known = voters.get(voterKey.id);
  if (known === undefined || !isSameReplica(known.key, voterKey) || voters.size === 1) {
    const keys = [...voters].map(({ key }) => describeReplica(key)).join(', ');
    const message = `Cannot remove voter ${describeReplica(voterKey)} from the set of voters [${keys}]`;
    return refuse(ErrorCode.VOTER_NOT_FOUND, message);
  }
  role.pendingChange = {
    kind: 'remove',
    token,
    deadlineMs: nowMs + config.requestTimeoutMs,
    isWritten: false,
    lastOffset: null,
  };
  writeVoters(quorum, role.pendingChange, voters.without(voterKey.id));
  return null;
}

/** Takes in the answer to this replica's wish that its former self votes no more. */
export function handleRemoveRaftVoterResponse(quorum: Quorum, { errorCode }: RemoveRaftVoterResponse): Outcome {
  const isDone =
    errorCode === ErrorCode.NONE ||
    errorCode === ErrorCode.REQUEST_TIMED_OUT ||
    errorCode === ErrorCode.VOTER_NOT_FOUND;
  const { role } = quorum;
  if (!isDone || role.kind !== 'follower') return 'backOff';
  role.onVotersUpdated(quorum.nowMs);
  return 'retry';
}

/** The wish that `voter` votes no more. */
export function buildRemoveRaftVoterRequest({ options }: Quorum, voter: ReplicaKey): RaftRequest {
  const message = newRemoveRaftVoterRequest({
    clusterId: options.clusterId,
    voterId: voter.id,
    voterDirectoryId: voter.directoryId ?? ZERO_UUID,
  });
  return { apiKey: ApiKey.REMOVE_RAFT_VOTER, message };
}
