/**
 * Requests over several partitions, and responses on the wire at every version.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import {
  ApiKey,
  apiCodecs,
  apiInfo,
  ErrorCode,
  errorName,
  newConsumerGroupDescribeRequest,
  newConsumerGroupHeartbeatRequest,
  newDeleteGroupsRequest,
  newDeleteGroupsResponse,
  newDescribeGroupsRequest,
  newHeartbeatRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newLeaveGroupRequest,
  newListGroupsRequest,
  newMemberIdentity,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetDeleteRequest,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  newShareGroupDescribeRequest,
  newShareGroupHeartbeatRequest,
  newStreamsGroupDescribeRequest,
  newStreamsGroupHeartbeatRequest,
  newSyncGroupRequest,
  newTxnOffsetCommitRequest,
  Writer,
} from '@skarab/protocol';
import {
  errorResponse,
  type GroupRequestKind,
  type GroupResponse,
  offsetFetchGroups,
  offsetFetchResponse,
} from '../src/index.ts';
import { GroupHost } from './group-host.ts';

test('requests about several groups are put together over their partitions', () => {
  const host = new GroupHost({ partitionCount: 3 });
  for (const partition of [0, 1]) host.elect(partition);
  const groupsNames = ['a', 'b', 'c', 'd'];
  assert.deepEqual(
    groupsNames.map((groupId) => host.coordinator.partitionFor(groupId)),
    [1, 2, 0, 1],
  );
  for (const groupId of groupsNames) {
    const partitions = [newOffsetCommitRequestPartition({ committedOffset: 1n })];
    host.ask(
      'offsetCommit',
      newOffsetCommitRequest({ groupId, topics: [newOffsetCommitRequestTopic({ partitions })] }),
    );
  }
  const listed = host.ask('listGroups', newListGroupsRequest());
  assert.deepEqual(listed.groups.map(({ groupId }) => groupId).sort(), ['a', 'c', 'd']);
  const described = host.ask('describeGroups', newDescribeGroupsRequest({ groups: groupsNames }), { apiVersion: 6 });
  assert.deepEqual(
    described.groups.map(({ groupId, groupState, errorCode }) => [groupId, groupState, errorName(errorCode)]),
    [
      ['a', 'Empty', 'NONE'],
      ['b', '', 'NOT_COORDINATOR'],
      ['c', 'Empty', 'NONE'],
      ['d', 'Empty', 'NONE'],
    ],
  );
  const deleted = host.ask('deleteGroups', newDeleteGroupsRequest({ groupsNames: ['d', 'b', 'x', 'd', 'a'] }));
  assert.deepEqual(
    deleted.results.map(({ groupId, errorCode }) => [groupId, errorName(errorCode)]),
    [
      ['d', 'NONE'],
      ['b', 'NOT_COORDINATOR'],
      ['x', 'GROUP_ID_NOT_FOUND'],
      ['a', 'NONE'],
    ],
  );
  assert.deepEqual(host.ask('deleteGroups', newDeleteGroupsRequest()), newDeleteGroupsResponse());
});

test('no group is empty in name only where groups must have names', () => {
  const host = new GroupHost();
  host.elect();
  const codes = [
    host.ask('joinGroup', newJoinGroupRequest()).errorCode,
    host.ask('syncGroup', newSyncGroupRequest({ protocolType: '', protocolName: '' })).errorCode,
    host.ask('heartbeat', newHeartbeatRequest()).errorCode,
    host.ask('leaveGroup', newLeaveGroupRequest()).errorCode,
    host.ask('offsetDelete', newOffsetDeleteRequest()).errorCode,
  ];
  assert.deepEqual(new Set(codes.map(errorName)), new Set(['INVALID_GROUP_ID']));
  const unnamed = host.ask('syncGroup', newSyncGroupRequest({ groupId: 'g' }), { apiVersion: 5 });
  assert.equal(unnamed.errorCode, ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
});

const apiKeys: Readonly<Record<GroupRequestKind, ApiKey>> = {
  joinGroup: ApiKey.JOIN_GROUP,
  syncGroup: ApiKey.SYNC_GROUP,
  heartbeat: ApiKey.HEARTBEAT,
  shareGroupHeartbeat: ApiKey.SHARE_GROUP_HEARTBEAT,
  shareGroupDescribe: ApiKey.SHARE_GROUP_DESCRIBE,
  leaveGroup: ApiKey.LEAVE_GROUP,
  offsetCommit: ApiKey.OFFSET_COMMIT,
  txnOffsetCommit: ApiKey.TXN_OFFSET_COMMIT,
  offsetFetch: ApiKey.OFFSET_FETCH,
  offsetDelete: ApiKey.OFFSET_DELETE,
  describeGroups: ApiKey.DESCRIBE_GROUPS,
  listGroups: ApiKey.LIST_GROUPS,
  deleteGroups: ApiKey.DELETE_GROUPS,
  consumerGroupHeartbeat: ApiKey.CONSUMER_GROUP_HEARTBEAT,
  consumerGroupDescribe: ApiKey.CONSUMER_GROUP_DESCRIBE,
  streamsGroupHeartbeat: ApiKey.STREAMS_GROUP_HEARTBEAT,
  streamsGroupDescribe: ApiKey.STREAMS_GROUP_DESCRIBE,
};

/** Fails unless the response can be written at the version. */
function encode(kind: GroupRequestKind, response: object, apiVersion: number): void {
  const message =
    kind === 'offsetFetch'
      ? offsetFetchResponse([response as GroupResponse<'offsetFetch'>], apiVersion)
      : kind === 'streamsGroupHeartbeat'
        ? (response as GroupResponse<'streamsGroupHeartbeat'>).response
        : response;
  apiCodecs.get(apiKeys[kind])!.response.encode(new Writer(), message, apiVersion);
}

function versionsOf(kind: GroupRequestKind): number[] {
  const { min, max } = apiInfo(apiKeys[kind])!.validVersions;
  return Array.from({ length: max - min + 1 }, (_none, index) => min + index);
}

test('every response can be written at every version of its request', () => {
  for (const apiVersion of versionsOf('joinGroup')) {
    const host = new GroupHost({ config: { initialRebalanceDelayMs: 0 } });
    host.elect();
    const protocols = [newJoinGroupRequestProtocol({ name: 'range', metadata: Buffer.from('x') })];
    const timeouts = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 };
    const base = { groupId: 'g', ...timeouts, protocolType: 'consumer', protocols };
    const groupInstanceId = apiVersion >= 5 ? 'i' : null;
    const first = host.send('joinGroup', newJoinGroupRequest({ ...base, groupInstanceId }), { apiVersion });
    host.advance(0);
    const joined = host.response('joinGroup', first)!;
    encode('joinGroup', joined, apiVersion);
    if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) continue;
    const { memberId } = joined;
    const sync = newSyncGroupRequest({ groupId: 'g', memberId, groupInstanceId, generationId: 1 });
    host.ask('syncGroup', sync, { apiVersion: 4 });
    if (groupInstanceId !== null)
      encode(
        'joinGroup',
        host.ask('joinGroup', newJoinGroupRequest({ ...base, groupInstanceId }), { apiVersion }),
        apiVersion,
      );
    encode('joinGroup', host.ask('joinGroup', newJoinGroupRequest({ groupId: 'g' }), { apiVersion }), apiVersion);
  }

  const host = new GroupHost();
  host.elect();
  const topics = [
    newOffsetCommitRequestTopic({
      name: 't',
      topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
      partitions: [newOffsetCommitRequestPartition()],
    }),
  ];
  for (const apiVersion of versionsOf('offsetCommit'))
    encode(
      'offsetCommit',
      host.ask('offsetCommit', newOffsetCommitRequest({ groupId: 'g', topics }), { apiVersion }),
      apiVersion,
    );
  for (const apiVersion of versionsOf('offsetFetch')) {
    const topicsOfV1 = apiVersion === 1 ? [] : null;
    const groups = [newOffsetFetchRequestGroup({ groupId: 'g', topics: null })];
    const request = newOffsetFetchRequest({ groupId: 'g', topics: topicsOfV1, groups });
    for (const group of offsetFetchGroups(request, apiVersion))
      encode('offsetFetch', host.ask('offsetFetch', { group, requireStable: false }, { apiVersion }), apiVersion);
  }
  for (const apiVersion of versionsOf('describeGroups')) {
    const groups = ['g', 'nobody'];
    encode(
      'describeGroups',
      host.ask('describeGroups', newDescribeGroupsRequest({ groups }), { apiVersion }),
      apiVersion,
    );
  }
  for (const apiVersion of versionsOf('listGroups'))
    encode('listGroups', host.ask('listGroups', newListGroupsRequest(), { apiVersion }), apiVersion);
  for (const apiVersion of versionsOf('leaveGroup')) {
    const request = newLeaveGroupRequest({ groupId: 'g', memberId: 'm', members: [newMemberIdentity()] });
    const response = host.ask('leaveGroup', request, { apiVersion });
    encode('leaveGroup', response, apiVersion);
    assert.equal(response.members.length, apiVersion < 3 ? 0 : 1);
    assert.equal(errorName(response.errorCode), apiVersion < 3 ? 'UNKNOWN_MEMBER_ID' : 'NONE');
  }
});

test('errors can be written at every version, and say null or nothing as each version wants', () => {
  const error = ErrorCode.GROUP_AUTHORIZATION_FAILED;
  const group = newOffsetFetchRequestGroup({
    groupId: 'g',
    topics: [newOffsetFetchRequestTopics({ name: 't', partitionIndexes: [0] })],
  });
  const topics = [newOffsetCommitRequestTopic({ name: 't', partitions: [newOffsetCommitRequestPartition()] })];
  const errors: { [K in GroupRequestKind]: (apiVersion: number) => GroupResponse<K> } = {
    joinGroup: (version) => errorResponse('joinGroup', newJoinGroupRequest(), error, version),
    syncGroup: (version) => errorResponse('syncGroup', newSyncGroupRequest(), error, version),
    heartbeat: (version) => errorResponse('heartbeat', newHeartbeatRequest(), error, version),
    shareGroupHeartbeat: (version) =>
      errorResponse('shareGroupHeartbeat', newShareGroupHeartbeatRequest(), error, version),
    shareGroupDescribe: (version) =>
      errorResponse('shareGroupDescribe', newShareGroupDescribeRequest({ groupIds: ['g'] }), error, version),
    leaveGroup: (version) => errorResponse('leaveGroup', newLeaveGroupRequest(), error, version),
    offsetCommit: (version) => errorResponse('offsetCommit', newOffsetCommitRequest({ topics }), error, version),
    txnOffsetCommit: (version) =>
      errorResponse(
        'txnOffsetCommit',
        { commit: newTxnOffsetCommitRequest(), verificationGuard: null },
        error,
        version,
      ),
    offsetFetch: (version) => errorResponse('offsetFetch', { group, requireStable: false }, error, version),
    offsetDelete: (version) => errorResponse('offsetDelete', newOffsetDeleteRequest(), error, version),
    describeGroups: (version) =>
      errorResponse('describeGroups', newDescribeGroupsRequest({ groups: ['g'] }), error, version),
    consumerGroupHeartbeat: (version) =>
      errorResponse('consumerGroupHeartbeat', newConsumerGroupHeartbeatRequest(), error, version),
    consumerGroupDescribe: (version) =>
      errorResponse('consumerGroupDescribe', newConsumerGroupDescribeRequest({ groupIds: ['g'] }), error, version),
    streamsGroupHeartbeat: (version) =>
      errorResponse('streamsGroupHeartbeat', newStreamsGroupHeartbeatRequest(), error, version),
    streamsGroupDescribe: (version) =>
      errorResponse('streamsGroupDescribe', newStreamsGroupDescribeRequest({ groupIds: ['g'] }), error, version),
    listGroups: (version) => errorResponse('listGroups', newListGroupsRequest(), error, version),
    deleteGroups: (version) =>
      errorResponse('deleteGroups', newDeleteGroupsRequest({ groupsNames: ['g'] }), error, version),
  };
  for (const kind of Object.keys(errors) as GroupRequestKind[])
    for (const apiVersion of versionsOf(kind)) encode(kind, errors[kind](apiVersion), apiVersion);
  assert.deepEqual([errors.joinGroup(6).protocolName, errors.joinGroup(7).protocolName], ['', null]);
  assert.deepEqual(
    [errors.offsetFetch(1), errors.offsetFetch(2)].map(({ errorCode, topics: asked }) => [errorCode, asked.length]),
    [
      [0, 1],
      [error, 0],
    ],
  );
});
