import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import { GroupRecordType } from '@skarab/protocol';
import {
  type GroupRecord,
  groupMetadataRecord,
  groupMetadataTombstone,
  newGroupRecord,
  offsetCommitRecord,
  offsetCommitTombstone,
} from './group-record.ts';
import { groupRecordSerde } from './group-record-serde.ts';

const offset = {
  committedOffset: 9_223_372_036_854_775_807n,
  leaderEpoch: 3,
  metadata: 'née',
  commitTimestampMs: 1_700_000_000_000,
  expireTimestampMs: null,
  topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
  recordOffset: -1,
};

const member = {
  ...{ memberId: 'm', groupInstanceId: 'i', clientId: 'c', clientHost: '/1.2.3.4' },
  ...{ rebalanceTimeoutMs: 1, sessionTimeoutMs: 2 },
  subscription: Uint8Array.of(1),
  assignment: Uint8Array.of(2, 3),
};

/** Key and value in hexadecimal. */
function hexOf(record: GroupRecord): [string, string | null] {
  const { key, value } = groupRecordSerde.encode(record);
  return [Buffer.from(key).toString('hex'), value === null ? null : Buffer.from(value).toString('hex')];
}

test('records are written as Kafka writes them', () => {
  assert.deepEqual(hexOf(offsetCommitRecord('g', 't', 1, offset)), [
    '00010001670001740000' + '0001',
    '0004' +
      '7fffffffffffffff' +
      '00000003' +
      '056ec3a965' +
      '0000018bcfe56800' +
      '01' +
      '00' +
      '10' +
      '00'.repeat(15) +
      '01',
  ]);
  assert.deepEqual(hexOf(offsetCommitRecord('g', 't', 1, { ...offset, leaderEpoch: null, expireTimestampMs: 5n })), [
    '00010001670001740000' + '0001',
    '0001' + '7fffffffffffffff' + '00046ec3a965' + '0000018bcfe56800' + '0000000000000005',
  ]);
  assert.deepEqual(hexOf(offsetCommitTombstone('g', 't', 1)), ['000100016700017400000001', null]);
  const group = { groupId: 'g', protocolType: 'consumer', protocolName: 'range', generationId: 2, leaderId: 'm' };
  assert.deepEqual(hexOf(groupMetadataRecord({ ...group, currentStateTimestampMs: null, members: [member] })), [
    '0002000167',
    '0003' +
      '0008636f6e73756d6572' +
      '00000002' +
      '000572616e6765' +
      '00016d' +
      'ffffffffffffffff' +
      '00000001' +
      '00016d' +
      '000169' +
      '000163' +
      '00082f312e322e332e34' +
      '00000001' +
      '00000002' +
      '0000000101' +
      '000000020203',
  ]);
  assert.deepEqual(hexOf(newGroupRecord('g', 7)), [
    '0002000167',
    '0003' + '0000' + '00000000' + 'ffff' + 'ffff' + '0000000000000007' + '00000000',
  ]);
  assert.deepEqual(hexOf(groupMetadataTombstone('g')), ['0002000167', null]);
});

test('what is written is read', () => {
  const group = { groupId: 'g', protocolType: 'x', protocolName: 'y', generationId: 2, leaderId: 'm' };
  const records = [
    offsetCommitRecord('g', 't', 1, offset),
    offsetCommitRecord('g', 't', 1, {
      ...offset,
      leaderEpoch: null,
      topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
      expireTimestampMs: 5n,
    }),
    offsetCommitTombstone('g', 't', 1),
    groupMetadataRecord({ ...group, currentStateTimestampMs: 8, members: [] }),
  ];
  for (const record of records) {
    const { key, value } = groupRecordSerde.encode(record);
    const read = groupRecordSerde.decode(key, value);
    assert.deepEqual(read, value === null ? { ...record, valueVersion: 4 } : record);
  }
});

test('every type of Kafka is known', () => {
  const types = Object.values(GroupRecordType).map((type) => {
    const record = groupRecordSerde.decode(Uint8Array.of(0, type, 0, 1, 103, 0, 1, 116, 0, 0, 0, 0), null);
    return typeof record === 'number' ? 'unknown' : record.type;
  });
  assert.deepEqual(
    Object.fromEntries([...Map.groupBy(types, (type) => type)].map(([type, all]) => [type, all.length])),
    {
      ...{ offsetCommit: 2, groupMetadata: 1 },
      ...{ consumerGroupMetadata: 1, consumerGroupPartitionMetadata: 1, consumerGroupMemberMetadata: 1 },
      ...{ consumerGroupTargetAssignmentMetadata: 1, consumerGroupTargetAssignmentMember: 1 },
      ...{ consumerGroupCurrentMemberAssignment: 1, consumerGroupRegularExpression: 1 },
      ...{ shareGroupMetadata: 1, shareGroupMemberMetadata: 1, shareGroupStatePartitionMetadata: 1 },
      ...{ shareGroupTargetAssignmentMetadata: 1, shareGroupTargetAssignmentMember: 1 },
      shareGroupCurrentMemberAssignment: 1,
      ...{ streamsGroupMetadata: 1, streamsGroupTopology: 1, streamsGroupMemberMetadata: 1 },
      ...{ streamsGroupTargetAssignmentMetadata: 1, streamsGroupTargetAssignmentMember: 1 },
      ...{ streamsGroupCurrentMemberAssignment: 1 },
    },
  );
  assert.equal(groupRecordSerde.decode(Uint8Array.of(0, 9), null), 9);
});

test('damaged records are refused', () => {
  const key = Uint8Array.of(0, GroupRecordType.GROUP_METADATA, 0, 1, 103);
  const damaged: [Uint8Array, Uint8Array | null][] = [
    [Uint8Array.of(0), null],
    [key.subarray(0, 4), null],
    [key, Uint8Array.of(0)],
    [key, Uint8Array.of(0, 5)],
    [key, Uint8Array.of(255, 255)],
    [key, Uint8Array.of(0, 3, 0, 9)],
  ];
  for (const [damagedKey, value] of damaged)
    assert.throws(() => groupRecordSerde.decode(damagedKey, value), CorruptDataError);
});
