import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaderEpochs } from './leader-epochs.ts';

function epochsOf(...entries: [number, number][]): { epochs: LeaderEpochs; changes: () => number } {
  let changes = 0;
  const epochs = new LeaderEpochs(
    () => changes++,
    entries.map(([epoch, startOffset]) => ({ epoch, startOffset })),
  );
  return { epochs, changes: () => changes };
}

const listOf = (epochs: LeaderEpochs): [number, number][] =>
  epochs.entries.map(({ epoch, startOffset }) => [epoch, startOffset]);

test('an epoch is entered once, and replaces what contradicts it', () => {
  const { epochs, changes } = epochsOf();
  epochs.assign(0, 0);
  epochs.assign(0, 5);
  epochs.assign(2, 10);
  assert.deepEqual(listOf(epochs), [
    [0, 0],
    [2, 10],
  ]);
  assert.equal(changes(), 2);
  epochs.assign(3, 10);
  assert.deepEqual(listOf(epochs), [
    [0, 0],
    [3, 10],
  ]);
  epochs.assign(4, 3);
  assert.deepEqual(listOf(epochs), [
    [0, 0],
    [4, 3],
  ]);
  epochs.assign(1, 7);
  assert.deepEqual(listOf(epochs), [
    [0, 0],
    [1, 7],
  ]);
  epochs.assign(1, 2);
  assert.deepEqual(listOf(epochs), [
    [0, 0],
    [1, 2],
  ]);
});

test('an epoch ends where the next one begins', () => {
  const { epochs } = epochsOf([2, 10], [4, 20], [7, 30]);
  const ends = [-1, 0, 2, 3, 4, 6, 7, 8].map((epoch) => epochs.endOffsetFor(epoch, 99));
  assert.deepEqual(ends, [
    null,
    { epoch: 0, endOffset: 10 },
    { epoch: 2, endOffset: 20 },
    { epoch: 2, endOffset: 20 },
    { epoch: 4, endOffset: 30 },
    { epoch: 4, endOffset: 30 },
    { epoch: 7, endOffset: 99 },
    null,
  ]);
  assert.equal(epochsOf().epochs.endOffsetFor(0, 99), null);
  assert.deepEqual(
    [9, 10, 19, 20, 500].map((offset) => epochs.epochForOffset(offset)),
    [null, 2, 2, 4, 7],
  );
});

test('epochs follow the log when it is cut', () => {
  const { epochs, changes } = epochsOf([2, 10], [4, 20], [7, 30]);
  epochs.truncateFromEnd(31);
  epochs.truncateFromStart(9);
  assert.equal(changes(), 0);
  epochs.truncateFromEnd(30);
  assert.deepEqual(listOf(epochs), [
    [2, 10],
    [4, 20],
  ]);
  epochs.truncateFromStart(15);
  assert.deepEqual(listOf(epochs), [
    [2, 15],
    [4, 20],
  ]);
  epochs.truncateFromStart(20);
  assert.deepEqual(listOf(epochs), [[4, 20]]);
  epochs.truncateFromStart(25);
  assert.deepEqual(listOf(epochs), [[4, 25]]);
  assert.equal(changes(), 4);
  epochs.clear();
  epochs.clear();
  assert.equal(changes(), 5);
  assert.equal(epochs.latestEpoch, null);
});
