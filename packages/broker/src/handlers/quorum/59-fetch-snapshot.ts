/**
 * FetchSnapshot (59), versions 0-1: a replica that is too far behind reads the leader's snapshot piece by piece (KIP-630). v1 directory ids
 * (KIP-853). ACLs: CLUSTER_ACTION on the cluster.
 */
import {
  ApiKey,
  decodeFetchSnapshotRequest,
  encodeFetchSnapshotResponse,
  newFetchSnapshotResponse,
} from '@skarab/protocol';
import { type QuorumReplica, quorumHandler } from './quorum-handler.ts';

export const fetchSnapshotHandler = (replica: QuorumReplica) =>
  quorumHandler(
    {
      apiKey: ApiKey.FETCH_SNAPSHOT,
      operation: 'CLUSTER_ACTION',
      decode: decodeFetchSnapshotRequest,
      encode: encodeFetchSnapshotResponse,
      failure: (errorCode) => newFetchSnapshotResponse({ errorCode }),
    },
    replica,
  );
