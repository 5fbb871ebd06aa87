/**
 * The requests that the group coordinator serves, by kind, and what it must know about who asks.
 */
import type {
  DeleteGroupsRequest,
  DeleteGroupsResponse,
  DescribeGroupsRequest,
  DescribeGroupsResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  LeaveGroupResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetDeleteRequest,
  OffsetDeleteResponse,
  OffsetFetchRequestGroup,
  OffsetFetchResponseGroup,
  SyncGroupRequest,
  SyncGroupResponse,
} from '@skarab/protocol';

/** Who asks, and at which version of the API. */
export interface GroupRequestContext {
  readonly apiVersion: number;
  readonly clientId: string;
  /** The address as `clientHostOf` gives it. */
  readonly clientHost: string;
}

/** One group of an OffsetFetch request. */
export interface GroupOffsetFetch {
  readonly group: OffsetFetchRequestGroup;
  /** Whether to see uncommitted writes and wait for them, and to refuse offsets under an open transaction. */
  readonly requireStable: boolean;
}

/** Request and response of every kind. */
export interface GroupRequests {
  joinGroup: { request: JoinGroupRequest; response: JoinGroupResponse };
  syncGroup: { request: SyncGroupRequest; response: SyncGroupResponse };
  heartbeat: { request: HeartbeatRequest; response: HeartbeatResponse };
  leaveGroup: { request: LeaveGroupRequest; response: LeaveGroupResponse };
  offsetCommit: { request: OffsetCommitRequest; response: OffsetCommitResponse };
  offsetFetch: { request: GroupOffsetFetch; response: OffsetFetchResponseGroup };
  offsetDelete: { request: OffsetDeleteRequest; response: OffsetDeleteResponse };
  describeGroups: { request: DescribeGroupsRequest; response: DescribeGroupsResponse };
  listGroups: { request: ListGroupsRequest; response: ListGroupsResponse };
  deleteGroups: { request: DeleteGroupsRequest; response: DeleteGroupsResponse };
}

/** The name of a request. */
export type GroupRequestKind = keyof GroupRequests;

/** The request of a kind. */
export type GroupRequest<K extends GroupRequestKind> = GroupRequests[K]['request'];

/** The response of a kind. */
export type GroupResponse<K extends GroupRequestKind> = GroupRequests[K]['response'];
