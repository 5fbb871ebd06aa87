import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VoterSet } from '../voter-set.ts';
import { LeaderRole } from './leader.ts';

const setOf = (...ids: number[]): VoterSet =>
  new VoterSet(ids.map((id) => ({ key: key(id), endpoints: [], kraftVersions: { min: 0, max: 1 } })));
const key = (id: number) => ({ id, directoryId: `D${id}` });

const leaderOf = (epochStartOffset: number, ids: number[]): LeaderRole =>
  new LeaderRole({
    epoch: 4,
    epochStartOffset,
    local: { key: key(1), endpoints: [], kraftVersions: { min: 0, max: 1 } },
    voters: setOf(...ids),
    grantingVoterIds: ids,
    fetchTimeoutMs: 2000,
    nowMs: 0,
  });

test('the high watermark is what a majority has on disk, once this epoch is part of it', () => {
  const leader = leaderOf(10, [1, 2, 3]);
  const voters = setOf(1, 2, 3);
  assert.equal(leader.updateLocal(10, 12, voters), false);
  assert.equal(leader.updateLocal(12, 12, voters), false, 'one of three is no majority');
  assert.equal(leader.updateReplica(key(2), 1, 10), false, 'nothing of this epoch is committed yet');
  assert.equal(leader.updateReplica(key(3), 2, 11), true);
  assert.equal(leader.highWatermark, 11);
  assert.equal(leader.updateReplica(key(2), 3, 12), true);
  assert.equal(leader.highWatermark, 12);
});

test('an observer does not count, nor does a voter with another disk', () => {
  const leader = leaderOf(0, [1]);
  const voters = setOf(1, 2, 3);
  leader.updateLocal(5, 5, voters);
  leader.updateReplica(key(9), 1, 5);
  leader.updateReplica({ id: 2, directoryId: 'other' }, 1, 5);
  assert.equal(leader.highWatermark, null);
});

test('progress survives a change of voters', () => {
  const leader = leaderOf(0, [1]);
  leader.updateLocal(5, 5, setOf(1));
  assert.equal(leader.highWatermark, 5);
  leader.updateReplica(key(2), 1, 7);
  leader.updateLocal(8, 8, setOf(1, 2));
  assert.equal(leader.highWatermark, 7);
  leader.updateLocal(8, 8, setOf(1));
  assert.equal(leader.highWatermark, 8);
  assert.deepEqual(
    [...leader.observers(2)].map(({ key: { id } }) => id),
    [2],
  );
});
