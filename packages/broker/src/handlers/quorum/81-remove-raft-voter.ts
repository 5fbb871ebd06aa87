/**
 * RemoveRaftVoter (81), version 0: a voter is one no more (KIP-853). ACLs: ALTER on the cluster.
 */
import {
  ApiKey,
  decodeRemoveRaftVoterRequest,
  encodeRemoveRaftVoterResponse,
  newRemoveRaftVoterResponse,
} from '@skarab/protocol';
import { type QuorumReplica, quorumHandler } from './quorum-handler.ts';

export const removeRaftVoterHandler = (replica: QuorumReplica) =>
  quorumHandler(
    {
      apiKey: ApiKey.REMOVE_RAFT_VOTER,
      operation: 'ALTER',
      decode: decodeRemoveRaftVoterRequest,
      encode: encodeRemoveRaftVoterResponse,
      failure: (errorCode) => newRemoveRaftVoterResponse({ errorCode }),
    },
    replica,
  );
