/**
 * What a coordinator makes of a log: transactions, old and unknown records, groups of other types.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZERO_UUID } from '@skarab/base';
import {
  ErrorCode,
  encodeLegacyOffsetCommitKey,
  encodeLegacyOffsetCommitValue,
  errorName,
  GroupRecordType,
  newDeletableGroupResult,
  newDeleteGroupsRequest,
  newDeleteGroupsResponse,
  newDescribeGroupsRequest,
  newHeartbeatRequest,
  newHeartbeatResponse,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newLeaveGroupRequest,
  newLegacyOffsetCommitKey,
  newLegacyOffsetCommitValue,
  newListGroupsRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  Writer,
} from '@skarab/protocol';
import { buildBatch, buildEndTransactionMarkerBatch, type SimpleRecord } from '@skarab/records';
import { type GroupRecord, groupMetadataRecord, offsetCommitRecord } from '../src/group/records/group-record.ts';
import { groupRecordSerde } from '../src/group/records/group-record-serde.ts';
import type { LoadEffect } from '../src/index.ts';
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
