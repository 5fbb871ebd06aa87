import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlHistory } from './control-history.ts';
import { VoterSet } from './voter-set.ts';

const setOf = (...ids: number[]): VoterSet =>
  VoterSet.static(
    'CONTROLLER',
    ids.map((id) => ({ id, host: 'localhost', port: 9093 })),
  );

test('the configured voters count until the log names others', () => {
  const history = new ControlHistory(setOf(1));
  assert.deepEqual([history.voters.ids, history.votersOffset, history.kraftVersion], [[1], null, 0]);
  history.replay(5, { type: 'KraftVersion', version: 1 });
  history.replay(6, { type: 'Voters', voters: setOf(1, 2) });
  assert.deepEqual([history.voters.ids, history.votersOffset, history.kraftVersion], [[1, 2], 6, 1]);
  assert.equal(history.votersAt(5), undefined);
  assert.equal(history.kraftVersionAt(5), 1);
  assert.equal(history.kraftVersionAt(4), 0);
});

test('cutting the log takes back what it said', () => {
  const history = new ControlHistory(setOf(1));
  history.replay(6, { type: 'Voters', voters: setOf(1, 2) });
  history.replay(9, { type: 'Voters', voters: setOf(1, 2, 3) });
  history.truncateFrom(9);
  assert.deepEqual(history.voters.ids, [1, 2]);
  history.truncateFrom(6);
  assert.deepEqual(history.voters.ids, [1]);
});

test('a snapshot keeps the newest entry it covers', () => {
  const history = new ControlHistory();
  for (const offset of [1, 4, 8]) history.replay(offset, { type: 'Voters', voters: setOf(offset) });
  history.truncateBefore(5);
  assert.equal(history.votersAt(3), undefined);
  assert.deepEqual(history.votersAt(5)?.ids, [4]);
  assert.deepEqual(history.voters.ids, [8]);
});
