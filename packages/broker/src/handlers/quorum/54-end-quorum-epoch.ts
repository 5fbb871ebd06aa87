/**
 * EndQuorumEpoch (54), versions 0-1: the leader of the quorum steps down and says who should stand first (KIP-595). v1 directory ids (KIP-853).
 * ACLs: CLUSTER_ACTION on the cluster.
 */
import {
  ApiKey,
  decodeEndQuorumEpochRequest,
  encodeEndQuorumEpochResponse,
  newEndQuorumEpochResponse,
} from '@skarab/protocol';
import { type QuorumReplica, quorumHandler } from './quorum-handler.ts';

export const endQuorumEpochHandler = (replica: QuorumReplica) =>
  quorumHandler(
    {
      apiKey: ApiKey.END_QUORUM_EPOCH,
      operation: 'CLUSTER_ACTION',
      decode: decodeEndQuorumEpochRequest,
      encode: encodeEndQuorumEpochResponse,
      failure: (errorCode) => newEndQuorumEpochResponse({ errorCode }),
    },
    replica,
  );
