/**
 * Takes in the answers to requests, by API, if they are still waited for. Source: KafkaRaftClient (handleResponse).
 */
import { ApiKey, ErrorCode } from '@skarab/protocol';
import type { Quorum } from '../quorum.ts';
import type { NodeAddress, RaftResponse } from '../raft-messages.ts';
import { handleFetchResponse } from './01-fetch.ts';
import { handleVoteResponse } from './52-vote.ts';
import { handleBeginQuorumEpochResponse } from './53-begin-quorum-epoch.ts';
import { handleEndQuorumEpochResponse } from './54-end-quorum-epoch.ts';
import { handleFetchSnapshotResponse } from './59-fetch-snapshot.ts';
import { handleAddRaftVoterResponse, handleApiVersionsResponse } from './80-add-raft-voter.ts';
import { handleRemoveRaftVoterResponse } from './81-remove-raft-voter.ts';
import { handleUpdateRaftVoterResponse } from './82-update-raft-voter.ts';
import type { Outcome } from './common.ts';

/** How long a follower tries to reach a leader that takes no connection before it stands, and as much again by chance. */
const LEADER_GONE_PATIENCE_MS = 100;

/** Takes in an answer. */
export function handleResponse(quorum: Quorum, requestId: number, source: NodeAddress, response: RaftResponse): void {
  const { connections, nowMs } = quorum;
  if (!connections.isExpected(source, requestId)) return;
  noteReachability(quorum, source, response);
  const outcome = outcomeOf(quorum, response, source);
  connections.onResponse(source, requestId, outcome === 'retry', nowMs);
}

/** A follower that cannot reach its leader does not wait for the whole fetch timeout, nor do all followers stand at once. */
function noteReachability({ role, nowMs, options }: Quorum, { nodeId }: NodeAddress, response: RaftResponse): void {
  const { message } = response;
  if (role.kind !== 'follower' || role.leaderId !== nodeId || !('errorCode' in message)) return;
  if (message.errorCode !== ErrorCode.BROKER_NOT_AVAILABLE) return;
  role.onUnreachable(nowMs, LEADER_GONE_PATIENCE_MS + options.random.int(LEADER_GONE_PATIENCE_MS));
}

function outcomeOf(quorum: Quorum, response: RaftResponse, source: NodeAddress): Outcome {
  switch (response.apiKey) {
    case ApiKey.FETCH:
      return handleFetchResponse(quorum, response.message);
    case ApiKey.VOTE:
      return handleVoteResponse(quorum, response.message, source);
    case ApiKey.BEGIN_QUORUM_EPOCH:
      return handleBeginQuorumEpochResponse(quorum, response.message);
    case ApiKey.END_QUORUM_EPOCH:
      return handleEndQuorumEpochResponse(quorum, response.message, source);
    case ApiKey.FETCH_SNAPSHOT:
      return handleFetchSnapshotResponse(quorum, response.message);
    case ApiKey.API_VERSIONS:
      return handleApiVersionsResponse(quorum, response.message, source);
    case ApiKey.ADD_RAFT_VOTER:
      return handleAddRaftVoterResponse(quorum, response.message);
    case ApiKey.REMOVE_RAFT_VOTER:
      return handleRemoveRaftVoterResponse(quorum, response.message);
    case ApiKey.UPDATE_RAFT_VOTER:
      return handleUpdateRaftVoterResponse(quorum, response.message);
  }
}
