/**
 * The messages between replicas, tagged with the API they belong to, and the addresses they go to.
 *
 * Source: org.apache.kafka.raft.RaftRequest, RaftResponse, RaftUtil (errorResponse).
 */
import { assert } from '@skarab/base';
import {
  type AddRaftVoterRequest,
  type AddRaftVoterResponse,
  ApiKey,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  type BeginQuorumEpochRequest,
  type BeginQuorumEpochResponse,
  type EndQuorumEpochRequest,
  type EndQuorumEpochResponse,
  type ErrorCode,
  type FetchRequest,
  type FetchResponse,
  type FetchSnapshotRequest,
  type FetchSnapshotResponse,
  newAddRaftVoterResponse,
  newApiVersionsResponse,
  newBeginQuorumEpochResponse,
  newEndQuorumEpochResponse,
  newFetchResponse,
  newFetchSnapshotResponse,
  newRemoveRaftVoterResponse,
  newUpdateRaftVoterResponse,
  newVoteResponse,
  type RecordsPayload,
  type RemoveRaftVoterRequest,
  type RemoveRaftVoterResponse,
  type UpdateRaftVoterRequest,
  type UpdateRaftVoterResponse,
  type VoteRequest,
  type VoteResponse,
} from '@skarab/protocol';

/** Request and response of each API that replicas speak, by API key. */
export interface RaftApis {
  [ApiKey.FETCH]: { request: FetchRequest; response: FetchResponse };
  [ApiKey.API_VERSIONS]: { request: ApiVersionsRequest; response: ApiVersionsResponse };
  [ApiKey.VOTE]: { request: VoteRequest; response: VoteResponse };
  [ApiKey.BEGIN_QUORUM_EPOCH]: { request: BeginQuorumEpochRequest; response: BeginQuorumEpochResponse };
  [ApiKey.END_QUORUM_EPOCH]: { request: EndQuorumEpochRequest; response: EndQuorumEpochResponse };
  [ApiKey.FETCH_SNAPSHOT]: { request: FetchSnapshotRequest; response: FetchSnapshotResponse };
  [ApiKey.ADD_RAFT_VOTER]: { request: AddRaftVoterRequest; response: AddRaftVoterResponse };
  [ApiKey.REMOVE_RAFT_VOTER]: { request: RemoveRaftVoterRequest; response: RemoveRaftVoterResponse };
  [ApiKey.UPDATE_RAFT_VOTER]: { request: UpdateRaftVoterRequest; response: UpdateRaftVoterResponse };
}

/** Key of an API that replicas speak. */
export type RaftApiKey = keyof RaftApis;

/** A request to a replica. */
export type RaftRequest = {
  [K in RaftApiKey]: { readonly apiKey: K; readonly message: RaftApis[K]['request'] };
}[RaftApiKey];

/** The answer to a request. */
export type RaftResponse = {
  [K in RaftApiKey]: { readonly apiKey: K; readonly message: RaftApis[K]['response'] };
}[RaftApiKey];

/** Where a request goes; ids of bootstrap servers, which are not known, are -2 and below. */
export interface NodeAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** How a request came in. */
export interface RequestContext {
  /** The listener it came by. */
  readonly listener: string;
  readonly apiVersion: number;
}

/** The answer of nothing but an error. */
export function errorResponse(apiKey: RaftApiKey, errorCode: ErrorCode): RaftResponse {
  switch (apiKey) {
    case ApiKey.FETCH:
      return { apiKey, message: newFetchResponse({ errorCode }) };
    case ApiKey.API_VERSIONS:
      return { apiKey, message: newApiVersionsResponse({ errorCode }) };
    case ApiKey.VOTE:
      return { apiKey, message: newVoteResponse({ errorCode }) };
    case ApiKey.BEGIN_QUORUM_EPOCH:
      return { apiKey, message: newBeginQuorumEpochResponse({ errorCode }) };
    case ApiKey.END_QUORUM_EPOCH:
      return { apiKey, message: newEndQuorumEpochResponse({ errorCode }) };
    case ApiKey.FETCH_SNAPSHOT:
      return { apiKey, message: newFetchSnapshotResponse({ errorCode }) };
    case ApiKey.ADD_RAFT_VOTER:
      return { apiKey, message: newAddRaftVoterResponse({ errorCode }) };
    case ApiKey.REMOVE_RAFT_VOTER:
      return { apiKey, message: newRemoveRaftVoterResponse({ errorCode }) };
    case ApiKey.UPDATE_RAFT_VOTER:
      return { apiKey, message: newUpdateRaftVoterResponse({ errorCode }) };
  }
}

/** The records of a message that was received; they are in memory. */
export function receivedBytes(records: RecordsPayload | null): Uint8Array {
  if (records === null) return new Uint8Array(0);
  assert(records instanceof Uint8Array, 'records that were received are in memory');
  return records;
}
