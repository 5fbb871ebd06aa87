import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import { newGroupMetadataValue, newMemberMetadata } from '@skarab/protocol';
import { ClassicMember } from './classic-member.ts';
import { loadedMembers } from './loaded-members.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);

test('members come back with the protocol that was chosen, and copies of their bytes', () => {
  const subscription = bytes(1);
  const assignment = bytes(2);
  const identity = { memberId: 'm', groupInstanceId: 'i', clientId: 'c', clientHost: '/1.2.3.4' };
  const member = newMemberMetadata({ ...identity, sessionTimeout: 10, rebalanceTimeout: 20, subscription, assignment });
  const old = newMemberMetadata({ memberId: 'o', clientId: 'c', clientHost: '/h', sessionTimeout: 10 });
  const value = newGroupMetadataValue({ protocolType: 'consumer', protocol: 'range', members: [member, old] });
  const loaded = loadedMembers('g', value);
  subscription[0] = 9;
  assignment[0] = 9;
  const protocolType = 'consumer';
  const expected = new ClassicMember({ ...identity, protocolType }, 20, 10, [{ name: 'range', metadata: bytes(1) }]);
  expected.assignment = bytes(2);
  const oldIdentity = { memberId: 'o', groupInstanceId: null, clientId: 'c', clientHost: '/h', protocolType };
  // Version 0 has no rebalance timeout.
  const expectedOld = new ClassicMember(oldIdentity, 10, 10, [{ name: 'range', metadata: bytes() }]);
  expectedOld.assignment = bytes();
  assert.deepEqual(loaded, [expected, expectedOld]);
});

test('a checkpoint that no group can have is corrupt', () => {
  const one = newMemberMetadata({ memberId: 'm', groupInstanceId: 'i' });
  const two = newMemberMetadata({ memberId: 'n', groupInstanceId: 'i' });
  const checkpoints = [
    newGroupMetadataValue({ protocol: null, members: [one] }),
    newGroupMetadataValue({ protocol: 'range', members: [one, two] }),
    newGroupMetadataValue({ protocol: 'range', members: [one, { ...one, groupInstanceId: null }] }),
  ];
  for (const checkpoint of checkpoints) assert.throws(() => loadedMembers('g', checkpoint), CorruptDataError);
  assert.deepEqual(loadedMembers('g', newGroupMetadataValue()), []);
});
