/**
 * Vote (52), versions 0-2: a candidate asks for this voter's vote (KIP-595). v1 directory ids (KIP-853); v2 pre-votes (KIP-996). ACLs:
 * CLUSTER_ACTION on the cluster.
 */
import { ApiKey, decodeVoteRequest, encodeVoteResponse, newVoteResponse } from '@skarab/protocol';
import { type QuorumReplica, quorumHandler } from './quorum-handler.ts';

export const voteHandler = (replica: QuorumReplica) =>
  quorumHandler(
    {
      apiKey: ApiKey.VOTE,
      operation: 'CLUSTER_ACTION',
      decode: decodeVoteRequest,
      encode: encodeVoteResponse,
      failure: (errorCode) => newVoteResponse({ errorCode }),
    },
    replica,
  );
