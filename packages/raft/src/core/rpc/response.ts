/**
 * Takes in the answers to requests, by API, if they are still waited for. Source: KafkaRaftClient (handleResponse).
 */
import { ApiKey } from '@skarab/protocol';
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

/** Takes in an answer. */
export function handleResponse(quorum: Quorum, requestId: number, source: NodeAddress, response: RaftResponse): void {
  const { connections, nowMs } = quorum;
  if (!connections.isExpected(source, requestId)) return;
  const outcome = outcomeOf(quorum, response, source);
  connections.onResponse(source, requestId, outcome === 'retry', nowMs);
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
