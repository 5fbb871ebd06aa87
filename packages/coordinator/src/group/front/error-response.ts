/**
 * The response that carries nothing but an error, for each kind of request and version.
 *
 * Source: getErrorResponse of the request classes in org.apache.kafka.common.requests.
 */
import {
  type ErrorCode,
  type JoinGroupResponse,
  newConsumerGroupDescribeResponse,
  newConsumerGroupDescribeResponseDescribedGroup,
  newConsumerGroupHeartbeatResponse,
  newDeletableGroupResult,
  newDeleteGroupsResponse,
  newDescribeGroupsResponse,
  newDescribeGroupsResponseDescribedGroup,
  newHeartbeatResponse,
  newJoinGroupResponse,
  newLeaveGroupResponse,
  newListGroupsResponse,
  newOffsetCommitResponse,
  newOffsetCommitResponsePartition,
  newOffsetCommitResponseTopic,
  newOffsetDeleteResponse,
  newOffsetFetchResponseGroup,
  newOffsetFetchResponsePartitions,
  newOffsetFetchResponseTopics,
  newShareGroupDescribeResponse,
  newShareGroupDescribeResponseDescribedGroup,
  newShareGroupHeartbeatResponse,
  newStreamsGroupDescribeResponse,
  newStreamsGroupDescribeResponseDescribedGroup,
  newStreamsGroupHeartbeatResponse,
  newSyncGroupResponse,
  newTxnOffsetCommitResponse,
  newTxnOffsetCommitResponsePartition,
  newTxnOffsetCommitResponseTopic,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetFetchRequestGroup,
  type OffsetFetchResponseGroup,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
} from '@skarab/protocol';
import type { GroupRequest, GroupRequestKind, GroupResponse } from '../group-requests.ts';

/** OffsetFetch has an error for the whole group from this version on. */
const GROUP_ERROR_MIN_VERSION = 2;
/** JoinGroup can say null for "no protocol" from this version on. */
const NULL_PROTOCOL_MIN_VERSION = 7;

type ErrorResponses = {
  [K in GroupRequestKind]: (request: GroupRequest<K>, errorCode: ErrorCode, apiVersion: number) => GroupResponse<K>;
};

const errorResponses: ErrorResponses = {
  joinGroup: (_request, errorCode, apiVersion) => forJoinVersion(newJoinGroupResponse({ errorCode }), apiVersion),
  syncGroup: (_request, errorCode) => newSyncGroupResponse({ errorCode }),
  heartbeat: (_request, errorCode) => newHeartbeatResponse({ errorCode }),
  leaveGroup: (_request, errorCode) => newLeaveGroupResponse({ errorCode }),
  offsetCommit: (request, errorCode) => offsetCommitError(request, errorCode),
  txnOffsetCommit: ({ commit }, errorCode) => txnOffsetCommitError(commit, errorCode),
  offsetFetch: ({ group }, errorCode, apiVersion) => offsetFetchError(group, errorCode, apiVersion),
  offsetDelete: (_request, errorCode) => newOffsetDeleteResponse({ errorCode }),
  describeGroups: ({ groups }, errorCode) =>
    newDescribeGroupsResponse({
      groups: groups.map((groupId) => newDescribeGroupsResponseDescribedGroup({ groupId, errorCode })),
    }),
  shareGroupHeartbeat: (_request, errorCode) => newShareGroupHeartbeatResponse({ errorCode }),
  shareGroupDescribe: ({ groupIds }, errorCode) =>
    newShareGroupDescribeResponse({
      groups: groupIds.map((groupId) => newShareGroupDescribeResponseDescribedGroup({ groupId, errorCode })),
    }),
  consumerGroupHeartbeat: (_request, errorCode) => newConsumerGroupHeartbeatResponse({ errorCode }),
  consumerGroupDescribe: ({ groupIds }, errorCode) =>
    newConsumerGroupDescribeResponse({
      groups: groupIds.map((groupId) => newConsumerGroupDescribeResponseDescribedGroup({ groupId, errorCode })),
    }),
  streamsGroupHeartbeat: (_request, errorCode) => ({
    response: newStreamsGroupHeartbeatResponse({ errorCode }),
    topicsToCreate: [],
  }),
  streamsGroupDescribe: ({ groupIds }, errorCode) =>
    newStreamsGroupDescribeResponse({
      groups: groupIds.map((groupId) => newStreamsGroupDescribeResponseDescribedGroup({ groupId, errorCode })),
    }),
  listGroups: (_request, errorCode) => newListGroupsResponse({ errorCode }),
  deleteGroups: ({ groupsNames }, errorCode) =>
    newDeleteGroupsResponse({ results: groupsNames.map((groupId) => newDeletableGroupResult({ groupId, errorCode })) }),
};

/** The error response for a request. */
export function errorResponse<K extends GroupRequestKind>(
  kind: K,
  request: GroupRequest<K>,
  errorCode: ErrorCode,
  apiVersion: number,
): GroupResponse<K> {
  return errorResponses[kind](request, errorCode, apiVersion);
}

/** "No protocol" is null where the version has null, else empty. */
export function forJoinVersion(response: JoinGroupResponse, apiVersion: number): JoinGroupResponse {
  const protocolName = response.protocolName ?? '';
  if (protocolName !== '') return response;
  return { ...response, protocolName: apiVersion >= NULL_PROTOCOL_MIN_VERSION ? null : '' };
}

function offsetCommitError({ topics }: OffsetCommitRequest, errorCode: ErrorCode): OffsetCommitResponse {
  return newOffsetCommitResponse({
    topics: topics.map(({ topicId, name, partitions }) =>
      newOffsetCommitResponseTopic({
        topicId,
        name,
        partitions: partitions.map(({ partitionIndex }) =>
          newOffsetCommitResponsePartition({ partitionIndex, errorCode }),
        ),
      }),
    ),
  });
}

function txnOffsetCommitError({ topics }: TxnOffsetCommitRequest, errorCode: ErrorCode): TxnOffsetCommitResponse {
  return newTxnOffsetCommitResponse({
    topics: topics.map(({ name, partitions }) =>
      newTxnOffsetCommitResponseTopic({
        name,
        partitions: partitions.map(({ partitionIndex }) =>
          newTxnOffsetCommitResponsePartition({ partitionIndex, errorCode }),
        ),
      }),
    ),
  });
}

function offsetFetchError(
  { groupId, topics }: OffsetFetchRequestGroup,
  errorCode: ErrorCode,
  apiVersion: number,
): OffsetFetchResponseGroup {
  if (apiVersion >= GROUP_ERROR_MIN_VERSION) return newOffsetFetchResponseGroup({ groupId, errorCode });
  return newOffsetFetchResponseGroup({
    groupId,
    topics: (topics ?? []).map(({ name, partitionIndexes }) =>
      newOffsetFetchResponseTopics({
        name,
        partitions: partitionIndexes.map((partitionIndex) =>
          newOffsetFetchResponsePartitions({ partitionIndex, committedOffset: -1n, metadata: '', errorCode }),
        ),
      }),
    ),
  });
}
