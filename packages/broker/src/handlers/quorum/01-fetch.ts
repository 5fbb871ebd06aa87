/**
 * Fetch (1), versions 4-18 on a controller listener: replicas of the metadata log, voters and observers, read it from the leader and tell it how
 * far they have got (KIP-595). v17 directory ids (KIP-853); v18 high watermark. ACLs: CLUSTER_ACTION on the cluster.
 */
import { ApiKey, decodeFetchRequest, encodeFetchResponse, newFetchResponse } from '@skarab/protocol';
import { type QuorumReplica, quorumHandler } from './quorum-handler.ts';

export const fetchMetadataHandler = (replica: QuorumReplica) =>
  quorumHandler(
    {
      apiKey: ApiKey.FETCH,
      operation: 'CLUSTER_ACTION',
      decode: decodeFetchRequest,
      encode: encodeFetchResponse,
      failure: (errorCode) => newFetchResponse({ errorCode }),
    },
    replica,
  );
