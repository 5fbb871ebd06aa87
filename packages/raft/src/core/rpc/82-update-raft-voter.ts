/**
 * UpdateRaftVoter: a voter tells the leader its listeners and what it supports, when the voters in the log say otherwise.
 *
 * With `kraft.version` 0 nothing is written, but the leader remembers it, to be able to raise the version. Source: KafkaRaftClient
 * (handleUpdateVoterRequest, handleUpdateVoterResponse), internals.UpdateVoterHandler; KIP-853.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  ErrorCode,
  newUpdateRaftVoterRequest,
  newUpdateRaftVoterResponse,
  type UpdateRaftVoterRequest,
  type UpdateRaftVoterResponse,
} from '@skarab/protocol';
import { addressOf } from '../endpoints.ts';
import type { Quorum } from '../quorum.ts';
import type { RaftRequest, RequestContext } from '../raft-messages.ts';
import { matchesReplica, replicaKey } from '../replica-key.ts';
import type { LeaderRole } from '../roles/leader.ts';
import type { VoterNode, VoterSet } from '../voter-set.ts';
import { handleCommonResponse, type Outcome } from './common.ts';

/** Answers a request. */
export function handleUpdateRaftVoterRequest(
  quorum: Quorum,
  request: UpdateRaftVoterRequest,
  context: RequestContext,
): UpdateRaftVoterResponse {
  const respond = (errorCode: ErrorCode) => updateRaftVoterResponse(quorum, context, errorCode);
  if (!quorum.isClusterId(request.clusterId)) return respond(ErrorCode.INCONSISTENT_CLUSTER_ID);
  const error = quorum.leaderRequestError(request.currentLeaderEpoch);
  const { role } = quorum;
  if (error !== ErrorCode.NONE || role.kind !== 'leader') return respond(error);
  const voter = voterOf(request);
  if (voter === null || addressOf(voter.key.id, voter.endpoints, quorum.options.listener) === null) {
    return respond(ErrorCode.INVALID_REQUEST);
  }
  return respond(updateVoter(quorum, role, voter));
}

function voterOf(request: UpdateRaftVoterRequest): VoterNode | null {
  const key = replicaKey(request.voterId, request.voterDirectoryId);
  const { minSupportedVersion: min, maxSupportedVersion: max } = request.kRaftVersionFeature;
  if (key.id < 0 || key.directoryId === null || min < 0 || max < min) return null;
  const endpoints = request.listeners.map(({ name, host, port }) => ({ name, host, port }));
  return { key, endpoints, kraftVersions: { min, max } };
}

function updateVoter(quorum: Quorum, role: LeaderRole, voter: VoterNode): ErrorCode {
  const voters = votersToUpdate(quorum, role);
  if (voters === null) return ErrorCode.REQUEST_TIMED_OUT;
  const { kraftVersion } = quorum.history;
  const { min, max } = voter.kraftVersions;
  if (min > kraftVersion || max < kraftVersion) return ErrorCode.INVALID_REQUEST;
  const known = voters.get(voter.key.id);
  const isKnown = known !== undefined && (kraftVersion === 0 || matchesReplica(known.key, voter.key));
  if (!isKnown) return ErrorCode.VOTER_NOT_FOUND;
  const updated = voters.with(voter);
  if (kraftVersion === 0) role.volatileVoters = updated;
  else quorum.emit({ kind: 'appendControl', epoch: role.epoch, messages: [{ type: 'Voters', voters: updated }] });
  role.onVoterHeard(voter.key, quorum.nowMs);
  return ErrorCode.NONE;
}

/** The voters to start from; null while they are about to change, or this epoch has not committed anything. */
function votersToUpdate({ history }: Quorum, role: LeaderRole): VoterSet | null {
  const { pendingChange, highWatermark, volatileVoters } = role;
  const { kraftVersion, voters, votersOffset } = history;
  if (pendingChange !== null || highWatermark === null) return null;
  if (kraftVersion === 0) return role.requestedKraftVersion === null ? volatileVoters : null;
  return votersOffset !== null && votersOffset < highWatermark ? voters : null;
}

/** Takes in the leader's answer. */
export function handleUpdateRaftVoterResponse(quorum: Quorum, response: UpdateRaftVoterResponse): Outcome {
  const { leaderId, leaderEpoch, host, port } = response.currentLeader;
  const errorCode = response.errorCode as ErrorCode;
  const endpoints = leaderId >= 0 && host !== '' ? [{ name: quorum.options.listener, host, port }] : [];
  const outcome = handleCommonResponse(quorum, errorCode, { leaderId, epoch: leaderEpoch, endpoints });
  if (outcome !== null) return outcome;
  const { role } = quorum;
  const isDone = errorCode === ErrorCode.NONE || errorCode === ErrorCode.UNSUPPORTED_VERSION;
  if (!isDone || role.kind !== 'follower') return 'backOff';
  role.hasUpdatedLeader = true;
  role.onFetched(quorum.nowMs);
  return 'retry';
}

/** What this voter tells the leader of itself. */
export function buildUpdateRaftVoterRequest({ local, options, epoch }: Quorum): RaftRequest {
  const { key, endpoints, kraftVersions } = local;
  const message = newUpdateRaftVoterRequest({
    clusterId: options.clusterId,
    currentLeaderEpoch: epoch,
    voterId: key.id,
    voterDirectoryId: key.directoryId ?? ZERO_UUID,
    listeners: endpoints.map(({ name, host, port }) => ({ name, host, port })),
    kRaftVersionFeature: { minSupportedVersion: kraftVersions.min, maxSupportedVersion: kraftVersions.max },
  });
  return { apiKey: ApiKey.UPDATE_RAFT_VOTER, message };
}

function updateRaftVoterResponse(
  { role }: Quorum,
  { listener }: RequestContext,
  errorCode: ErrorCode,
): UpdateRaftVoterResponse {
  const { leaderId, epoch, leaderEndpoints } = role;
  const address = leaderId === null ? null : addressOf(leaderId, leaderEndpoints, listener);
  const { host, port } = address ?? { host: '', port: 0 };
  return newUpdateRaftVoterResponse({
    errorCode,
    currentLeader: { leaderId: leaderId ?? -1, leaderEpoch: epoch, host, port },
  });
}
