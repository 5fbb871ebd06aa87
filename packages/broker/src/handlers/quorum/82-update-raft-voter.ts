/**
 * UpdateRaftVoter (82), version 0: a voter tells new endpoints or versions of its own (KIP-853). ACLs: CLUSTER_ACTION on the cluster.
 */
import {
  ApiKey,
  decodeUpdateRaftVoterRequest,
  encodeUpdateRaftVoterResponse,
  newUpdateRaftVoterResponse,
} from '@skarab/protocol';
import { type QuorumReplica, quorumHandler } from './quorum-handler.ts';

export const updateRaftVoterHandler = (replica: QuorumReplica) =>
  quorumHandler(
    {
      apiKey: ApiKey.UPDATE_RAFT_VOTER,
      operation: 'CLUSTER_ACTION',
      decode: decodeUpdateRaftVoterRequest,
      encode: encodeUpdateRaftVoterResponse,
      failure: (errorCode) => newUpdateRaftVoterResponse({ errorCode }),
    },
    replica,
  );
