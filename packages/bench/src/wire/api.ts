/**
 * The calls that the benchmark makes itself, each as a value: key, request encoder, response decoder.
 */
import {
  ApiKey,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  apiInfo,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  decodeApiVersionsResponse,
  decodeConsumerGroupHeartbeatResponse,
  decodeCreateTopicsResponse,
  decodeDeleteTopicsResponse,
  decodeFetchResponse,
  decodeFindCoordinatorResponse,
  decodeHeartbeatResponse,
  decodeJoinGroupResponse,
  decodeMetadataResponse,
  decodeProduceResponse,
  decodeSyncGroupResponse,
  type EncodeBody,
  encodeApiVersionsRequest,
  encodeConsumerGroupHeartbeatRequest,
  encodeCreateTopicsRequest,
  encodeDeleteTopicsRequest,
  encodeFetchRequest,
  encodeFindCoordinatorRequest,
  encodeHeartbeatRequest,
  encodeJoinGroupRequest,
  encodeMetadataRequest,
  encodeProduceRequest,
  encodeSyncGroupRequest,
  type FetchRequest,
  type FetchResponse,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type MetadataRequest,
  type MetadataResponse,
  type ProduceRequest,
  type ProduceResponse,
  type Reader,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@skarab/protocol';

/** One API as a client sees it. */
export interface Api<Request, Response> {
  readonly key: number;
  readonly encode: EncodeBody<Request>;
  readonly decode: (reader: Reader, version: number) => Response;
}

export const apiVersions: Api<ApiVersionsRequest, ApiVersionsResponse> = {
  key: ApiKey.API_VERSIONS,
  encode: encodeApiVersionsRequest,
  decode: decodeApiVersionsResponse,
};

export const metadata: Api<MetadataRequest, MetadataResponse> = {
  key: ApiKey.METADATA,
  encode: encodeMetadataRequest,
  decode: decodeMetadataResponse,
};

export const createTopics: Api<CreateTopicsRequest, CreateTopicsResponse> = {
  key: ApiKey.CREATE_TOPICS,
  encode: encodeCreateTopicsRequest,
  decode: decodeCreateTopicsResponse,
};

export const deleteTopics: Api<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: ApiKey.DELETE_TOPICS,
  encode: encodeDeleteTopicsRequest,
  decode: decodeDeleteTopicsResponse,
};

export const produce: Api<ProduceRequest, ProduceResponse> = {
  key: ApiKey.PRODUCE,
  encode: encodeProduceRequest,
  decode: decodeProduceResponse,
};

export const fetch: Api<FetchRequest, FetchResponse> = {
  key: ApiKey.FETCH,
  encode: encodeFetchRequest,
  decode: decodeFetchResponse,
};

export const findCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: ApiKey.FIND_COORDINATOR,
  encode: encodeFindCoordinatorRequest,
  decode: decodeFindCoordinatorResponse,
};

export const consumerGroupHeartbeat: Api<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> = {
  key: ApiKey.CONSUMER_GROUP_HEARTBEAT,
  encode: encodeConsumerGroupHeartbeatRequest,
  decode: decodeConsumerGroupHeartbeatResponse,
};

export const joinGroup: Api<JoinGroupRequest, JoinGroupResponse> = {
  key: ApiKey.JOIN_GROUP,
  encode: encodeJoinGroupRequest,
  decode: decodeJoinGroupResponse,
};

export const syncGroup: Api<SyncGroupRequest, SyncGroupResponse> = {
  key: ApiKey.SYNC_GROUP,
  encode: encodeSyncGroupRequest,
  decode: decodeSyncGroupResponse,
};

export const heartbeat: Api<HeartbeatRequest, HeartbeatResponse> = {
  key: ApiKey.HEARTBEAT,
  encode: encodeHeartbeatRequest,
  decode: decodeHeartbeatResponse,
};

/** The highest version that both sides know and that is final. Errors: throws when there is none. */
export function commonVersion(key: number, server: ApiVersionsResponse): number {
  const ours = apiInfo(key);
  const theirs = server.apiKeys.find(({ apiKey }) => apiKey === key);
  if (ours === undefined || theirs === undefined) throw new Error(`the server does not have API ${key}`);
  const highest = ours.validVersions.max - (ours.latestVersionUnstable ? 1 : 0);
  const version = Math.min(highest, theirs.maxVersion);
  if (version < Math.max(ours.validVersions.min, theirs.minVersion)) {
    throw new Error(`no common version of ${ours.name}: the server has ${theirs.minVersion} to ${theirs.maxVersion}`);
  }
  return version;
}
