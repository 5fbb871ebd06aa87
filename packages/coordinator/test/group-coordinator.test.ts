/**
 * What the transcripts do not show: loading from logs of others, several partitions, versions on the wire.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  apiCodecs,
  apiInfo,
  ErrorCode,
  encodeConsumerGroupMetadataKey,
  encodeConsumerGroupMetadataValue,
  encodeLegacyOffsetCommitKey,
  encodeLegacyOffsetCommitValue,
  errorName,
  GroupRecordType,
  newConsumerGroupMetadataKey,
  newConsumerGroupMetadataValue,
  newDeletableGroupResult,
  newDeleteGroupsRequest,
  newDeleteGroupsResponse,
  newDescribeGroupsRequest,
  newHeartbeatRequest,
  newHeartbeatResponse,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newJoinGroupResponse,
  newLeaveGroupRequest,
  newLegacyOffsetCommitKey,
  newLegacyOffsetCommitValue,
  newListedGroup,
  newListGroupsRequest,
  newListGroupsResponse,
  newMemberIdentity,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetDeleteRequest,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  newSyncGroupRequest,
  Writer,
} from '@skarab/protocol';
import { buildBatch, buildEndTransactionMarkerBatch, type SimpleRecord } from '@skarab/records';
import { type GroupRecord, groupMetadataRecord, offsetCommitRecord } from '../src/group/records/group-record.ts';
import { groupRecordSerde } from '../src/group/records/group-record-serde.ts';
import {
  errorResponse,
  type GroupRequestKind,
  type GroupResponse,
  type LoadEffect,
  offsetFetchGroups,
  offsetFetchResponse,
} from '../src/index.ts';
import { GroupHost } from './group-host.ts';

function recordOf(record: GroupRecord): SimpleRecord {
  return { timestamp: 1, ...groupRecordSerde.encode(record) };
}

function commitRecord(groupId: string, topic: string, partition: number, offset: bigint): SimpleRecord {
  const committed = { leaderEpoch: null, metadata: '', commitTimestampMs: 1, expireTimestampMs: null };
  return recordOf(
    offsetCommitRecord(groupId, topic, partition, {
      committedOffset: offset,
      ...committed,
      topicId: ZERO_UUID,
      recordOffset: -1,
    }),
  );
}

function rawRecord(
  type: number,
  writeKey: (writer: Writer) => void,
  writeValue: (writer: Writer) => void,
): SimpleRecord {
  const key = new Writer();
  key.int16(type);
  writeKey(key);
  const value = new Writer();
  value.int16(0);
  writeValue(value);
  return { timestamp: 1, key: key.toBytes(), value: value.toBytes() };
}

function append(host: GroupHost, ...records: SimpleRecord[]): void {
  host.appendBatch(buildBatch({ records, baseOffset: host.log().logEndOffset }));
  host.log().highWatermark = host.log().logEndOffset;
}

/** Everything a group has committed, as `topic:partition = offset` or `topic:partition ERROR`. */
function offsetsOf(host: GroupHost, groupId: string, requireStable = false): string[] {
  const group = newOffsetFetchRequestGroup({ groupId, topics: null });
  const { topics } = host.ask('offsetFetch', { group, requireStable });
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset, errorCode }) =>
      errorCode === 0
        ? `${name}:${partitionIndex} = ${committedOffset}`
        : `${name}:${partitionIndex} ${errorName(errorCode)}`,
    ),
  );
}

test('offsets of open transactions wait for their markers', () => {
  const host = new GroupHost();
  append(host, commitRecord('g', 't', 0, 1n), commitRecord('g', 't', 1, 1n));
  const transactional = { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true };
  const inTransaction = (producerId: number, ...records: SimpleRecord[]): void => {
    const baseOffset = host.log().logEndOffset;
    host.appendBatch(buildBatch({ records, ...transactional, producerId, baseOffset }));
  };
  const end = (producerId: number, type: 0 | 1): void => {
    const baseOffset = host.log().logEndOffset;
    const options = { baseOffset, timestamp: 1, coordinatorEpoch: 0, producerId, producerEpoch: 0, type };
    host.appendBatch(buildEndTransactionMarkerBatch(options));
  };
  inTransaction(7, commitRecord('g', 't', 0, 10n));
  inTransaction(8, commitRecord('g', 't', 1, 10n));
  inTransaction(9, commitRecord('g', 't', 0, 20n), commitRecord('only', 't', 5, 50n));
  host.log().highWatermark = host.log().logEndOffset;
  host.elect();
  assert.deepEqual(offsetsOf(host, 'g'), ['t:0 = 1', 't:1 = 1']);
  assert.deepEqual(offsetsOf(host, 'g', true), ['t:0 UNSTABLE_OFFSET_COMMIT', 't:1 UNSTABLE_OFFSET_COMMIT']);
  const topics = [newOffsetFetchRequestTopics({ name: 't', partitionIndexes: [5, 6] })];
  const some = { group: newOffsetFetchRequestGroup({ groupId: 'only', topics }), requireStable: true };
  assert.deepEqual(
    host.ask('offsetFetch', some).topics[0]!.partitions.map(({ errorCode }) => errorName(errorCode)),
    ['UNSTABLE_OFFSET_COMMIT', 'NONE'],
  );
  // A pending offset keeps its group from expiring.
  host.advance(host.config.offsetsRetentionCheckIntervalMs);
  const listed = host.ask('listGroups', newListGroupsRequest());
  assert.deepEqual(
    listed.groups.map(({ groupId }) => groupId),
    ['g', 'only'],
  );

  end(7, 1);
  append(host, commitRecord('g', 't', 1, 11n));
  end(8, 1);
  end(9, 0);
  host.log().highWatermark = host.log().logEndOffset;
  host.resign();
  host.elect();
  // The commit outside of a transaction came after the one of producer 8.
  assert.deepEqual(offsetsOf(host, 'g', true), ['t:0 = 10', 't:1 = 11']);
  assert.deepEqual(offsetsOf(host, 'only', true), []);
});

test('a tombstone takes pending offsets away too', () => {
  const host = new GroupHost();
  const options = { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true };
  host.appendBatch(buildBatch({ records: [commitRecord('g', 't', 0, 10n)], ...options }));
  host.log().highWatermark = 1;
  host.elect();
  assert.deepEqual(
    host.ask('deleteGroups', newDeleteGroupsRequest({ groupsNames: ['g'] })),
    newDeleteGroupsResponse({ results: [newDeletableGroupResult({ groupId: 'g' })] }),
  );
  const baseOffset = host.log().logEndOffset;
  const marker = { baseOffset, timestamp: 1, coordinatorEpoch: 0, producerId: 7, producerEpoch: 0 };
  host.appendBatch(buildEndTransactionMarkerBatch({ ...marker, type: 1 }));
  host.log().highWatermark = host.log().logEndOffset;
  host.restart();
  assert.deepEqual([offsetsOf(host, 'g'), host.ask('listGroups', newListGroupsRequest()).groups], [[], []]);
});

test('records of the oldest form and of unknown types are read', () => {
  const host = new GroupHost();
  const legacy = rawRecord(
    GroupRecordType.LEGACY_OFFSET_COMMIT,
    (writer) =>
      encodeLegacyOffsetCommitKey(writer, newLegacyOffsetCommitKey({ group: 'g', topic: 't', partition: 3 }), 0),
    (writer) => encodeLegacyOffsetCommitValue(writer, newLegacyOffsetCommitValue({ offset: 4n, metadata: 'm' }), 0),
  );
  const unknown = { timestamp: 1, key: Uint8Array.of(0, 99, 1), value: Uint8Array.of(1) };
  append(host, unknown, legacy);
  host.elect();
  assert.deepEqual(offsetsOf(host, 'g'), ['t:3 = 4']);
});

test('a group of a type that is not served is guarded and stays', () => {
  const host = new GroupHost({ config: { offsetsRetentionMinutes: 1 } });
  const consumerGroup = rawRecord(
    GroupRecordType.CONSUMER_GROUP_METADATA,
    (writer) => encodeConsumerGroupMetadataKey(writer, newConsumerGroupMetadataKey({ groupId: 'modern' }), 0),
    (writer) => encodeConsumerGroupMetadataValue(writer, newConsumerGroupMetadataValue({ epoch: 5 }), 0),
  );
  const member = {
    timestamp: 1,
    key: Uint8Array.of(0, GroupRecordType.CONSUMER_GROUP_MEMBER_METADATA, 0, 0),
    value: null,
  };
  append(host, commitRecord('modern', 't', 0, 1n), consumerGroup, member);
  host.elect();
  const before = host.log().logEndOffset;
  const groupId = 'modern';
  const protocols = [newJoinGroupRequestProtocol({ name: 'range' })];
  const join = newJoinGroupRequest({ groupId, sessionTimeoutMs: 10_000, protocolType: 'consumer', protocols });
  assert.deepEqual(
    host.ask('joinGroup', join),
    newJoinGroupResponse({ errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL, protocolName: null }),
  );
  const codes = [
    host.ask('syncGroup', newSyncGroupRequest({ groupId, protocolType: '', protocolName: '' })).errorCode,
    host.ask('heartbeat', newHeartbeatRequest({ groupId })).errorCode,
    host.ask('leaveGroup', newLeaveGroupRequest({ groupId, members: [newMemberIdentity()] })).members[0]!.errorCode,
    host.ask('offsetDelete', newOffsetDeleteRequest({ groupId })).errorCode,
    host.ask('deleteGroups', newDeleteGroupsRequest({ groupsNames: [groupId] })).results[0]!.errorCode,
    host.ask('describeGroups', newDescribeGroupsRequest({ groups: [groupId] })).groups[0]!.errorCode,
  ];
  assert.deepEqual(codes.map(errorName), [
    'UNKNOWN_MEMBER_ID',
    'UNKNOWN_MEMBER_ID',
    'UNKNOWN_MEMBER_ID',
    'NON_EMPTY_GROUP',
    'NON_EMPTY_GROUP',
    'GROUP_ID_NOT_FOUND',
  ]);
  host.advance(3 * host.config.offsetsRetentionCheckIntervalMs);
  assert.deepEqual(offsetsOf(host, 'modern'), ['t:0 = 1']);
  assert.deepEqual(
    host.ask('listGroups', newListGroupsRequest({ typesFilter: ['Consumer'] })),
    newListGroupsResponse({
      groups: [newListedGroup({ groupId, protocolType: 'consumer', groupState: 'Unknown', groupType: 'consumer' })],
    }),
  );
  assert.equal(host.log().logEndOffset, before);

  append(host, { ...consumerGroup, value: null });
  host.restart();
  assert.equal(host.ask('joinGroup', join).errorCode, ErrorCode.MEMBER_ID_REQUIRED);
});

test('a loaded group above its limit is sent into a rebalance', () => {
  const members = ['m1', 'm2', 'm3'].map((memberId) => ({
    ...{ memberId, groupInstanceId: null, clientId: memberId, clientHost: '/1.2.3.4' },
    ...{ rebalanceTimeoutMs: 5000, sessionTimeoutMs: 10_000 },
    subscription: Uint8Array.of(1),
    assignment: Uint8Array.of(2),
  }));
  const host = new GroupHost({ config: { maxSize: 2 } });
  const group = { groupId: 'g', protocolType: 'connect', protocolName: 'range', generationId: 4, leaderId: 'm1' };
  append(host, recordOf(groupMetadataRecord({ ...group, currentStateTimestampMs: 9, members })));
  host.elect();
  const described = host.ask('describeGroups', newDescribeGroupsRequest({ groups: ['g'] })).groups[0]!;
  assert.deepEqual([described.groupState, described.members.length], ['PreparingRebalance', 3]);
  const protocols = [newJoinGroupRequestProtocol({ name: 'range' })];
  const tokens = ['m2', 'm3', 'm1'].map((memberId) =>
    host.send(
      'joinGroup',
      newJoinGroupRequest({ groupId: 'g', memberId, sessionTimeoutMs: 10_000, protocolType: 'connect', protocols }),
    ),
  );
  host.advance(5000);
  const responses = tokens.map((token) => host.response('joinGroup', token)!);
  assert.deepEqual(
    responses.map((response) => `${errorName(response.errorCode)} ${response.generationId} ${response.leader}`),
    ['NONE 5 m2', 'NONE 5 m2', 'GROUP_MAX_SIZE_REACHED -1 '],
  );
});

test('while a partition loads, heartbeats are fine and nothing else is', () => {
  const host = new GroupHost();
  host.coordinator.onElected(0, 1);
  const { load } = host.coordinator.takeEffects()[0] as LoadEffect;
  assert.deepEqual(host.ask('heartbeat', newHeartbeatRequest({ groupId: 'g' })), newHeartbeatResponse());
  const codes = [
    host.ask('listGroups', newListGroupsRequest()).errorCode,
    host.ask('describeGroups', newDescribeGroupsRequest({ groups: ['g'] })).groups[0]!.errorCode,
    host.ask('leaveGroup', newLeaveGroupRequest({ groupId: 'g' })).errorCode,
    host.ask('offsetFetch', { group: newOffsetFetchRequestGroup({ groupId: 'g' }), requireStable: false }).errorCode,
  ];
  assert.deepEqual(new Set(codes.map(errorName)), new Set(['COORDINATOR_LOAD_IN_PROGRESS']));
  load.complete(0, 0, host.nowMs);
  assert.equal(host.ask('heartbeat', newHeartbeatRequest({ groupId: 'g' })).errorCode, ErrorCode.UNKNOWN_MEMBER_ID);
});

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
  leaveGroup: ApiKey.LEAVE_GROUP,
  offsetCommit: ApiKey.OFFSET_COMMIT,
  offsetFetch: ApiKey.OFFSET_FETCH,
  offsetDelete: ApiKey.OFFSET_DELETE,
  describeGroups: ApiKey.DESCRIBE_GROUPS,
  listGroups: ApiKey.LIST_GROUPS,
  deleteGroups: ApiKey.DELETE_GROUPS,
};

/** Fails unless the response can be written at the version. */
function encode(kind: GroupRequestKind, response: object, apiVersion: number): void {
  const message =
    kind === 'offsetFetch' ? offsetFetchResponse([response as GroupResponse<'offsetFetch'>], apiVersion) : response;
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
    leaveGroup: (version) => errorResponse('leaveGroup', newLeaveGroupRequest(), error, version),
    offsetCommit: (version) => errorResponse('offsetCommit', newOffsetCommitRequest({ topics }), error, version),
    offsetFetch: (version) => errorResponse('offsetFetch', { group, requireStable: false }, error, version),
    offsetDelete: (version) => errorResponse('offsetDelete', newOffsetDeleteRequest(), error, version),
    describeGroups: (version) =>
      errorResponse('describeGroups', newDescribeGroupsRequest({ groups: ['g'] }), error, version),
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
