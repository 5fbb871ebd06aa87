import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import { decodeElectionState, encodeElectionState } from './election-state.ts';

const DIRECTORY = 'Ze2x9l0QTEqmTUcm7IZwVA';

test('writes quorum-state as Kafka does, for both versions of the quorum', () => {
  const leader = { epoch: 3, leaderId: 1, votedKey: null };
  assert.equal(
    encodeElectionState(leader, 1, [1]),
    '{"leaderId":1,"leaderEpoch":3,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}',
  );
  assert.equal(
    encodeElectionState(leader, 0, [1, 2]),
    '{"clusterId":"","leaderId":1,"leaderEpoch":3,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1},{"voterId":2}],"data_version":0}',
  );
});

test('reads back what it wrote', () => {
  for (const [state, kraftVersion] of [
    [{ epoch: 3, leaderId: 1, votedKey: null }, 1],
    [{ epoch: 4, leaderId: null, votedKey: { id: 1, directoryId: DIRECTORY } }, 1],
    [{ epoch: 4, leaderId: null, votedKey: { id: 1, directoryId: null } }, 0],
    [{ epoch: 0, leaderId: null, votedKey: null }, 0],
  ] as const) {
    assert.deepEqual(decodeElectionState(encodeElectionState(state, kraftVersion, [1])), state);
  }
});

test('refuses what is not an election state', () => {
  for (const text of ['', '1', '{', '{"leaderId":1}', '{"data_version":2}', '{"leaderId":"1","data_version":0}']) {
    assert.throws(() => decodeElectionState(text), CorruptDataError);
  }
});
