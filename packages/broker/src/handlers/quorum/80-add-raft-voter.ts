/**
 * AddRaftVoter (80), versions 0-1: a controller that follows becomes a voter (KIP-853). v1 the answer need not wait for the commit (KIP-1186).
 * ACLs: ALTER on the cluster.
 */
import {
  ApiKey,
  decodeAddRaftVoterRequest,
  encodeAddRaftVoterResponse,
  newAddRaftVoterResponse,
} from '@skarab/protocol';
import { type QuorumReplica, quorumHandler } from './quorum-handler.ts';

export const addRaftVoterHandler = (replica: QuorumReplica) =>
  quorumHandler(
    {
      apiKey: ApiKey.ADD_RAFT_VOTER,
      operation: 'ALTER',
      decode: decodeAddRaftVoterRequest,
      encode: encodeAddRaftVoterResponse,
      failure: (errorCode) => newAddRaftVoterResponse({ errorCode }),
    },
    replica,
  );
