import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareOffsetAndEpoch, parseSnapshotFileName, snapshotName } from './offset-and-epoch.ts';

test('snapshots are named as Kafka names them', () => {
  const id = { offset: 101, epoch: 2 };
  assert.equal(snapshotName(id), '00000000000000000101-0000000002');
  assert.deepEqual(parseSnapshotFileName('00000000000000000101-0000000002.checkpoint'), { id, state: 'finished' });
  const partial = '00000000000000000101-0000000002-7161208354372189.checkpoint.part';
  assert.deepEqual(parseSnapshotFileName(partial), { id, state: 'partial' });
  assert.deepEqual(parseSnapshotFileName('00000000000000000101-0000000002.checkpoint.deleted'), {
    id,
    state: 'deleted',
  });
  for (const name of ['bootstrap.checkpoint', '00000000000000000101.log', '101-2.checkpoint', 'quorum-state']) {
    assert.equal(parseSnapshotFileName(name), null);
  }
});

test('orders by offset before epoch', () => {
  const ids = [
    { offset: 5, epoch: 1 },
    { offset: 4, epoch: 9 },
    { offset: 5, epoch: 0 },
  ];
  assert.deepEqual(
    ids.sort(compareOffsetAndEpoch).map(({ offset, epoch }) => `${offset}-${epoch}`),
    ['4-9', '5-0', '5-1'],
  );
});
