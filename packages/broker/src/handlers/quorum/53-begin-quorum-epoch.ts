/**
 * BeginQuorumEpoch (53), versions 0-1: the new leader of the quorum makes itself known (KIP-595). v1 directory ids and endpoints (KIP-853).
 * ACLs: CLUSTER_ACTION on the cluster.
 */
import {
  ApiKey,
  decodeBeginQuorumEpochRequest,
  encodeBeginQuorumEpochResponse,
  newBeginQuorumEpochResponse,
} from '@skarab/protocol';
import { type QuorumReplica, quorumHandler } from './quorum-handler.ts';

export const beginQuorumEpochHandler = (replica: QuorumReplica) =>
  quorumHandler(
    {
      apiKey: ApiKey.BEGIN_QUORUM_EPOCH,
      operation: 'CLUSTER_ACTION',
      decode: decodeBeginQuorumEpochRequest,
      encode: encodeBeginQuorumEpochResponse,
      failure: (errorCode) => newBeginQuorumEpochResponse({ errorCode }),
    },
    replica,
  );
