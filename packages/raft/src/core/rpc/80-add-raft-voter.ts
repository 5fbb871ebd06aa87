/**
 * AddRaftVoter: the leader asks the new voter what it supports, then writes it among the voters.
 *
 * A replica that is not at the end of the log is not added: it would only hold up the others. With auto-join a controller asks for itself.
 * Source: KafkaRaftClient (handleAddVoterRequest, handleAddVoterResponse), internals.AddVoterHandler; KIP-853, KIP-1186.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  type AddRaftVoterRequest,
  type AddRaftVoterResponse,
  ApiKey,
  type ApiVersionsResponse,
  ErrorCode,
  errorName,
  newAddRaftVoterRequest,
  newAddRaftVoterResponse,
  newApiVersionsRequest,
} from '@skarab/protocol';
import { addressOf } from '../endpoints.ts';
import type { PendingAddition } from '../pending-voter-change.ts';
import type { Quorum } from '../quorum.ts';
import type { NodeAddress, RaftRequest, RaftResponse } from '../raft-messages.ts';
import { replicaKey } from '../replica-key.ts';
import type { LeaderRole } from '../roles/leader.ts';
import {
  answerVoterChange,
  completeVoterChange,
  voterChangeRefusal,
  voterChangeResponse,
  writeVoters,
} from '../voter-change.ts';
import type { Outcome } from './common.ts';
import { describeEndpoints, describeReplica } from './java-text.ts';

const KRAFT_VERSION = 'kraft.version';

/** Answers a request; null when it begins to add a voter, which is answered later. */
export function handleAddRaftVoterRequest(
  quorum: Quorum,
  request: AddRaftVoterRequest,
  token: number,
): RaftResponse | null {
  const refuse = (errorCode: ErrorCode, message: string) => voterChangeResponse('add', errorCode, message);
  const { clusterId, listener } = quorum.options;
  if (!quorum.isClusterId(request.clusterId)) {
    const message = `The given id "${request.clusterId}" doesn't match the cluster id "${clusterId}"`;
    return refuse(ErrorCode.INCONSISTENT_CLUSTER_ID, message);
  }
  const error = quorum.leaderRequestError(quorum.epoch);
  const { role, history, connections, nowMs } = quorum;
  if (error !== ErrorCode.NONE || role.kind !== 'leader') {
    // Whoever is not the leader says so without words.
    const message = newAddRaftVoterResponse({ errorCode: error, errorMessage: null });
    return { apiKey: ApiKey.ADD_RAFT_VOTER, message };
  }
  const voterKey = replicaKey(request.voterId, request.voterDirectoryId);
  if (voterKey.id < 0 || voterKey.directoryId === null) {
    return refuse(ErrorCode.INVALID_REQUEST, "Add voter request didn't include a valid voter");
  }
  const endpoints = request.listeners.map(({ name, host, port }) => ({ name, host, port }));
  const address = addressOf(voterKey.id, endpoints, listener);
  if (address === null) {
    const message =
      `Add voter request didn't include the endpoint (${describeEndpoints(endpoints)}) ` +
      `for the default listener ListenerName(${listener})`;
    return refuse(ErrorCode.INVALID_REQUEST, message);
  }
  const refusal = voterChangeRefusal(quorum, role, 'adding');
  if (refusal !== null) return refuse(refusal.errorCode, refusal.message);
  const { voters } = history;
  if (voters.get(voterKey.id) !== undefined) {
    const known = [...voters].map(({ key }) => describeReplica(key)).join(', ');
    const message = `The voter id for ${describeReplica(voterKey)} is already part of the set of voters [${known}].`;
    return refuse(ErrorCode.DUPLICATE_VOTER, message);
  }
  if (connections.readyAtMs(address, nowMs) > nowMs) {
    const message = `New voter ${describeReplica(voterKey)} is not ready to receive requests`;
    return refuse(ErrorCode.REQUEST_TIMED_OUT, message);
  }
  quorum.send(address, { apiKey: ApiKey.API_VERSIONS, message: newApiVersionsRequest(CLIENT) });
  role.pendingChange = {
    kind: 'add',
    token,
    voterKey,
    endpoints,
    ackWhenCommitted: request.ackWhenCommitted,
    deadlineMs: nowMs + quorum.options.config.requestTimeoutMs,
    isWritten: false,
    lastOffset: null,
  };
  return null;
}

/** The new voter has told what it supports. */
export function handleApiVersionsResponse(quorum: Quorum, response: ApiVersionsResponse, source: NodeAddress): Outcome {
  const { role } = quorum;
  if (role.kind !== 'leader') return 'retry';
  const { pendingChange } = role;
  if (pendingChange?.kind !== 'add' || pendingChange.isWritten || pendingChange.voterKey.id !== source.nodeId) {
    return 'retry';
  }
  if (response.errorCode !== ErrorCode.NONE) {
    const message = `Aborted add voter operation for since API_VERSIONS returned an error ${errorName(response.errorCode as ErrorCode)}`;
    completeVoterChange(quorum, role, ErrorCode.REQUEST_TIMED_OUT, message);
    return 'backOff';
  }
  addVoter(quorum, role, pendingChange, response);
  return 'retry';
}

function addVoter(
  quorum: Quorum,
  role: LeaderRole,
  change: PendingAddition,
  { supportedFeatures }: ApiVersionsResponse,
): void {
  const { history, nowMs } = quorum;
  const { voterKey: key, endpoints } = change;
  const feature = supportedFeatures.find(({ name }) => name === KRAFT_VERSION);
  const range = { min: feature?.minVersion ?? 0, max: feature?.maxVersion ?? 0 };
  const { kraftVersion } = history;
  if (feature === undefined || range.min > kraftVersion || range.max < kraftVersion) {
    const text = `(min: ${range.min}, max: ${range.max}${feature === undefined ? ')' : ''}`;
    const message =
      `Aborted add voter operation for ${describeReplica(key)} since the ${KRAFT_VERSION} range ${text} doesn't ` +
      `support the finalized version ${kraftVersion}`;
    completeVoterChange(quorum, role, ErrorCode.INVALID_REQUEST, message);
    return;
  }
  if (!role.isCaughtUp(key, nowMs)) {
    const message = `Aborted add voter operation for ${describeReplica(key)} since it is lagging behind`;
    completeVoterChange(quorum, role, ErrorCode.REQUEST_TIMED_OUT, message);
    return;
  }
  writeVoters(quorum, change, history.voters.with({ key, endpoints, kraftVersions: range }));
  if (!change.ackWhenCommitted) answerVoterChange(quorum, change, ErrorCode.NONE, null);
}

/** Takes in the answer to this replica's wish to vote. */
export function handleAddRaftVoterResponse(quorum: Quorum, { errorCode }: AddRaftVoterResponse): Outcome {
  const isDone =
    errorCode === ErrorCode.NONE ||
    errorCode === ErrorCode.REQUEST_TIMED_OUT ||
    errorCode === ErrorCode.DUPLICATE_VOTER;
  const { role } = quorum;
  if (!isDone || role.kind !== 'follower') return 'backOff';
  role.onVotersUpdated(quorum.nowMs);
  return 'retry';
}

/** This replica's wish to vote. */
export function buildAddRaftVoterRequest({ local, options }: Quorum): RaftRequest {
  const message = newAddRaftVoterRequest({
    clusterId: options.clusterId,
    timeoutMs: options.config.requestTimeoutMs,
    voterId: local.key.id,
    voterDirectoryId: local.key.directoryId ?? ZERO_UUID,
    listeners: local.endpoints.map(({ name, host, port }) => ({ name, host, port })),
    ackWhenCommitted: false,
  });
  return { apiKey: ApiKey.ADD_RAFT_VOTER, message };
}

/** What this software calls itself. */
const CLIENT = { clientSoftwareName: 'skarab', clientSoftwareVersion: '0.1.0' };
