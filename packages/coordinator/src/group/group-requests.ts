/**
 * The requests that the group coordinator serves, by kind, and what it must know about who asks.
 */
import type {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  CreatableTopic,
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
  ShareGroupDescribeRequest,
  ShareGroupDescribeResponse,
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
  SyncGroupRequest,
  SyncGroupResponse,
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '@skarab/protocol';
import type { TopicPermission } from './request/topics-view.ts';

/** Who asks, and at which version of the API. */
export interface GroupRequestContext {
  readonly apiVersion: number;
  readonly clientId: string;
  /** The address as `clientHostOf` gives it. */
  readonly clientHost: string;
  /** Which topics the requester may know of: what a regular expression can match. */
  readonly mayDescribe: TopicPermission;
}

/** One group of an OffsetFetch request. */
export interface GroupOffsetFetch {
  readonly group: OffsetFetchRequestGroup;
  /** Whether to see uncommitted writes and wait for them, and to refuse offsets under an open transaction. */
  readonly requireStable: boolean;
}

/** A TxnOffsetCommit from `planTxnOffsetCommit`. */
export interface TransactionalCommit {
  readonly commit: TxnOffsetCommitRequest;
  /** The proof that the group's partition is in the transaction (KIP-890), for the log; null: none is needed. */
  readonly verificationGuard: object | null;
}

/** The answer to a member of a streams group, and the internal topics that its topology lacks. */
export interface StreamsHeartbeatResult {
  readonly response: StreamsGroupHeartbeatResponse;
  readonly topicsToCreate: readonly CreatableTopic[];
}

/** Request and response of every kind. */
export interface GroupRequests {
  joinGroup: { request: JoinGroupRequest; response: JoinGroupResponse };
  syncGroup: { request: SyncGroupRequest; response: SyncGroupResponse };
  heartbeat: { request: HeartbeatRequest; response: HeartbeatResponse };
  leaveGroup: { request: LeaveGroupRequest; response: LeaveGroupResponse };
  offsetCommit: { request: OffsetCommitRequest; response: OffsetCommitResponse };
  txnOffsetCommit: { request: TransactionalCommit; response: TxnOffsetCommitResponse };
  offsetFetch: { request: GroupOffsetFetch; response: OffsetFetchResponseGroup };
  offsetDelete: { request: OffsetDeleteRequest; response: OffsetDeleteResponse };
  describeGroups: { request: DescribeGroupsRequest; response: DescribeGroupsResponse };
  listGroups: { request: ListGroupsRequest; response: ListGroupsResponse };
  consumerGroupHeartbeat: { request: ConsumerGroupHeartbeatRequest; response: ConsumerGroupHeartbeatResponse };
  consumerGroupDescribe: { request: ConsumerGroupDescribeRequest; response: ConsumerGroupDescribeResponse };
  shareGroupHeartbeat: { request: ShareGroupHeartbeatRequest; response: ShareGroupHeartbeatResponse };
  shareGroupDescribe: { request: ShareGroupDescribeRequest; response: ShareGroupDescribeResponse };
  streamsGroupHeartbeat: { request: StreamsGroupHeartbeatRequest; response: StreamsHeartbeatResult };
  streamsGroupDescribe: { request: StreamsGroupDescribeRequest; response: StreamsGroupDescribeResponse };
  deleteGroups: { request: DeleteGroupsRequest; response: DeleteGroupsResponse };
}

/** The name of a request. */
export type GroupRequestKind = keyof GroupRequests;

/** The request of a kind. */
export type GroupRequest<K extends GroupRequestKind> = GroupRequests[K]['request'];

/** The response of a kind. */
export type GroupResponse<K extends GroupRequestKind> = GroupRequests[K]['response'];
