import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Samples } from './samples.ts';
import { ratioOf, summarize } from './summary.ts';

test('a summary is the smallest, the median and the largest', () => {
  assert.equal(summarize([]), undefined);
  assert.deepEqual(summarize([7]), { count: 1, min: 7, median: 7, max: 7 });
  assert.deepEqual(summarize([10, 2, 9]), { count: 3, min: 2, median: 9, max: 10 });
  assert.deepEqual(summarize([10, 2, 9, 4]), { count: 4, min: 2, median: 6.5, max: 10 });
});

test('a ratio is one of medians, and absent where it would say nothing', () => {
  const [six, two, zero] = [summarize([5, 6, 7]), summarize([2]), summarize([0])];
  assert.equal(ratioOf(six, two), 3);
  assert.equal(ratioOf(six, zero), undefined);
  assert.equal(ratioOf(six, undefined), undefined);
  assert.equal(ratioOf(undefined, two), undefined);
});

test('quantiles are samples by nearest rank', () => {
  const samples = new Samples();
  assert.equal(samples.at(0.5), Number.NaN);
  for (let i = 100; i >= 1; i--) samples.add(i);
  assert.deepEqual(
    [0, 0.01, 0.5, 0.99, 0.999, 1].map((q) => samples.at(q)),
    [1, 1, 50, 99, 100, 100],
  );
  samples.add(1000);
  assert.equal(samples.at(1), 1000);
});

test('samples grow beyond their first capacity', () => {
  const samples = new Samples();
  for (let i = 0; i < 200_000; i++) samples.add(200_000 - i);
  assert.deepEqual([samples.count, samples.at(0.5), samples.at(1)], [200_000, 100_000, 200_000]);
});
